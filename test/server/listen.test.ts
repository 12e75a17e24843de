// Listen on the main listener: what the server's properties show afterwards and which states it
// goes through (ICS: TCustomWSocket.Listen, TCustomWSocketServer.Listen).

import assert from 'node:assert/strict';
import { TWSocketServer, wsClosed, wsListening } from '../../lib';
import { connect, newServer, record, startServer, track, waitFor } from '../support';

describe('Listen', () => {
  it('[WSS-1] opens a port of the system’s choice when Port is 0', async () => {
    const server = startServer();

    assert.equal(server.State, wsListening);
    assert.match(server.BindPort, /^\d+$/);
    const port = Number(server.BindPort);
    assert.ok(port >= 1 && port <= 65535, server.BindPort);
    assert.ok(server.HSocket >= 0);
    assert.equal(server.PortNum, 0);
    assert.equal(server.GetXPort(), server.BindPort);
    assert.equal(server.GetXAddr(), '127.0.0.1');
    await connect(port);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });

  it('shows the number of a fixed port in PortNum', () => {
    const first = startServer();
    const port = first.BindPort;
    first.Close();

    const server = startServer({ Port: port });

    assert.equal(server.PortNum, Number(port));
    assert.equal(server.BindPort, port);
  });

  it('[WSS-2] goes from closed over bound to listening', () => {
    const server = newServer();
    const events = record(server);

    server.Listen();

    assert.deepEqual(events, ['OnChangeState Closed Bound', 'OnChangeState Bound Listening']);
  });

  it('[WSS-18] leaves an untouched ListenBacklog at 15', () => {
    const server = track(new TWSocketServer());
    assert.equal(server.ListenBacklog, 15);

    Object.assign(server, { Addr: '127.0.0.1', Port: '0' });
    server.Listen();

    assert.equal(server.ListenBacklog, 15);
  });

  it('clears BindPort and the descriptor when the server is closed', () => {
    const server = startServer();

    server.Close();

    assert.equal(server.State, wsClosed);
    assert.equal(server.BindPort, '');
    assert.equal(server.HSocket, -1);
  });
});
