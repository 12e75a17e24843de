// Close, Abort, Free and Release inside the events of a datagram socket; peers that are not Node;
// pumps; descriptors.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { wsClosed } from '../../lib';
import { drained, onCleanup, waitFor } from '../support';
import { openDescriptors } from '../support/memory';
import { skipTest } from '../support/skipTest';
import { echoUdp, listenUdp, newUdp, nodeUdp } from './udp';

const HOW = ['Close', 'Abort', 'Free', 'Release', 'CloseDelayed'] as const;

describe('UDP handlers', () => {
  for (const how of HOW) {
    it(`${how} in OnDataAvailable, with more datagrams waiting: no further event`, async () => {
      const socket = listenUdp();
      const port = Number(socket.GetXPort());
      const peer = await nodeUdp();
      let events = 0;
      socket.OnDataAvailable = () => {
        events++;
        socket.ReceiveStr();
        socket[how]();
      };
      socket.Pause();
      for (const text of ['a', 'b', 'c']) await peer.send(text, port);
      socket.Resume();
      await waitFor(() => socket.State === wsClosed, 'the end');
      await drained();

      assert.equal(socket.HSocket, -1);
      if (how === 'Close' || how === 'Abort' || how === 'Free') assert.equal(events, 1);
    });

    it(`${how} in OnSendData and OnDataSent`, async () => {
      for (const event of ['OnSendData', 'OnDataSent'] as const) {
        const peer = await nodeUdp();
        const socket = newUdp(peer.port);
        socket.Connect();
        socket[event] = () => socket[how]();
        assert.equal(socket.SendStr('last'), 4);
        await waitFor(() => socket.State === wsClosed, 'the end');
        await waitFor(() => peer.received.length === 1, 'the datagram');
      }
    });
  }

  it('Close and Listen again in OnDataAvailable: the new socket receives', async () => {
    const socket = listenUdp();
    const peer = await nodeUdp();
    const seen: string[] = [];
    let rounds = 0;
    socket.OnDataAvailable = () => {
      seen.push(socket.ReceiveStr());
      if (++rounds > 3) return;
      socket.Close();
      socket.Proto = 'udp';
      socket.Listen();
    };
    for (let i = 0; i < 5; i++) {
      await peer.send(`${i}`, Number(socket.GetXPort()));
      await waitFor(() => seen.length === i + 1, 'the datagram');
    }
    assert.deepEqual(seen, ['0', '1', '2', '3', '4']);
  });

  it('receives and answers inside ProcessMessages', () => {
    const server = listenUdp();
    echoUdp(server);
    const client = newUdp(server.GetXPort());
    let text = '';
    client.OnDataAvailable = () => {
      text = client.ReceiveStr();
    };
    client.Connect();
    client.SendStr('pumped');
    const deadline = Date.now() + 5000;
    while (text === '' && Date.now() < deadline) client.ProcessMessages();
    assert.equal(text, 'pumped');
  });

  it('500 sockets opened and closed leave no descriptor', async () => {
    const peer = await nodeUdp();
    const before = openDescriptors();
    const sockets = Array.from({ length: 500 }, (_, i) => {
      if (i % 2 === 0) return listenUdp();
      const socket = newUdp(peer.port);
      socket.Connect();
      return socket;
    });
    assert.equal(openDescriptors(), before + 500);
    sockets.forEach((socket, i) => {
      if (i % 3 === 0) socket.Free();
      else socket.Close();
    });
    assert.equal(openDescriptors(), before);
  });

  it('answers nc -u', async function () {
    if (spawnSync('nc', ['-h']).error) skipTest(this, 'nc is not installed');
    const server = listenUdp();
    const received = echoUdp(server);
    const child = spawn('nc', ['-u', '-w', '5', '127.0.0.1', server.GetXPort()]);
    onCleanup(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.stdin.write('hello\n');
    await waitFor(() => text === 'hello\n', 'the echo');
    assert.deepEqual(received.map(String), ['hello\n']);
  });
});
