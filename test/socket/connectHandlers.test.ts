// Close, Abort, Free and the next Connect inside every event on the way of a connection. Whatever
// a handler does, the socket ends where the handler has put it, and its events stay in pairs.

import assert from 'node:assert/strict';
import { ESocketException, SocketStateNames, TSocketState, wsClosed, wsConnected } from '../../lib';
import type { TWSocket } from '../../lib';
import { drained, freePort, waitFor } from '../support';
import { echoTarget, expectAnswer, newClient, recordSocket } from './connecting';
import type { Target } from './connecting';

type Place =
  'Opened' | 'Connecting' | 'Connected' | 'Closed' | 'OnSessionConnected' | 'OnSessionClosed';

const PLACES: Place[] = [
  'Opened',
  'Connecting',
  'Connected',
  'Closed',
  'OnSessionConnected',
  'OnSessionClosed',
];

/** Runs `action` once, in the event named by `place`. */
function doIn(socket: TWSocket, place: Place, action: () => void): () => boolean {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    action();
  };
  socket.OnChangeState = (_Sender, _before, after: TSocketState) => {
    if (SocketStateNames[after] === place) once();
  };
  if (place === 'OnSessionConnected') socket.OnSessionConnected = once;
  if (place === 'OnSessionClosed') socket.OnSessionClosed = once;
  return () => done;
}

// Connect may raise because of what the handler did (wsOpened: ICS says so).
function connectQuietly(socket: TWSocket): void {
  try {
    socket.Connect();
  } catch (error) {
    assert.ok(error instanceof ESocketException, String(error));
  }
}

async function runInto(place: Place, target: Target, action: (socket: TWSocket) => void) {
  const socket = newClient(target.port);
  const ran = doIn(socket, place, () => action(socket));
  const lines = recordSocket(socket);
  connectQuietly(socket);
  if (place === 'Closed' || place === 'OnSessionClosed') {
    await waitFor(() => socket.State === wsConnected, 'the connection');
    socket.Close();
  }
  await waitFor(ran, `the handler in ${place}`);
  await drained();
  return { socket, lines };
}

describe('A handler on the way of a connection', () => {
  for (const place of PLACES) {
    for (const how of ['Close', 'Abort', 'Free'] as const) {
      it(`${how} in ${place} leaves a closed socket, with no event behind`, async () => {
        const target = await echoTarget();
        const { socket, lines } = await runInto(place, target, (Sender) => Sender[how]());

        assert.equal(socket.State, wsClosed);
        assert.equal(socket.HSocket, -1);
        const ends = lines.filter((line) => line.startsWith('OnSessionClosed')).length;
        assert.ok(ends <= 1, lines.join(', '));
        if (how !== 'Free') assert.equal(ends, 1, lines.join(', '));
        assert.equal(lines.filter((line) => line.endsWith(' Closed')).length, 1, lines.join(', '));
        const told = lines.filter((line) => line.startsWith('OnSessionConnected')).length;
        const early = place === 'Opened' || place === 'Connecting' || place === 'Connected';
        assert.equal(told, early ? 0 : 1, lines.join(', '));
      });
    }

    it(`Close and Connect in ${place}: the second connection lives and ends once`, async () => {
      const target = await echoTarget();
      const { socket, lines } = await runInto(place, target, (Sender) => {
        Sender.Close();
        if (Sender.State === wsClosed) Sender.Connect();
      });
      await waitFor(() => socket.State === wsConnected, 'the second connection');

      assert.equal(lines.filter((line) => line.startsWith('OnSessionClosed')).length, 1);
      await expectAnswer(socket);
      socket.Close();
      assert.equal(lines.filter((line) => line.startsWith('OnSessionClosed')).length, 2);
    });
  }

  it('Connect in OnSessionClosed of a refused attempt is the next attempt', async () => {
    const socket = newClient(await freePort());
    let attempts = 1;
    socket.OnSessionClosed = () => {
      if (++attempts <= 5) socket.Connect();
    };
    const lines = recordSocket(socket);

    socket.Connect();
    await waitFor(() => attempts > 5, 'five attempts');
    await drained();

    assert.equal(lines.filter((line) => line === 'OnSessionConnected 10061').length, 5);
    assert.equal(socket.State, wsClosed);
  });

  it('Free in OnSessionConnected of a refused attempt ends quietly', async () => {
    const socket = newClient(await freePort());
    socket.OnSessionConnected = () => socket.Free();
    const lines = recordSocket(socket);

    socket.Connect();
    await waitFor(() => socket.isDestroyed, 'the free');
    await drained();

    assert.equal(lines.at(-1), 'Connecting Closed');
  });

  it('Connect, Listen and DnsLookup in OnChangeState do not revive a socket being freed', async () => {
    for (const how of ['Connect', 'Listen', 'DnsLookup'] as const) {
      const target = await echoTarget();
      const socket = newClient(target.port);
      socket.Connect();
      await waitFor(() => socket.State === wsConnected, 'the connection');
      let tried = 0;
      socket.OnChangeState = () => {
        tried++;
        socket[how]('localhost');
      };

      socket.Free();
      await drained();

      assert.equal(tried, 1);
      assert.equal(socket.State, wsClosed);
      assert.equal(socket.HSocket, -1);
      assert.equal(socket.lookup, 0);
    }
  });

  it('Connect of a freed socket raises and opens nothing', () => {
    const socket = newClient(80);
    socket.Free();
    assert.throws(() => socket.Connect(), ESocketException);
    assert.equal(socket.HSocket, -1);
  });

  it('what OnSessionClosed assigns for a Connect by name is still there when it connects', async () => {
    const target = await echoTarget();
    const socket = newClient(target.port);
    socket.OnSessionClosed = () => {
      socket.OnSessionClosed = null;
      socket.Addr = 'localhost';
      socket.LocalAddr = '127.0.0.3';
      socket.Connect();
    };
    socket.Connect();
    await waitFor(() => socket.State === wsConnected, 'the first connection');

    socket.Close();
    await waitFor(() => socket.State === wsConnected, 'the second connection');

    assert.equal(socket.GetXAddr(), '127.0.0.3');
  });
});
