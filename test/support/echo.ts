// Sends back whatever arrives: the shortest proof that a connection is really served.

import assert from 'node:assert/strict';
import type { TWSocket } from '../../lib';
import type { Peer } from './peer';

export function echo(Client: TWSocket): void {
  Client.OnDataAvailable = () => {
    Client.SendStr(Client.ReceiveStr());
  };
}

/** Passes when the peer gets back what it sends, and nothing before it. */
export async function expectEcho(peer: Peer, text = 'ping'): Promise<void> {
  peer.write(text);
  assert.equal((await peer.read(text.length)).toString('latin1'), text);
}
