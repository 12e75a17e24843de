// Both ends of one connection.

import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect } from './peer';
import type { Peer } from './peer';
import { waitFor } from './waitFor';

export interface Pair {
  peer: Peer;
  client: TWSocketClient;
}

/** Connects a peer and waits until the server has announced its client. */
export async function pair(server: TWSocketServer): Promise<Pair> {
  const peer = await connect(server);
  const find = (): TWSocketClient | undefined => {
    for (let i = 0; i < server.ClientCount; i++) {
      const client = server.Client[i]!;
      if (client.PeerPort === String(peer.localPort)) return client;
    }
    return undefined;
  };
  await waitFor(() => find() !== undefined, 'the client of the peer');
  return { peer, client: find()! };
}

/** Several of them, connected one after the other. */
export async function pairs(server: TWSocketServer, count: number): Promise<Pair[]> {
  const all: Pair[] = [];
  while (all.length < count) all.push(await pair(server));
  return all;
}

/** Connects; null when the server resets the connection so early that the connect reports it. */
export async function tryConnect(server: TWSocketServer): Promise<Peer | null> {
  try {
    return await connect(server);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return null;
    throw error;
  }
}

/** Connects and tells how the server ended the connection. */
export async function endOf(server: TWSocketServer): Promise<'end' | 'reset'> {
  const peer = await tryConnect(server);
  return peer ? peer.closed() : 'reset';
}
