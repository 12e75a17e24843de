// ReceiveStr is UTF-8 and keeps split characters whole; ReceiveStrA and Receive are the bytes.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { connect, drained, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { accepted, receiveStrings, turns } from './accepted';

const allBytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

describe('ReceiveStr, ReceiveStrA and Receive', () => {
  it('[H-24] give all 256 byte values unchanged through ReceiveStrA and Receive', async () => {
    let text = '';
    const viaStr = await accepted((client) => {
      client.OnDataAvailable = () => {
        text += client.ReceiveStrA();
      };
    });
    viaStr.peer.write(allBytes);
    await waitFor(() => text.length === 256, '256 characters');
    assert.ok(Buffer.from(text, 'latin1').equals(allBytes));

    let bytes = Buffer.alloc(0);
    const viaReceive = await accepted((client) => {
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(300);
        const count = client.Receive(part);
        if (count > 0) bytes = Buffer.concat([bytes, part.subarray(0, count)]);
      };
    });
    viaReceive.peer.write(allBytes);
    await waitFor(() => bytes.length === 256, '256 bytes');
    assert.ok(bytes.equals(allBytes));
  });

  it('[H-24] keep a character whole that comes byte by byte', async () => {
    const text = 'aé€😀z';
    let parts: string[] = [];
    const { peer } = await accepted((client) => {
      parts = receiveStrings(client);
    });
    for (const byte of Buffer.from(text)) {
      peer.write(Buffer.from([byte]));
      await turns();
    }
    await waitFor(() => parts.join('') === text, text);
  });

  it('[H-24] give U+FFFD for invalid bytes at once', async () => {
    let parts: string[] = [];
    const { peer } = await accepted((client) => {
      parts = receiveStrings(client);
    });
    const invalid = Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x63, 0xc0, 0xaf, 0x80]);
    peer.write(invalid);
    await waitFor(() => parts.join('') === invalid.toString('utf8'), 'the replaced bytes');
  });

  it('[H-24] deliver an incomplete character as U+FFFD when the peer closes, before OnSessionClosed', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        const text = client.ReceiveStr();
        if (text !== '') events.push(text);
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.write(Buffer.from([0x61, 0xf0, 0x9f, 0x98]));
    await waitFor(() => events.length > 0, 'the first character');
    await drained();
    assert.deepEqual(events, ['a']);
    peer.end();
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    assert.deepEqual(events, ['a', '\ufffd', 'closed 0']);
  });

  it('[H-24] do not call the handler again and again for an incomplete character', async () => {
    let calls = 0;
    const { client, peer } = await accepted((newClient) => {
      newClient.OnDataAvailable = () => {
        calls++;
        newClient.ReceiveStr();
      };
    });
    peer.write(Buffer.from([0xe2, 0x82]));
    await waitFor(() => calls > 0, 'the first call');
    await drained();
    const callsSoFar = calls;
    assert.ok(callsSoFar <= 2, `${callsSoFar} calls`);
    await drained();
    assert.equal(calls, callsSoFar);
    const rest = Buffer.alloc(4);
    assert.equal(client.Receive(rest), 2);
    assert.deepEqual([...rest.subarray(0, 2)], [0xe2, 0x82]);
  });

  it('[H-24] give the bytes of a line unchanged through ReceiveStrA in line mode', async () => {
    const lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        lines.push(client.ReceiveStrA());
      };
    });
    const line = Buffer.concat([allBytes.filter((byte) => byte !== 13), Buffer.from('\r\n')]);
    peer.write(line);
    await waitFor(() => lines.length > 0, 'the line');
    assert.ok(Buffer.from(lines[0]!, 'latin1').equals(line));
  });

  it('[H-24] give any text cut anywhere without a broken character', async function () {
    this.timeout(60_000);
    const server = await attackedServer();
    let parts: string[] = [];
    server.OnClientConnect = (_server, client) => {
      parts = receiveStrings(client);
    };
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        async (text, places) => {
          const count = server.ClientCount;
          const peer = await connect(server);
          await waitFor(() => server.ClientCount > count, 'the connection');
          const bytes = Buffer.from(text);
          const ends = [...places.map((place) => place % bytes.length), bytes.length];
          let start = 0;
          for (const end of ends.sort((a, b) => a - b)) {
            if (end > start) peer.write(bytes.subarray(start, end));
            start = Math.max(start, end);
            await turns();
          }
          await waitFor(() => parts.join('').length >= text.length, 'the text');
          assert.equal(parts.join(''), text);
          peer.end();
          await waitFor(() => visitors(server).length === 0, 'the client is gone');
        },
      ),
      { numRuns: 60 },
    );
  });
});
