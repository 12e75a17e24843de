// Listen of a plain TWSocket: states, missing values, Listen after Close.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { SocketStateNames, TWSocket, wsClosed, wsListening } from '../../lib';
import { connect, freePort, raised, timeWaitCount, track, waitFor } from '../support';
import { acceptPeer, newListener, startListener } from './listening';

describe('TWSocket.Listen', () => {
  it('[WS-11] goes from closed over bound to listening and has a port', () => {
    const socket = newListener();
    const states: string[] = [];
    socket.OnChangeState = (Sender, before, after) => {
      const who = Sender === socket ? 'socket' : 'other';
      states.push(`${who}: ${SocketStateNames[before]} ${SocketStateNames[after]}`);
    };

    socket.Listen();

    assert.deepEqual(states, ['socket: Closed Bound', 'socket: Bound Listening']);
    assert.match(socket.GetXPort(), /^[1-9]\d*$/);
    assert.equal(socket.GetXAddr(), '127.0.0.1');
  });

  it('[WS-8] without Port raises 10022 and names the port', () => {
    const socket = track(new TWSocket());
    socket.Addr = '127.0.0.1';

    const error = raised(() => socket.Listen());

    assert.equal(error.ErrorCode, 10022);
    assert.equal(error.Func, 'listen: port not assigned');
    assert.equal(error.message, 'Invalid argument (#10022 in listen: port not assigned)');
    assert.equal(error.ErrorMessage, 'Invalid argument');
    assert.equal(socket.State, wsClosed);
  });

  it('[WS-9] without Addr raises 10022 and names the address', () => {
    const socket = track(new TWSocket());
    socket.Port = '0';

    const error = raised(() => socket.Listen());

    assert.equal(error.ErrorCode, 10022);
    assert.equal(error.Func, 'listen: address not assigned');
    assert.equal(socket.State, wsClosed);
  });

  it('[WS-16] after Close needs no new Port, and peers can connect', async () => {
    const socket = startListener();
    socket.Close();

    socket.Listen();

    assert.equal(socket.State, wsListening);
    let available = 0;
    socket.OnSessionAvailable = () => {
      available++;
      track(new TWSocket()).HSocket = socket.Accept();
    };
    await connect(Number(socket.GetXPort()));
    await waitFor(() => available === 1, 'OnSessionAvailable');
  });

  it('[WS-17] on 0.0.0.0 and :: with the same port works for both', async () => {
    const port = String(await freePort());
    const four = newListener(port, '0.0.0.0');
    const six = newListener(port, '::');

    four.Listen();
    six.Listen();

    assert.equal(four.State, wsListening);
    assert.equal(six.State, wsListening);
  });

  it('[WS-18] gets a port back whose connections are in TIME_WAIT', async () => {
    const socket = startListener();
    const port = Number(socket.GetXPort());
    const { peer, handle } = await acceptPeer(socket);
    const connection = track(new TWSocket());
    connection.HSocket = handle;
    connection.Close();
    assert.equal(await peer.closed(), 'end');
    peer.end();
    await once(peer.socket, 'close');
    assert.ok(timeWaitCount(port) !== 0, 'no connection is in TIME_WAIT, the test proves nothing');

    socket.Close();
    socket.Port = String(port);
    socket.Listen();

    assert.equal(socket.State, wsListening);
    assert.equal(socket.GetXPort(), String(port));
  });
});
