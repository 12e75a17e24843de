// A handler that reads nothing: it is told again when there is something new, and nothing spins.

import assert from 'node:assert/strict';
import { TSockAddr, wsoNoReceiveLoop } from '../../lib';
import type { TWSocket } from '../../lib';
import { drained, pollsDuring, waitFor } from '../support';
import { listenUdp, nodeUdp } from './udp';

describe('Datagrams that the handler does not read', () => {
  const lookers: [string, (socket: TWSocket) => void][] = [
    ['does nothing', () => undefined],
    ['asks RcvdCount', (socket) => void socket.RcvdCount],
    ['peeks', (socket) => void socket.PeekData(Buffer.alloc(10))],
  ];
  for (const [what, look] of lookers) {
    for (const options of [[], [wsoNoReceiveLoop]]) {
      const how = options.length > 0 ? ', wsoNoReceiveLoop' : '';
      it(`a handler that ${what}${how}: one event per arrival, a sleeping loop, nothing lost`, async () => {
        const socket = listenUdp();
        socket.ComponentOptions = new Set(options);
        let events = 0;
        socket.OnDataAvailable = () => {
          events++;
          look(socket);
        };
        const peer = await nodeUdp();
        const port = Number(socket.GetXPort());

        await peer.send('a', port);
        await waitFor(() => events > 0, 'the event');
        const polls = await pollsDuring(200);
        assert.ok(polls < 50, `${polls} polls`);
        assert.equal(events, 1, 'one event for one datagram');

        await peer.send('b', port);
        await waitFor(() => events > 1, 'the event of the second datagram');
        await drained();
        assert.equal(events, 2);

        const seen: string[] = [];
        socket.OnDataAvailable = () => seen.push(socket.ReceiveStr());
        await peer.send('c', port);
        await waitFor(() => seen.length === 3, 'all three');
        assert.deepEqual(seen, ['a', 'b', 'c']);
      });
    }
  }

  it('arrivals during a pump inside the handler are told afterwards', async () => {
    const socket = listenUdp();
    const seen: string[] = [];
    let events = 0;
    socket.OnDataAvailable = () => {
      if (++events > 1) {
        seen.push(socket.ReceiveStr());
        return;
      }
      sendTo('second');
      for (let i = 0; i < 5; i++) socket.ProcessMessages();
    };
    const sender = listenUdp();
    const sendTo = (text: string): void => {
      sender.SendTo(new TSockAddr('127.0.0.1', socket.GetXPort()), Buffer.from(text));
    };
    sendTo('first');
    await waitFor(() => seen.length === 2, 'both');
    assert.deepEqual(seen, ['first', 'second']);
  });

  it('a handler that throws: the socket is aborted, or lives with CanClose False', async () => {
    for (const keep of [true, false]) {
      const socket = listenUdp();
      let events = 0;
      socket.OnDataAvailable = () => {
        events++;
        socket.ReceiveStr();
        throw new Error('boom');
      };
      socket.OnBgException = (_Sender, _E, CanClose) => {
        CanClose.Value = !keep;
      };
      const peer = await nodeUdp();
      const port = Number(socket.GetXPort());
      await peer.send('a', port);
      await waitFor(() => events === 1, 'the event');
      await drained();
      assert.equal(socket.HSocket >= 0, keep);
      if (!keep) continue;
      await peer.send('b', port);
      await waitFor(() => events === 2, 'the second event');
    }
  });
});
