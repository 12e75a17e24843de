// Pause and Resume of one item: its connections wait, those of the others do not.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import { drained, waitFor } from '../support';
import { connectTo, startMultiServer } from './listeners';

describe('Pause of an item', () => {
  it('[WSS-100] lets its connections wait until Resume', async () => {
    const { server, items } = startMultiServer(2);
    const [item, other] = items;
    const seen: number[] = [];
    server.OnClientConnect = (_Sender, Client) => void seen.push(Client.MultiListenIdx);

    assert.equal(item!.Pause(), true);
    assert.equal(item!.Paused, true);
    assert.equal(item!.SelectEvent, 0);
    await connectTo(item!);
    await connectTo(item!);
    await connectTo(other!);
    await connectTo(server);
    await waitFor(() => seen.length === 2, 'the clients of the others');
    await drained();
    assert.deepEqual(seen, [1, -1]);
    assert.equal(item!.State, wsListening);

    assert.equal(item!.Resume(), true);
    await waitFor(() => seen.length === 4, 'the clients that have waited');
    assert.deepEqual(seen, [1, -1, 0, 0]);
    assert.equal(item!.Paused, false);
  });

  it('in OnClientConnect of its own connection stops it within the burst', async () => {
    const { server, items } = startMultiServer(1);
    server.OnClientConnect = () => void items[0]!.Pause();
    await Promise.all([connectTo(items[0]!), connectTo(items[0]!), connectTo(items[0]!)]);
    await waitFor(() => server.ClientCount > 0, 'a client');
    await drained();
    assert.equal(server.ClientCount, 1);

    items[0]!.Resume();
    await waitFor(() => server.ClientCount === 2, 'the next client');
  });

  it('has no effect on a closed item, and ends with Close', () => {
    const { items } = startMultiServer(1);
    const [item] = items;
    item!.Pause();
    item!.Close();
    assert.equal(item!.Paused, false);
    assert.equal(item!.Pause(), false);
    assert.equal(item!.Resume(), true);
    item!.Listen();
    assert.equal(item!.Paused, false);
  });
});
