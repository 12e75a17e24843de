// Finding an item of MultiListenSockets by its descriptor or by its number.

import assert from 'node:assert/strict';
import { addItem, startMultiServer } from './listeners';

describe('MultiListenSockets', () => {
  it('[WSS-103] finds items by descriptor', () => {
    const { server, items } = startMultiServer(2);
    const sockets = server.MultiListenSockets;

    assert.equal(sockets.FindItemIndex(items[1]!.HSocket), 1);
    assert.equal(sockets.FindItemHandle(items[1]!.HSocket), items[1]);
    assert.equal(sockets.FindItemIndex(server.HSocket), -1);
    assert.equal(sockets.FindItemHandle(server.HSocket), null);
  });

  it('[WSS-103] finds no closed item for the descriptor -1', () => {
    const { server } = startMultiServer(1);
    addItem(server);
    assert.equal(server.MultiListenSockets.FindItemIndex(-1), -1);
    assert.equal(server.MultiListenSockets.FindItemHandle(-1), null);
  });

  it('[WSS-103] finds items by ID, which stays when items before it go', () => {
    const { server, items } = startMultiServer(3);
    const { ID } = items[2]!;
    server.MultiListenSockets.Delete(0);
    assert.equal(server.MultiListenSockets.FindItemID(ID), items[2]);
    assert.equal(server.MultiListenSockets.FindItemID(ID + 1), null);
    assert.equal(addItem(server).ID, ID + 1);
  });
});
