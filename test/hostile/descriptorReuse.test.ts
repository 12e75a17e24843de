// A descriptor number that is used again at once: events of the old socket never reach the new one.

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { TWSocket, wsConnected } from '../../lib';
import { connect, drained, onCleanup, track, waitFor } from '../support';
import type { Peer } from '../support';

/** Takes the free numbers below, so that the next descriptor gets the number just freed. */
function fillGaps(): void {
  for (let i = 0; i < 32; i++) {
    const fd = openSync('/dev/null', 'r');
    onCleanup(() => closeSync(fd));
  }
}

class Ends {
  readonly listener = track(new TWSocket());
  readonly peers: Peer[] = [];
  readonly sockets: TWSocket[] = [];

  constructor() {
    Object.assign(this.listener, { Addr: '127.0.0.1', Port: '0', Proto: 'tcp' });
    this.listener.Listen();
    // Nothing is accepted before accept() says so.
    this.listener.Pause();
  }

  /** A connection that waits in the backlog. */
  async waiting(): Promise<Peer> {
    const peer = await connect(Number(this.listener.GetXPort()));
    this.peers.push(peer);
    return peer;
  }

  accept(): TWSocket {
    const socket = track(new TWSocket());
    socket.HSocket = this.listener.Accept();
    this.sockets.push(socket);
    return socket;
  }
}

describe('A descriptor number that is used again', () => {
  for (const ending of ['data', 'FIN', 'RST'] as const) {
    it(`[H-68][WS-94] the queued ${ending} event of the old socket is not given to the new one`, async () => {
      const ends = new Ends();
      const peers = [await ends.waiting(), await ends.waiting()];
      const old = [ends.accept(), ends.accept()];
      const late = await ends.waiting();
      await drained();

      const log: string[] = [];
      let fresh: TWSocket | null = null;
      for (const [i, socket] of old.entries()) {
        socket.OnDataAvailable = () => {
          log.push(socket.ReceiveStr());
          if (fresh) return;
          // The other one has an event in the queue; its number goes to a new connection.
          const victim = old[1 - i]!;
          const number = victim.HSocket;
          victim.OnSessionClosed = null;
          victim.OnDataAvailable = () => void log.push('late event of the old socket');
          victim.Abort();
          fresh = ends.accept();
          assert.equal(fresh.HSocket, number, 'the number is used again');
          fresh.OnDataAvailable = () => void log.push(`fresh ${fresh!.ReceiveStr()}`);
          fresh.OnSessionClosed = (Sender, ErrCode) => void log.push(`fresh closed ${ErrCode}`);
        };
      }
      peers[0]!.write('0');
      if (ending === 'data') peers[1]!.write('1');
      if (ending === 'FIN') peers[1]!.socket.destroy();
      if (ending === 'RST') peers[1]!.reset();
      fillGaps();
      old[0]!.ProcessMessages();
      await drained();
      assert.equal(log.length, 1);
      assert.equal(fresh!.State, wsConnected);

      late.write('hello');
      await waitFor(() => log.length === 2, 'the data of the new connection');
      assert.equal(log[1], 'fresh hello');
    });
  }
});
