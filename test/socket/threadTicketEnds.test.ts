// What happens to a connection while it is on its way: paused, finished, reset, forgotten.

import assert from 'node:assert/strict';
import { DropThreadTicket, TWSocket, wsConnected } from '../../lib';
import { connect, drained, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';
import { runScript } from '../support/runScript';
import { TicketWorker } from '../support/ticketWorker';

describe('A connection on its way', () => {
  it('a paused connection stays paused until Resume', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.Pause();
    client.ThreadDetach();
    peer.write('waits');
    const worker = new TicketWorker();
    worker.takeSocket(client.TakeThreadTicket());
    await worker.until('attached');
    peer.write(' longer');
    await drained();
    assert.deepEqual(worker.values('data'), []);
    worker.order('resume');
    await worker.until('data');
    await waitFor(() => worker.values('data').join('') === 'waits longer', 'all of it');
  });

  it('a peer that leaves meanwhile: what it sent comes first, then its end', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    peer.write('last words');
    peer.end();
    await drained();
    const worker = new TicketWorker();
    worker.takeSocket(ticket);
    assert.deepEqual(await worker.until('closed'), [0, 'last words']);
    assert.equal(await peer.closed(), 'end');
  });

  it('a peer that resets meanwhile: OnSessionClosed(10054)', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    peer.reset();
    await drained();
    const worker = new TicketWorker();
    worker.takeSocket(ticket);
    assert.deepEqual(await worker.until('closed'), [10054, '']);
  });

  it('an end that was told but not served before ThreadDetach is told again', async () => {
    const server = startServer();
    const one = await pair(server);
    const two = await pair(server);
    const other = track(new TWSocket());
    const log: string[] = [];
    other.OnSessionClosed = (_Sender, Error) => void log.push(`closed ${Error}`);
    one.client.OnDataAvailable = () => {
      one.client.ReceiveStr();
      two.client.ThreadDetach(); // its reset may be in the queue already
      other.ThreadAttach(two.client.TakeThreadTicket());
    };
    one.peer.write('x');
    two.peer.reset();
    await waitFor(() => log.length > 0, 'the end');
    assert.deepEqual(log, ['closed 10054']);
  });

  it('Shutdown behind a queue: the FIN follows the last byte, and input goes on', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    const sent = Buffer.alloc(8 * 1024 * 1024, 'x');
    client.Send(sent);
    client.Shutdown(1);
    client.ThreadDetach();
    const other = track(new TWSocket());
    const received: string[] = [];
    other.OnDataAvailable = () => void received.push(other.ReceiveStr());
    other.ThreadAttach(client.TakeThreadTicket());
    assert.throws(() => other.SendStr('more'), { ErrorCode: 10058 });
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, sent.length);
    assert.equal(other.State, wsConnected);
    peer.write('still');
    await waitFor(() => received.join('') === 'still', 'input after the FIN');
  });

  it('a character half received is whole on the other side', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const texts: string[] = [];
    client.OnDataAvailable = () => void texts.push(client.ReceiveStr());
    peer.write(Buffer.from([0x61, 0xc3]));
    await waitFor(() => texts.length === 1, 'the first byte');
    client.ThreadDetach();
    const other = track(new TWSocket());
    other.OnDataAvailable = () => void texts.push(other.ReceiveStr());
    other.ThreadAttach(client.TakeThreadTicket());
    peer.write(Buffer.from([0xa9, 0x62]));
    await waitFor(() => texts.length === 2, 'the rest');
    assert.deepEqual(texts, ['a', 'éb']);
  });

  it('nobody takes it: it is closed after TicketTimeout, and the ticket is void', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.TicketTimeout = 50;
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    assert.equal(await peer.closed(), 'end');
    const other = track(new TWSocket());
    assert.throws(() => other.ThreadAttach(ticket), {
      message: 'The thread ticket was used or its time is over',
    });
  });

  it('taken in time it is not closed', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const late = await pair(server);
    for (const one of [client, late.client]) {
      one.TicketTimeout = 50;
      one.ThreadDetach();
    }
    const other = track(new TWSocket());
    other.ThreadAttach(client.TakeThreadTicket());
    late.client.TakeThreadTicket();
    await late.peer.closed();
    assert.equal(other.State, wsConnected);
    other.SendStr('alive');
    await peer.waitText('alive');
  });

  it('DropThreadTicket closes it with a FIN, whatever it had received', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.write('unread');
    await drained();
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    assert.equal(DropThreadTicket(ticket), true);
    assert.equal(await peer.closed(), 'end');
    assert.equal(DropThreadTicket(ticket), false);
  });

  it('a process with nothing but parked connections ends', async () => {
    const script = runScript('parkedExit');
    const first = await connect(Number(await script.printed('main')));
    const second = await connect(Number(await script.printed('worker')));
    assert.equal(await script.ended(), 0, script.stderr);
    assert.equal(await first.closed(), 'end');
    assert.equal(await second.closed(), 'end');
  });
});
