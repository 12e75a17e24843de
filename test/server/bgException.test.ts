// What happens to an exception that leaves a handler: OnBgException and CanClose.

import assert from 'node:assert/strict';
import { EAbort, wsClosed, wsConnected, wsListening } from '../../lib';
import type { TComponent, TWSocketServer } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { bystand } from '../support/bystander';
import { pair } from '../support/pair';

interface Caught {
  Sender: TComponent;
  E: Error;
}

function raise(text: string): never {
  throw new Error(text);
}

/** A server that records background exceptions; `canClose` null leaves the default. */
function catchingServer(caught: Caught[], canClose: boolean | null): TWSocketServer {
  return startServer({
    OnBgException: (Sender, E, CanClose) => {
      assert.equal(CanClose.Value, true);
      caught.push({ Sender, E });
      if (canClose !== null) CanClose.Value = canClose;
    },
  });
}

describe('An exception in a handler', () => {
  it('[WSS-83] of OnDataAvailable goes to OnBgException and closes that client only', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, null);
    const bad = await pair(server);
    const good = await pair(server);
    const error = new Error('raised in OnDataAvailable');
    bad.client.OnDataAvailable = () => {
      throw error;
    };
    good.client.OnDataAvailable = () => void good.client.SendStr(good.client.ReceiveStr());

    bad.peer.write('x');
    await bad.peer.closed();
    good.peer.write('echo');
    await good.peer.waitText('echo');
    await waitFor(() => server.ClientCount === 1, 'one client left');
    assert.equal(caught.length, 1);
    assert.equal(caught[0]!.Sender, bad.client);
    assert.equal(caught[0]!.E, error);
    assert.equal(server.State, wsListening);
  });

  it('[WSS-84][WS-61] with CanClose False the client stays and gets further data', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, false);
    const { peer, client } = await pair(server);
    const received: string[] = [];
    client.OnDataAvailable = () => {
      received.push(client.ReceiveStr());
      if (received.length === 1) raise('the first time');
    };
    peer.write('one');
    await waitFor(() => caught.length === 1, 'OnBgException');
    peer.write('two');
    await waitFor(() => received.length === 2, 'the second event');
    assert.deepEqual(received, ['one', 'two']);
    assert.equal(client.State, wsConnected);
    assert.equal(caught.length, 1);
  });

  it('[WSS-85][H-67] of OnClientConnect, CanClose False: listener and client stay, no banner', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, false);
    await bystand(server);
    server.Banner = 'welcome';
    server.OnClientConnect = (Sender, Client) => {
      if (Client.CliId === 2) raise('raised in OnClientConnect');
    };
    const { peer, client } = await pair(server);
    await waitFor(() => caught.length === 1, 'OnBgException');
    assert.equal(caught[0]!.Sender, server);
    assert.equal(server.State, wsListening);
    assert.equal(client.State, wsConnected);

    const next = await connect(server);
    assert.equal(await next.line(), 'welcome');
    client.SendStr('no banner');
    await peer.waitText('no banner');
    assert.equal(peer.text, 'no banner');
  });

  it('[WSS-86] of OnClientConnect with CanClose True closes the listener, not the clients', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, null);
    const { peer, client } = await pair(server);
    server.OnClientConnect = () => raise('raised in OnClientConnect');
    await connect(server);
    await waitFor(() => server.State === wsClosed, 'the listener closed');
    assert.equal(caught.length, 1);
    assert.equal(caught[0]!.Sender, server);
    client.SendStr('still served');
    await peer.waitText('still served');
  });

  it('[WSS-87] of OnClientDisconnect does not keep the client in the list', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, false);
    server.OnClientDisconnect = () => raise('raised in OnClientDisconnect');
    const { peer, client } = await pair(server);
    peer.end();
    await waitFor(() => caught.length === 1, 'OnBgException');
    await waitFor(() => server.ClientCount === 0, 'the client gone from the list');
    assert.equal(caught[0]!.Sender, server);
    assert.equal(client.CliId, 0);
    assert.equal(server.State, wsListening);
  });

  it('[WSS-88][WS-63] that is EAbort is dropped silently and closes nothing', async () => {
    const caught: Caught[] = [];
    const server = catchingServer(caught, null);
    const events: string[] = [];
    server.OnClientConnect = () => {
      events.push('OnClientConnect');
      throw new EAbort('no more of this');
    };
    const { peer, client } = await pair(server);
    client.OnDataAvailable = () => {
      events.push(client.ReceiveStr());
      throw new EAbort('no more of this');
    };
    for (const text of ['one', 'two']) {
      peer.write(text);
      await waitFor(() => events.includes(text), text);
    }
    await drained();
    assert.deepEqual(events, ['OnClientConnect', 'one', 'two']);
    assert.equal(caught.length, 0);
    assert.equal(client.State, wsConnected);
    assert.equal(server.State, wsListening);
  });

  for (const canClose of [true, false]) {
    it(`[WSS-89][WS-62] OnBgException that raises itself: CanClose ${canClose} applies`, async () => {
      const server = startServer({
        OnBgException: (Sender, E, CanClose) => {
          CanClose.Value = canClose;
          raise('raised in OnBgException');
        },
      });
      const { peer, client } = await pair(server);
      let events = 0;
      client.OnDataAvailable = () => {
        events++;
        client.ReceiveStr();
        raise('raised in OnDataAvailable');
      };
      peer.write('x');
      await waitFor(() => events === 1, 'OnDataAvailable');
      await drained();
      assert.equal(client.State === wsConnected, !canClose);
      assert.equal(server.State, wsListening);
    });
  }

  it('[WS-65] calls ExceptAbortProc before the connection is aborted', async () => {
    const log: string[] = [];
    const server = startServer({ OnBgException: () => void log.push('OnBgException') });
    const { peer, client } = await pair(server);
    client.ExceptAbortProc = (E) => {
      log.push(`ExceptAbortProc ${E.message} ${client.State === wsConnected}`);
      raise('raised in ExceptAbortProc');
    };
    client.OnDataAvailable = () => raise('boom');
    peer.write('x');
    assert.equal(await peer.closed(), 'reset');
    assert.deepEqual(log, ['OnBgException', 'ExceptAbortProc boom true']);
  });
});
