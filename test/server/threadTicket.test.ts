// Listeners and datagram sockets move to another thread as well.

import assert from 'node:assert/strict';
import { TWSocket, TWSocketServer, wsClosed, wsListening } from '../../lib';
import { connect, newServer, portOf, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';
import { TicketWorker } from '../support/ticketWorker';

function addItem(server: TWSocketServer): void {
  const item = server.MultiListenSockets.Add();
  Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
}

describe('A server that moves to another thread', () => {
  it('with all its listeners; who waits is accepted there, clients stay here', async () => {
    const server = newServer();
    addItem(server);
    addItem(server);
    server.MultiListen();
    server.MultiListenSockets.Items[1]!.Close();
    const { peer, client } = await pair(server);
    const ports = [server, server.MultiListenSockets.Items[0]!].map(({ BindPort }) => BindPort);
    const closed: number[] = [];
    server.OnSessionClosed = () => void closed.push(1);

    server.ThreadDetach();
    const early = await connect(Number(ports[0]));
    const ticket = server.TakeThreadTicket();
    assert.deepEqual([server.State, server.BindPort, server.MultiListenIndex], [wsClosed, '', -1]);
    assert.equal(server.ListenAny(), false);
    const worker = new TicketWorker();
    worker.takeServer(ticket);
    assert.deepEqual(await worker.until('attached'), [...ports, '']);
    assert.equal(await early.line(), 'moved');
    assert.equal(await (await connect(Number(ports[1]))).line(), 'moved');
    await worker.until('connect', 2);
    assert.deepEqual(worker.values('connect'), [
      [1, -1, ports[0]],
      [2, 0, ports[1]],
    ]);
    client.SendStr('stays');
    await peer.waitText('stays');
    assert.deepEqual(closed, []);
    await worker.worker.terminate();
    await waitFor(() => early.isClosed, 'its client closed with the worker');
  });

  it('here: BindPort, counters of clients and settings of the new object', async () => {
    const server = startServer({ ListenBacklog: 7 });
    const port = server.BindPort;
    server.ThreadDetach();
    const other = track(new TWSocketServer());
    other.Banner = 'other';
    other.ThreadAttach(server.TakeThreadTicket());
    assert.deepEqual([other.State, other.BindPort, other.ListenBacklog], [wsListening, port, 7]);
    assert.equal(await (await connect(other)).line(), 'other');
    assert.equal(other.ClientCount, 1);
    other.Close();
    other.Listen();
    server.ThreadAttach();
    Object.assign(server, { Addr: '127.0.0.1', Port: '0' });
    server.Listen();
    assert.equal(server.State, wsListening);
  });

  it('a paused listener stays paused; one with a listening item takes no ticket', async () => {
    const server = startServer();
    const port = portOf(server);
    server.Pause();
    server.ThreadDetach();
    const ticket = server.TakeThreadTicket();
    const other = newServer();
    addItem(other);
    other.MultiListenSockets.Items[0]!.Listen();
    const message = 'Cannot attach a ticket when not closed';
    assert.throws(() => other.ThreadAttach(ticket), { message });
    other.MultiClose();
    other.ThreadAttach(ticket);
    assert.equal(other.MultiListenSockets.Count, 0);
    const peer = await connect(port);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(other.ClientCount, 0);
    other.Resume();
    await waitFor(() => other.ClientCount === 1, 'the client');
    peer.end();
  });

  it('nobody takes the ticket: all listeners are closed', async () => {
    const server = newServer();
    addItem(server);
    server.MultiListen();
    const ports = [server, server.MultiListenSockets.Items[0]!].map(({ BindPort }) => BindPort);
    server.TicketTimeout = 30;
    server.ThreadDetach();
    server.TakeThreadTicket();
    for (const port of ports) {
      const again = newServer({ Port: port });
      const free = (): boolean => {
        try {
          again.Listen();
        } catch {
          return false;
        }
        return true;
      };
      await waitFor(free, `port ${port} free`);
    }
  });
});

describe('A UDP socket that moves', () => {
  it('takes the datagrams that wait along', async () => {
    const listener = track(new TWSocket());
    Object.assign(listener, { Addr: '127.0.0.1', Port: '0', Proto: 'udp' });
    listener.Listen();
    const sender = track(new TWSocket());
    Object.assign(sender, { Addr: '127.0.0.1', Port: listener.GetXPort(), Proto: 'udp' });
    sender.Connect();
    listener.ThreadDetach();
    sender.SendStr('one');
    sender.SendStr('two');
    assert.ok(listener.RcvdCount > 0, 'one of them is held by the core');
    const other = track(new TWSocket());
    const received: string[] = [];
    other.OnDataAvailable = () => void received.push(other.ReceiveStr());
    const { State } = listener;
    other.ThreadAttach(structuredClone(listener.TakeThreadTicket()));
    assert.equal(other.State, State);
    await waitFor(() => received.length === 2, 'both');
    sender.SendStr('three');
    await waitFor(() => received.length === 3, 'a third');
    assert.deepEqual(received, ['one', 'two', 'three']);
  });
});
