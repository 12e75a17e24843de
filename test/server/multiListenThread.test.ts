// What concerns all listeners of a server at once: its thread, and keeping the process alive.

import assert from 'node:assert/strict';
import { drained, waitFor } from '../support';
import { addItem, connectTo, newMultiServer, startMultiServer } from './listeners';

describe('ThreadDetach and ThreadAttach of a server with several listeners', () => {
  it('[WSS-108] detached no item accepts; attached again all accept who waited', async () => {
    const { server, items } = startMultiServer(2);
    items[1]!.Close();
    assert.equal(server.MultiListenIndex, 1);

    server.ThreadDetach();
    assert.equal(server.MultiListenIndex, -1);
    await connectTo(items[0]!);
    await connectTo(server);
    await drained();
    assert.equal(server.ClientCount, 0);

    server.ThreadAttach();
    await waitFor(() => server.ClientCount === 2, 'both clients');
    assert.deepEqual(
      new Set([...server.Client].map((client) => client.MultiListenIdx)),
      new Set([-1, 0]),
    );
  });

  it('an item added while the server was detached does not disturb ThreadAttach', async () => {
    const { server } = startMultiServer(1);
    server.ThreadDetach();
    const item = addItem(server);
    assert.equal(item.HSocket, -1);
    server.ThreadAttach();
    item.Listen();
    await connectTo(item);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });
});

describe('unref and ref of a server with several listeners', () => {
  it('[H-81] hold for items that listen and for those that will', () => {
    const { server, items } = newMultiServer(2);
    items[0]!.Listen();
    server.unref();
    items[1]!.Listen();
    for (const item of items) assert.equal(item.listener.hasRef(), false);
    assert.equal(server.hasRef(), false);
    server.ref();
    for (const item of items) assert.equal(item.listener.hasRef(), true);
  });
});
