// Line mode whatever the handler does with a line: every way to read, pauses, pumping, answers.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TWSocketClient } from '../../lib';
import { connect, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { accepted, turns } from './accepted';

type Reader = (client: TWSocketClient, whole: boolean) => Buffer;

// ReceiveStr is for text: the rest of a line whose first bytes were taken may begin inside a character.
const text: Reader = (client, whole) =>
  whole ? Buffer.from(client.ReceiveStr()) : Buffer.from(client.ReceiveStrA(), 'latin1');

const readers: Record<string, Reader> = {
  ReceiveStr: text,
  ReceiveStrA: (client) => Buffer.from(client.ReceiveStrA(), 'latin1'),
  ReceiveTB: (client) => client.ReceiveTB(),
  'ReceiveTB(2)': (client) => client.ReceiveTB(2),
  Receive: (client) => {
    const part = Buffer.alloc(3);
    return part.subarray(0, Math.max(client.Receive(part), 0));
  },
  'PeekData, ReceiveStr': (client, whole) => {
    client.PeekData(Buffer.alloc(2));
    return text(client, whole);
  },
  'Pause, ReceiveStr': (client, whole) => {
    client.Pause();
    setImmediate(() => client.Resume());
    return text(client, whole);
  },
  'ReceiveStr, ProcessMessages': (client, whole) => {
    const line = text(client, whole);
    client.ProcessMessages();
    return line;
  },
  'ReceiveStr, SendStr': (client, whole) => {
    const line = text(client, whole);
    client.SendStr('.');
    return line;
  },
};

describe('A line handler', () => {
  it('[H-20] gets every byte once, whatever it does with each line', async function () {
    this.timeout(60_000);
    const server = await attackedServer();
    let session = { plan: [] as string[], parts: [] as Buffer[], connected: false, closed: false };
    server.OnClientConnect = (_server, client) => {
      const current = session;
      let calls = 0;
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const name = current.plan[calls++ % current.plan.length]!;
        const whole = current.parts.at(-1)?.at(-1) === 10 || current.parts.length === 0;
        const at = current.parts.push(Buffer.alloc(0)) - 1;
        current.parts[at] = readers[name]!(client, whole);
      };
      client.OnSessionClosed = () => {
        current.closed = true;
      };
      current.connected = true;
    };
    const plans = fc.array(fc.constantFrom(...Object.keys(readers)), {
      minLength: 1,
      maxLength: 6,
    });
    const line = fc.oneof(
      fc.string({ maxLength: 10 }).map((text) => text.replace(/[\r\n]/g, '') + '\r\n'),
      fc.constantFrom('\r\n', 'é€\r\n', '😀 smile\r\n', 'x'.repeat(300) + '\r\n'),
    );
    const texts = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('') + 'rest');
    await fc.assert(
      fc.asyncProperty(
        plans,
        texts,
        fc.array(fc.nat(800), { maxLength: 5 }),
        async (plan, text, cuts) => {
          const current = { plan, parts: [] as Buffer[], connected: false, closed: false };
          session = current;
          const peer = await connect(server);
          await waitFor(() => current.connected, 'the connection');
          const bytes = Buffer.from(text);
          let start = 0;
          for (const end of cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b)) {
            if (end > start) peer.write(bytes.subarray(start, end));
            start = Math.max(start, end);
            await turns();
          }
          peer.socket.end(bytes.subarray(start));
          await waitFor(() => current.closed, 'OnSessionClosed');

          assert.equal(Buffer.concat(current.parts).toString(), text);
          for (const part of current.parts) {
            const end = part.indexOf('\n');
            assert.ok(end < 0 || end === part.length - 1, `two lines in one: ${part.toString()}`);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('[WS-72] is called again for the rest of a line that it reads later, bit by bit', async () => {
    const parts: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnDataAvailable = () => {
        setImmediate(() => {
          const part = Buffer.alloc(2);
          parts.push(part.toString('latin1', 0, newClient.Receive(part)));
        });
      };
    });
    peer.write('12345\r\n');
    await waitFor(() => parts.join('').length === 7, 'the whole line');
    assert.deepEqual(parts, ['12', '34', '5\r', '\n']);
    assert.equal(client.LineLength, 0);
  });

  it('[WS-71] is called for the next line when the one it had left is read outside', async () => {
    const lines: string[] = [];
    let calls = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnDataAvailable = () => {
        if (++calls > 2) lines.push(newClient.ReceiveStr());
      };
    });
    peer.write('one\r\n');
    await waitFor(() => calls === 1, 'the first line');
    peer.write('two\r\n');
    await waitFor(() => calls === 2, 'the call for more input');
    assert.equal(client.ReceiveStr(), 'one\r\n');
    await waitFor(() => lines.length > 0, 'the second line');
    assert.deepEqual(lines, ['two\r\n']);
  });
});
