// The garbage collector runs all the time: what is in use survives, what is closed goes.

import assert from 'node:assert/strict';
import { TWSocketServer } from '../../lib';
import { connect, onCleanup, portOf, waitFor } from '../support';
import { attackedServer, bystand, visitors, type Dismiss } from '../support/bystander';
import { collectGarbage } from '../support/memory';
import { pair } from '../support/pair';

interface Forgotten {
  port: number;
  server: WeakRef<TWSocketServer>;
  dismiss: Dismiss;
}

/** A server that nobody holds a reference to. */
async function startForgottenServer(): Promise<Forgotten> {
  const server = new TWSocketServer();
  Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
  server.OnClientConnect = (Sender, Client) => {
    Client.OnDataAvailable = () => {
      const text = Client.ReceiveStr();
      if (text === 'free') Client.Server!.Free();
      else Client.SendStr(text);
    };
  };
  server.Listen();
  const dismiss = await bystand(server);
  return { port: portOf(server), server: new WeakRef(server), dismiss };
}

describe('Garbage collection in every turn', () => {
  let running = false;

  beforeEach(() => {
    running = true;
    let turns = 0;
    const collect = (): void => {
      // A full collection takes long in a big test run, so it comes every sixteenth time.
      if (turns++ % 16) collectGarbage({ type: 'minor' });
      else collectGarbage();
      if (running) setImmediate(collect);
    };
    collect();
  });
  afterEach(() => {
    running = false;
  });

  it('[H-80] live connections survive and go on exchanging data', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    client.LineMode = true;
    client.OnDataAvailable = () => void client.SendStr(client.ReceiveStr());
    for (let i = 0; i < 50; i++) {
      peer.write(`line ${i}\r\n`);
      assert.equal(await peer.line(), `line ${i}`);
    }
  });

  it('[H-80] a listening server nobody refers to is still there', async () => {
    const { port, server, dismiss } = await startForgottenServer();
    for (let i = 0; i < 5; i++) {
      const peer = await connect(port);
      peer.write(`hello ${i}`);
      await peer.waitText(`hello ${i}`);
    }
    assert.notEqual(server.deref(), undefined);

    await dismiss();
    const last = await connect(port);
    last.write('free');
    await last.closed();
    await waitFor(() => server.deref() === undefined, 'the server collected');
  });

  it('[H-80] connections that ended are collected, those of a live server too', async () => {
    const server = await attackedServer();
    const gone: WeakRef<object>[] = [];
    server.OnClientConnect = (Sender, Client) => {
      gone.push(new WeakRef(Client));
    };
    for (let i = 0; i < 20; i++) {
      const peer = await connect(server);
      if (i % 2) peer.reset();
      else peer.end();
    }
    await waitFor(() => gone.length === 20 && visitors(server).length === 0, 'all clients gone');
    await waitFor(
      () => gone.every((reference) => reference.deref() === undefined),
      'all client objects collected',
    );
  });

  it('[H-80] bytes in the send queue survive the buffer they came from', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    peer.socket.pause();
    for (let i = 0; i < 64; i++) client.Send(Buffer.alloc(1 << 17, i));
    assert.equal(client.AllSent, false);
    const timer = setTimeout(() => peer.socket.resume(), 20);
    onCleanup(() => clearTimeout(timer));
    await waitFor(() => peer.bytes().length === 64 << 17, 'all bytes', 9000);
    for (let i = 0; i < 64; i++) assert.equal(peer.bytes()[(i << 17) + 5], i);
  });
});
