// A ticket carries a connection to another object, here and in a worker.

import assert from 'node:assert/strict';
import { TWSocket, wsClosed, wsConnected } from '../../lib';
import { connect, drained, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';
import { TicketWorker } from '../support/ticketWorker';

describe('TakeThreadTicket and ThreadAttach', () => {
  it('a connection goes on in another object: counters, peer, unread input', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.OnDataAvailable = () => void client.ReceiveStr();
    peer.write('12345');
    await waitFor(() => client.ReadCount === 5, 'five bytes');
    client.SendStr('abc');
    const states: number[] = [];
    client.OnChangeState = (_Sender, _Old, New) => void states.push(New);
    client.OnSessionClosed = () => void states.push(-1);
    const { HSocket: descriptor } = client;

    client.ThreadDetach();
    peer.write('waits');
    await drained();
    const ticket = structuredClone(client.TakeThreadTicket());
    assert.deepEqual(states, [], 'the old object fires nothing');
    assert.equal(client.State, wsClosed);
    assert.equal(client.HSocket, -1);
    assert.equal(client.PeerPort, String(peer.localPort));
    assert.equal(client.ReadCount, 5);

    const other = track(new TWSocket());
    const received: string[] = [];
    other.OnDataAvailable = () => void received.push(other.ReceiveStr());
    other.OnChangeState = (_Sender, Old, New) => void received.push(`${Old} ${New}`);
    other.ThreadAttach(ticket);
    assert.equal(other.HSocket, descriptor);
    assert.equal(other.PeerPort, String(peer.localPort));
    assert.deepEqual([other.ReadCount, other.WriteCount], [5, 3]);
    await waitFor(() => received.length === 2, 'the data');
    assert.deepEqual(received, [`${wsClosed} ${wsConnected}`, 'waits']);
    other.SendStr('def');
    await peer.waitText('abcdef');
    client.Free();
    assert.equal(server.ClientCount, 0);
    peer.write(' still');
    await waitFor(() => received.at(-1) === ' still', 'data after the old object is freed');
  });

  it('the old object is an ordinary closed one and can connect anew', async () => {
    const server = startServer();
    const socket = track(new TWSocket());
    Object.assign(socket, { Addr: '127.0.0.1', Port: server.BindPort });
    socket.Connect();
    await waitFor(() => socket.State === wsConnected, 'the connection');
    socket.ThreadDetach();
    const other = track(new TWSocket());
    other.ThreadAttach(socket.TakeThreadTicket());
    socket.ThreadAttach();
    socket.Connect();
    await waitFor(() => server.ClientCount === 2, 'both connections');
  });

  it('what the class of the new object has set gives way to what the old one had', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    Object.assign(client, { LineMode: true, LineEnd: '\n', LineLimit: 99, HalfClose: true });
    client.ThreadDetach();
    const other = track(new TWSocket());
    Object.assign(other, { LineMode: false, LineEnd: 'x', LineLimit: 5 });
    const lines: string[] = [];
    other.OnDataAvailable = () => void lines.push(other.ReceiveStr());
    other.ThreadAttach(structuredClone(client.TakeThreadTicket()));
    const { LineMode, LineEnd, LineLimit, HalfClose } = other;
    assert.deepEqual([LineMode, LineEnd, LineLimit, HalfClose], [true, '\n', 99, true]);
    peer.write('one\ntwo\nthr');
    await waitFor(() => lines.length === 2, 'two lines');
    assert.deepEqual(lines, ['one\n', 'two\n']);
  });

  it('to a worker and back, inside OnDataAvailable and with a line half received', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.LineMode = true;
    const worker = new TicketWorker();
    client.OnDataAvailable = () => {
      const line = client.ReceiveStr();
      if (line !== 'move\r\n') return;
      client.ThreadDetach();
      worker.takeSocket(client.TakeThreadTicket());
    };
    peer.write('first\r\nmove\r\necho 1\r\necho 2\r\nback\r\nin the main thread\r\nhalf a ');
    const ticket = await worker.until<ReturnType<typeof client.TakeThreadTicket>>('ticket');
    const lines: string[] = [];
    const other = track(new TWSocket());
    other.OnDataAvailable = () => void lines.push(other.ReceiveStr());
    other.ThreadAttach(ticket);
    peer.write('line\r\n');
    await waitFor(() => lines.length === 2, 'two more lines');
    assert.deepEqual(worker.values('data'), ['echo 1\r\n', 'echo 2\r\n', 'back\r\n']);
    assert.deepEqual(lines, ['in the main thread\r\n', 'half a line\r\n']);
    await peer.waitText('echo 1\r\necho 2\r\n');
  });

  it('a line that was read in part is read to its end elsewhere', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.LineMode = true;
    const part = Buffer.alloc(3);
    const other = track(new TWSocket());
    const rest: string[] = [];
    other.OnDataAvailable = () => void rest.push(other.ReceiveStr());
    client.OnDataAvailable = () => {
      client.Receive(part);
      client.ThreadDetach();
      other.ThreadAttach(client.TakeThreadTicket());
    };
    peer.write('abcdef\r\nnext\r\n');
    await waitFor(() => rest.length === 2, 'the rest and the next line');
    assert.equal(part.toString(), 'abc');
    assert.deepEqual(rest, ['def\r\n', 'next\r\n']);
  });

  it('output that the peer does not read goes along and is delivered', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    const sent = Buffer.alloc(8 * 1024 * 1024, 'abcdefghijklmnopqrstuvw');
    client.Send(sent);
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    client.ThreadDetach();
    const queued = client.BufferedByteCount;
    const worker = new TicketWorker();
    worker.takeSocket(client.TakeThreadTicket());
    const facts = await worker.until<{ BufferedByteCount: number }>('attached');
    assert.ok(facts.BufferedByteCount > 0 && facts.BufferedByteCount <= queued);
    peer.socket.resume();
    assert.ok((await peer.read(sent.length)).equals(sent));
    assert.equal(await worker.until('sent'), sent.length);
  });

  it('what was only collected in this dispatch is sent', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const other = track(new TWSocket());
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      client.SendStr('1');
      client.SendStr('2');
      client.SendStr('3');
      client.ThreadDetach();
      other.ThreadAttach(client.TakeThreadTicket());
    };
    peer.write('go');
    await peer.waitText('123');
    assert.equal(other.WriteCount, 3);
  });

  it('a connection in CloseDelayed goes on closing after its queue', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    const sent = Buffer.alloc(8 * 1024 * 1024, 'x');
    client.Send(sent);
    client.CloseDelayed();
    await drained();
    const { client: posted, peer: second } = await pair(server);
    posted.CloseDelayed();
    const closing = track(new TWSocket());
    const posting = track(new TWSocket());
    for (const [from, to] of [
      [client, closing],
      [posted, posting],
    ] as const) {
      from.ThreadDetach();
      to.ThreadAttach(from.TakeThreadTicket());
    }
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, sent.length);
    assert.equal(await second.closed(), 'end');
    assert.equal(closing.State, wsClosed);
  });
});

describe('ThreadDetach inside a handler', () => {
  it('nothing more is delivered until ThreadAttach, in line mode either', async () => {
    for (const LineMode of [true, false]) {
      const server = startServer();
      const peer = await connect(server);
      await waitFor(() => server.ClientCount === 1, 'the client');
      const client = server.Client[0]!;
      client.LineMode = LineMode;
      const buffer = Buffer.alloc(3);
      const received: string[] = [];
      client.OnDataAvailable = () => {
        received.push(buffer.toString('latin1', 0, client.Receive(buffer)));
        if (received.length === 1) client.ThreadDetach();
      };
      peer.write('1\r\n2\r\n3\r\n');
      peer.end();
      await waitFor(() => received.length > 0, 'the first');
      await drained();
      assert.deepEqual(received, ['1\r\n']);
      client.ThreadAttach();
      await waitFor(() => server.ClientCount === 0, 'the end');
      assert.deepEqual(received, ['1\r\n', '2\r\n', '3\r\n']);
    }
  });
});
