// Tickets that are used wrongly: every call is refused, nothing changes hands twice.

import assert from 'node:assert/strict';
import { DropThreadTicket, EIcsException, ESocketException, TWSocket } from '../../lib';
import type { TThreadTicket } from '../../lib';
import { native } from '../../lib/native';
import { startServer, track } from '../support';
import { pair } from '../support/pair';
import { TicketWorker } from '../support/ticketWorker';

const VOID = { name: 'EIcsException', message: 'The thread ticket was used or its time is over' };

describe('A thread ticket', () => {
  it('needs ThreadDetach first', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const message = 'Cannot take a ticket when not detached';
    assert.throws(() => client.TakeThreadTicket(), { name: 'EIcsException', message });
    client.SendStr('alive');
    await peer.waitText('alive');
  });

  it('is there for connections and listeners only', async () => {
    const socket = track(new TWSocket());
    socket.ThreadDetach();
    assert.throws(() => socket.TakeThreadTicket(), ESocketException);
    socket.ThreadAttach();
    Object.assign(socket, { Addr: '192.0.2.1', Port: '9' });
    socket.Connect();
    socket.ThreadDetach();
    assert.throws(() => socket.TakeThreadTicket(), {
      ErrorCode: 10038,
      Func: 'TakeThreadTicket',
    });
  });

  it('works once, here and in any thread', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    const owner = track(new TWSocket());
    owner.ThreadAttach(ticket);
    const second = track(new TWSocket());
    assert.throws(() => second.ThreadAttach(ticket), VOID);
    const worker = new TicketWorker();
    worker.takeSocket(ticket);
    assert.equal(await worker.until('refused'), VOID.message);
    assert.equal(DropThreadTicket(ticket), false);
    assert.throws(() => client.TakeThreadTicket(), ESocketException);
    owner.SendStr('alive');
    await peer.waitText('alive');
  });

  it('is not used up by an object that has a socket, or is freed', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    const ticket = client.TakeThreadTicket();
    const freed = new TWSocket();
    freed.Free();
    const refused = { name: 'EIcsException', message: 'Cannot attach a ticket when not closed' };
    const { client: busy } = await pair(server);
    assert.throws(() => server.ThreadAttach(ticket), refused);
    assert.throws(() => busy.ThreadAttach(ticket), refused);
    assert.throws(() => freed.ThreadAttach(ticket), refused);
    const owner = track(new TWSocket());
    owner.ThreadAttach(ticket);
    owner.SendStr('alive');
    await peer.waitText('alive');
  });

  it('that is none is refused', () => {
    const socket = track(new TWSocket());
    for (const wrong of [{}, 5, 'ticket', { Token: 1 }, { Token: 0.5, State: 5, Flags: 0 }]) {
      const ticket = wrong as TThreadTicket;
      assert.throws(() => socket.ThreadAttach(ticket), { message: 'Not a thread ticket' });
      assert.throws(() => DropThreadTicket(ticket), EIcsException);
    }
    for (const Token of [0, -1, 0x7fffffff, 2 ** 40]) {
      const unknown = { Token, State: 5, Flags: 0, Properties: {} };
      assert.throws(() => socket.ThreadAttach(unknown), VOID);
    }
    assert.throws(() => socket.ThreadAttach(), { message: 'Cannot attach when not detached' });
  });

  it('is not given for a connection with TLS (10045), which goes on', async () => {
    const server = startServer();
    const { client } = await pair(server);
    const handle = client.socketHandle;
    client.ThreadDetach();
    assert.equal(native.setFilter(handle, true), 0);
    assert.throws(() => client.TakeThreadTicket(), { ErrorCode: 10045 });
    native.setFilter(handle, false);
    const ticket = client.TakeThreadTicket();
    assert.equal(native.descriptorOf(handle) < 0, true, 'the old handle is over');
    assert.equal(DropThreadTicket(ticket), true);
  });
});
