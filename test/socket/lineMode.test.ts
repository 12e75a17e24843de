// LineMode: one OnDataAvailable for each line, the terminator is part of the line.
import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { accepted, acceptedByHand, receiveStrings, turns } from './accepted';

describe('LineMode', () => {
  it('[WSS-55] gives one event for each of two lines that come in one packet', async () => {
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      lines = receiveStrings(client);
    });
    peer.write('a\r\nbb\r\n');
    await waitFor(() => lines.length === 2, 'two lines');
    await drained();
    assert.deepEqual(lines, ['a\r\n', 'bb\r\n']);
  });

  it('[WSS-56] gives one event for a line that comes in two packets', async () => {
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      lines = receiveStrings(client);
    });
    peer.write('ab');
    await drained();
    assert.deepEqual(lines, []);
    peer.write('c\r\n');
    await waitFor(() => lines.length > 0, 'the line');
    await drained();
    assert.deepEqual(lines, ['abc\r\n']);
  });

  it('[WS-71] finds a terminator that is split over two packets; RcvdCount is the line length', async () => {
    const lines: [number, string][] = [];
    const { peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      socket.OnDataAvailable = () => {
        lines.push([socket.RcvdCount, socket.ReceiveStr()]);
      };
    });
    peer.write('a\r');
    await turns();
    peer.write('\nb\r\n');
    await waitFor(() => lines.length === 2, 'two lines');
    assert.deepEqual(lines, [
      [3, 'a\r\n'],
      [3, 'b\r\n'],
    ]);
  });

  it('[WS-72] repeats the event until a small buffer has taken the whole line', async () => {
    const parts: string[] = [];
    const { peer } = await acceptedByHand((socket) => {
      socket.LineMode = true;
      socket.OnDataAvailable = () => {
        const part = Buffer.alloc(2);
        parts.push(part.toString('latin1', 0, socket.Receive(part, 2)));
      };
    });
    peer.write('abcd\r\n');
    await waitFor(() => parts.length === 3, 'three events');
    await drained();
    assert.deepEqual(parts, ['ab', 'cd', '\r\n']);
  });

  it('never reads into the next line, whatever the size of the buffer', async () => {
    const parts: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(100);
        const first = client.Receive(part);
        parts.push(part.toString('latin1', 0, first));
        parts.push(String(client.Receive(part)), String(client.LastError));
      };
    });
    peer.write('one\r\ntwo\r\n');
    await waitFor(() => parts.length === 6, 'two lines');
    assert.deepEqual(parts, ['one\r\n', '-1', '10035', 'two\r\n', '-1', '10035']);
  });

  it('throws lines away when no handler is assigned, and delivers later ones', async () => {
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
    });
    peer.write('nobody\r\nlistens\r\n');
    await drained();
    const lines = receiveStrings(client);
    peer.write('now\r\n');
    await waitFor(() => lines.length > 0, 'a line');
    assert.deepEqual(lines, ['now\r\n']);
  });

  it('loses nothing when each of 5000 lines is answered', async () => {
    const request = Array.from({ length: 5000 }, (_, i) => `${i}\r\n`).join('');
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      newClient.OnDataAvailable = () => {
        newClient.SendStr(newClient.ReceiveStr());
      };
    });
    peer.write(request);
    assert.equal((await peer.read(request.length)).toString(), request);
    assert.equal(client.ReadCount, request.length);
  });

  it('delivers a line of several megabytes when LineLimit is 0', async () => {
    let lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.LineLimit = 0;
      lines = receiveStrings(client);
    });
    const line = 'x'.repeat(4_000_000) + '\r\n';
    peer.write(line);
    await waitFor(() => lines.length > 0, 'the line');
    assert.equal(lines.length, 1);
    assert.ok(lines[0] === line);
  });

  it('keeps the order of the lines when handlers pump messages', async () => {
    const lines: string[] = [];
    const sent = Array.from({ length: 300 }, (_, i) => `${i}\r\n`);
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        lines.push(line);
        if (Number(line) % 7 === 0) client.ProcessMessages();
      };
    });
    peer.write(sent.slice(0, 100).join(''));
    peer.write(sent.slice(100, 200).join('') + '20');
    await turns();
    peer.write('0\r\n' + sent.slice(201).join(''));
    await waitFor(() => lines.length >= sent.length, 'all lines');
    await drained();
    assert.deepEqual(lines, sent);
  });

  it('delivers a line that arrives while the handler pumps messages', async () => {
    const lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        const line = client.ReceiveStr();
        lines.push(`in ${line.trim()}`);
        if (line === '1\r\n') {
          peer.write('3\r\n');
          client.ProcessMessages();
        }
        lines.push(`out ${line.trim()}`);
      };
    });
    peer.write('1\r\n2\r\n');
    await waitFor(() => lines.length === 6, 'three lines');
    const entered = lines.filter((line) => line.startsWith('in'));
    assert.deepEqual(entered, ['in 1', 'in 2', 'in 3']);
  });
});
