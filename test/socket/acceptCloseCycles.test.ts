// Connections come and go; nothing stays behind.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { TWSocket, wsClosed } from '../../lib';
import { connect, startServer, track, waitFor } from '../support';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

describe('1,000 connections one after the other', () => {
  it('[WS-95] leave as many descriptors open as before, with TWSocketServer', async () => {
    const server = startServer();
    await connect(server).then((peer) => peer.end());
    await waitFor(() => server.ClientCount === 0, 'the first client gone');
    const before = openDescriptors();
    for (let i = 0; i < 1000; i++) {
      const peer = await connect(server);
      if (i % 2) peer.end();
      else peer.reset();
      peer.socket.destroy();
    }
    await waitFor(() => server.ClientCount === 0, 'all clients gone');
    await waitFor(() => openDescriptors() <= before, `${before} descriptors`);
  });

  it('[WS-95] and with Accept and HSocket of a TWSocket', async () => {
    const listener = track(new TWSocket());
    const socket = track(new TWSocket());
    Object.assign(listener, { Addr: '127.0.0.1', Port: '0', Proto: 'tcp' });
    listener.OnSessionAvailable = () => {
      socket.HSocket = listener.Accept();
      socket.Close();
    };
    listener.Listen();
    const port = Number(listener.GetXPort());
    const before = openDescriptors();
    for (let i = 0; i < 1000; i++) {
      const peer = await connect(port);
      assert.equal(await peer.closed(), 'end');
      peer.socket.destroy();
    }
    assert.equal(socket.State, wsClosed);
    await waitFor(() => openDescriptors() <= before, `${before} descriptors`);
  });
});
