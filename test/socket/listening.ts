// A listening TWSocket for the tests of this folder.

import { TWSocket } from '../../lib';
import { connect, track, waitFor } from '../support';
import type { Peer } from '../support';

export function newListener(Port = '0', Addr = '127.0.0.1'): TWSocket {
  return Object.assign(track(new TWSocket()), { Addr, Port });
}

export function startListener(Port = '0'): TWSocket {
  const listener = newListener(Port);
  listener.Listen();
  return listener;
}

/** Connects a peer and returns it with the descriptor Accept gave for it. */
export async function acceptPeer(listener: TWSocket): Promise<{ peer: Peer; handle: number }> {
  let handle: number | undefined;
  listener.OnSessionAvailable = () => {
    handle = listener.Accept();
  };
  const peer = await connect(Number(listener.GetXPort()));
  await waitFor(() => handle !== undefined, 'OnSessionAvailable');
  return { peer, handle: handle! };
}
