// ReusePort: several listeners on one address and port.

import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { connect, newServer, startServer, track, waitFor } from '../support';
import { runScript } from '../support/runScript';

const CLIENTS = 64;

describe('ReusePort', () => {
  it('is off: a second listener is refused', () => {
    const server = startServer();
    assert.equal(server.ReusePort, false);
    for (const ReusePort of [false, true]) {
      const second = newServer({ Port: server.BindPort, ReusePort });
      assert.throws(() => second.Listen(), { ErrorCode: 10048 });
    }
  });

  it('two servers share a port and its clients; a closed one leaves them to the other', async () => {
    const first = startServer({ ReusePort: true });
    const second = startServer({ ReusePort: true, Port: first.BindPort });
    for (let i = 0; i < CLIENTS; i++) await connect(Number(first.BindPort));
    await waitFor(() => first.ClientCount + second.ClientCount === CLIENTS, 'all clients');
    assert.ok(first.ClientCount > 0 && second.ClientCount > 0);
    const port = Number(first.BindPort);
    first.Close();
    const before = second.ClientCount;
    for (let i = 0; i < 8; i++) await connect(port);
    await waitFor(() => second.ClientCount === before + 8, 'the others');
  });

  it('holds for items and for UDP as well', () => {
    const server = newServer({ ReusePort: true });
    server.Listen();
    const other = newServer();
    const item = other.MultiListenSockets.Add();
    Object.assign(item, { Addr: '127.0.0.1', Port: server.BindPort });
    assert.throws(() => item.Listen(), /#10048/);
    item.ReusePort = true;
    item.Listen();
    assert.equal(item.BindPort, server.BindPort);

    const sockets = [0, 1].map(() => track(new TWSocket()));
    for (const socket of sockets) {
      const Port = sockets[0]!.HSocket === -1 ? '0' : sockets[0]!.GetXPort();
      Object.assign(socket, { Addr: '127.0.0.1', Port, Proto: 'udp', ReusePort: true });
      socket.Listen();
    }
    assert.equal(sockets[0]!.GetXPort(), sockets[1]!.GetXPort());
  });

  it("workers of Node's cluster listen themselves and share the clients", async () => {
    const script = runScript('clusterServer');
    const port = Number(await script.printed('port', 20_000));
    const seen = new Set<string>();
    for (let i = 0; i < CLIENTS; i++) seen.add(await (await connect(port)).line());
    const workers = [await script.printed('worker1'), await script.printed('worker2')];
    assert.deepEqual([...seen].sort(), workers.sort());
    script.child.stdin!.write('end\n');
    assert.equal(await script.ended(), 0, script.stderr);
  });
});
