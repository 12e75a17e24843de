// LineMode switched while bytes are buffered: nothing is lost, nothing comes twice.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TWSocketClient } from '../../lib';
import { connect, drained, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { accepted, acceptedByHand, receiveStrings, turns } from './accepted';

/** Reads frames "<length> CR LF <bytes>": the length in line mode, the bytes in raw mode. */
class FrameReader {
  readonly frames: Buffer[] = [];
  #body = Buffer.alloc(0);
  #filled = 0;

  constructor(client: TWSocketClient) {
    client.LineMode = true;
    client.OnDataAvailable = () => {
      if (client.LineMode) this.#header(client);
      else this.#bytes(client);
    };
  }

  #header(client: TWSocketClient): void {
    this.#body = Buffer.alloc(Number(client.ReceiveStr()));
    this.#filled = 0;
    if (this.#body.length === 0) this.frames.push(this.#body);
    else client.LineMode = false;
  }

  #bytes(client: TWSocketClient): void {
    const count = client.Receive(this.#body.subarray(this.#filled));
    if (count <= 0) return;
    this.#filled += count;
    if (this.#filled < this.#body.length) return;
    this.frames.push(this.#body);
    client.LineMode = true;
  }
}

describe('Switching LineMode', () => {
  it('[WSS-59][WS-78] off in the handler delivers the rest of the packet raw and complete', async () => {
    let lines = 0;
    const parts: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        parts.push(client.ReceiveStr());
        if (++lines === 1) client.LineMode = false;
      };
    });
    peer.write('one\r\ntwo\r\nraw \x00 bytes');
    await waitFor(() => parts.join('').length === 21, 'everything');
    await drained();
    assert.equal(parts[0], 'one\r\n');
    assert.equal(parts.slice(1).join(''), 'two\r\nraw \x00 bytes');
  });

  it('[WS-78] off before the line is read delivers the line and the rest once', async () => {
    let calls = 0;
    const parts: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(calls++ === 0 ? 2 : 100);
        client.LineMode = false;
        parts.push(part.toString('latin1', 0, Math.max(client.Receive(part), 0)));
      };
    });
    peer.write('line\r\nrest');
    await waitFor(() => parts.join('').length >= 10, 'everything');
    await drained();
    assert.equal(parts.join(''), 'line\r\nrest');
  });

  it('[WS-79] off from outside delivers a begun line later, not inside the assignment', async () => {
    let parts: string[] = [];
    const { client, peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      parts = receiveStrings(socket);
    });
    peer.write('begun');
    await drained();
    assert.deepEqual(parts, []);
    client.LineMode = false;
    assert.deepEqual(parts, []);
    await waitFor(() => parts.length > 0, 'the bytes');
    assert.deepEqual(parts, ['begun']);
  });

  it('[WS-79] on from outside finds the lines in what a handler has left, when more arrives', async () => {
    let calls = 0;
    const lines: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        calls++;
        if (newClient.LineMode) lines.push(newClient.ReceiveStr());
      };
    });
    peer.write('a\r\nb');
    await waitFor(() => calls === 1, 'the call in raw mode');
    await drained();
    client.LineMode = true;
    peer.write('\r\n');
    await waitFor(() => lines.length === 2, 'both lines');
    assert.deepEqual(lines, ['a\r\n', 'b\r\n']);
  });

  it('[H-23] on in a raw handler fires no event before the next line is complete', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        if (client.LineMode) {
          events.push(`line ${client.ReceiveStr()}`);
          return;
        }
        const part = Buffer.alloc(4);
        events.push(`raw ${part.toString('latin1', 0, client.Receive(part))}`);
        client.LineMode = true;
      };
    });
    peer.write('bodyline');
    await waitFor(() => events.length > 0, 'the raw event');
    await drained();
    assert.deepEqual(events, ['raw body']);
    peer.write('\r\nnext\r\n');
    await waitFor(() => events.length >= 3, 'both lines');
    assert.deepEqual(events, ['raw body', 'line line\r\n', 'line next\r\n']);
  });

  it('[H-23] off and on in the handler reads frames out of any segmentation', async function () {
    this.timeout(30_000);
    const server = await attackedServer();
    let reader: FrameReader | undefined;
    server.OnClientConnect = (_server, client) => {
      reader = new FrameReader(client);
    };
    const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(400), { maxLength: 6 }), async (bodies, cuts) => {
        const stream = Buffer.concat(
          bodies.flatMap((body) => [Buffer.from(`${body.length}\r\n`), Buffer.from(body)]),
        );
        reader = undefined;
        const peer = await connect(server);
        await waitFor(() => reader !== undefined, 'the connection');
        const current = reader!;
        const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length];
        let start = 0;
        for (const end of ends.sort((a, b) => a - b)) {
          if (end === start) continue;
          peer.write(stream.subarray(start, end));
          start = end;
          await turns();
        }
        await waitFor(() => current.frames.length >= bodies.length, 'all frames');
        await turns();
        assert.deepEqual(
          current.frames.map((frame) => frame.toString('hex')),
          bodies.map((body) => Buffer.from(body).toString('hex')),
        );
        peer.end();
      }),
      { numRuns: 60 },
    );
  });
});
