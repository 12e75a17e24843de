// Handlers that throw while an item accepts: the exception is the server's, as in ICS, and by
// default it is the server's own listener that closes (D-02).

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import type { TWSocketServer } from '../../lib';
import { connect, drained, waitFor } from '../support';
import { connectTo, startMultiServer } from './listeners';

function throwOnce(server: TWSocketServer, event: 'OnSessionAvailable' | 'OnClientConnect'): void {
  let thrown = false;
  server[event] = () => {
    if (thrown) return;
    thrown = true;
    throw new Error(`raised in ${event}`);
  };
}

describe('A handler that throws for a connection of an item', () => {
  it('[WSS-85] goes to OnBgException of the server; with CanClose False all listeners stay', async () => {
    const { server, items } = startMultiServer(1);
    const caught: unknown[] = [];
    server.OnBgException = (Sender, E, CanClose) => {
      caught.push([Sender === server, E.message]);
      CanClose.Value = false;
    };
    throwOnce(server, 'OnClientConnect');

    await connectTo(items[0]!);
    await waitFor(() => caught.length === 1, 'OnBgException');
    await connectTo(items[0]!);
    await waitFor(() => server.ClientCount === 2, 'the next client');

    assert.deepEqual(caught, [[true, 'raised in OnClientConnect']]);
    assert.equal(server.ListenAllOK(), true);
  });

  it('[WSS-86] by default closes the server’s own listener, the item serves on', async () => {
    const { server, items } = startMultiServer(1);
    server.OnBgException = () => undefined;
    throwOnce(server, 'OnClientConnect');

    await connectTo(items[0]!);
    await waitFor(() => server.State === wsClosed, 'the server’s listener closed');
    await connectTo(items[0]!);
    await waitFor(() => server.ClientCount === 2, 'the next client');

    assert.equal(items[0]!.State, wsListening);
  });

  it('in OnSessionAvailable refuses the connection and creates no client', async () => {
    const { server, items } = startMultiServer(1);
    let caught = 0;
    server.OnBgException = (_Sender, _E, CanClose) => {
      caught++;
      CanClose.Value = false;
    };
    server.OnClientCreate = () => assert.fail('OnClientCreate');
    throwOnce(server, 'OnSessionAvailable');

    const peer = await connect(Number(items[0]!.BindPort)).catch(() => null);
    await peer?.closed();
    await drained();

    assert.equal(caught, 1);
    assert.equal(server.ClientCount, 0);
    assert.equal(items[0]!.State, wsListening);
  });

  it('an async handler that rejects counts as one that throws', async () => {
    const { server, items } = startMultiServer(1);
    const caught: string[] = [];
    server.OnBgException = (_Sender, E, CanClose) => {
      caught.push(E.message);
      CanClose.Value = false;
    };
    server.OnClientConnect = async () => {
      await Promise.reject(new Error('rejected'));
    };
    await connectTo(items[0]!);
    await waitFor(() => caught.length === 1, 'OnBgException');
    assert.deepEqual(caught, ['rejected']);
  });
});
