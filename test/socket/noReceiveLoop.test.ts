// ComponentOptions wsoNoReceiveLoop: one OnDataAvailable for each read notification.
import assert from 'node:assert/strict';
import { TWSocketClient, wsoNoReceiveLoop } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { accepted } from './accepted';

describe('wsoNoReceiveLoop', () => {
  it('[WSS-44] delivers all data to a handler that reads a part each time', async () => {
    const parts: string[] = [];
    const { peer } = await accepted((client) => {
      client.ComponentOptions.add(wsoNoReceiveLoop);
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(4);
        parts.push(part.toString('latin1', 0, Math.max(client.Receive(part, 4), 0)));
      };
    });
    peer.write('0123456789');
    await waitFor(() => parts.join('').length === 10, 'all data received');
    await drained();
    assert.deepEqual(parts, ['0123', '4567', '89']);
  });

  /** Two clients have 12 bytes each waiting; every handler call reads 4 of its own. */
  async function orderOfCalls(noReceiveLoop: boolean): Promise<number[]> {
    const order: number[] = [];
    const clients: TWSocketClient[] = [];
    const server = startServer();
    server.OnClientConnect = (_server, client) => {
      clients.push(client);
      if (noReceiveLoop) client.ComponentOptions = new Set([wsoNoReceiveLoop]);
      client.OnDataAvailable = () => {
        if (client.Receive(Buffer.alloc(4), 4) > 0) order.push(client.CliId);
      };
    };
    const peers = [await connect(server), await connect(server)];
    await waitFor(() => clients.length === 2, 'both clients connected');
    for (const client of clients) client.Pause();
    for (const peer of peers) peer.write('0123456789ab');
    await drained();
    for (const client of clients) client.Resume();
    await waitFor(() => order.length === 6, 'all data received');
    return order;
  }

  it('[WS-47] lets the event of another connection come between two reads', async () => {
    const order = await orderOfCalls(true);
    assert.notEqual(order[0], order[1], order.join(' '));
  });

  it('[WS-46] without it the connection is emptied first', async () => {
    const order = await orderOfCalls(false);
    assert.equal(new Set(order.slice(0, 3)).size, 1, order.join(' '));
  });

  it('is ignored while a close by the peer delivers the remaining data', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.ComponentOptions.add(wsoNoReceiveLoop);
      client.OnDataAvailable = () => {
        const part = Buffer.alloc(4);
        events.push(part.toString('latin1', 0, Math.max(client.Receive(part, 4), 0)));
      };
      client.OnSessionClosed = (_sender, error) => {
        events.push(`closed ${error}`);
      };
    });
    peer.socket.end('0123456789');
    await waitFor(() => events.includes('closed 0'), 'OnSessionClosed');
    assert.deepEqual(
      events.filter((event) => event !== ''),
      ['0123', '4567', '89', 'closed 0'],
    );
  });
});
