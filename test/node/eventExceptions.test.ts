// What listeners throw takes the way of what handlers throw, and keeps nobody else from running.
import assert from 'node:assert/strict';
import { EAbort, TWSocket, wsConnected } from '../../lib';
import { events } from '../../lib/node';
import { connect, drained, raised, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A connection whose background exceptions are collected and close nothing. */
async function lenient(): Promise<{ texts: string[] } & Awaited<ReturnType<typeof pair>>> {
  const texts: string[] = [];
  const server = startServer({
    OnBgException: (_Sender, E, CanClose) => {
      texts.push(E.message);
      CanClose.Value = false;
    },
  });
  return { texts, ...(await pair(server)) };
}

describe('An exception in a listener', () => {
  it('reaches OnBgException, closes the client by default, and the other listeners run', async () => {
    const caught: unknown[] = [];
    const server = startServer({
      OnBgException: (Sender, E) => void caught.push(Sender, E.message),
    });
    const { peer, client } = await pair(server);
    const calls: string[] = [];
    events(client)
      .on('DataAvailable', () => {
        calls.push('first');
        throw new Error('of a listener');
      })
      .on('DataAvailable', () => void calls.push('second'));
    peer.write('x');
    await peer.closed();
    assert.deepEqual(calls, ['first', 'second']);
    assert.deepEqual(caught, [client, 'of a listener']);
  });

  it('and one of the handler: both are reported, the first one first', async () => {
    const { texts, peer, client } = await lenient();
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      throw new Error('handler');
    };
    events(client)
      .on('DataAvailable', () => {
        throw new Error('listener');
      })
      .on('DataAvailable', () => Promise.reject(new Error('promise')));
    peer.write('x');
    await waitFor(() => texts.length === 3, 'all three');
    assert.equal(texts[0], 'handler');
    assert.deepEqual([...texts].sort(), ['handler', 'listener', 'promise']);
    assert.equal(client.State, wsConnected);
  });

  it('that is async is reported for each listener, the earliest at once', async () => {
    const { texts, peer, client } = await lenient();
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    events(client)
      .on('DataAvailable', async () => {
        client.ReceiveStr();
        await slow;
        throw new Error('slow');
      })
      .on('DataAvailable', async () => {
        await turn();
        throw new Error('quick');
      });
    peer.write('x');
    await waitFor(() => texts.length === 1, 'the quick one');
    assert.deepEqual(texts, ['quick']);
    release();
    await waitFor(() => texts.length === 2, 'the slow one');
    assert.deepEqual(texts, ['quick', 'slow']);
  });

  it('leaves a call of the application like one of the handler', () => {
    const socket = track(new TWSocket());
    const error = raised(() => socket.Listen());
    events(socket).on('Error', () => {
      throw error;
    });
    assert.throws(() => socket.Listen(), error);
  });

  it('of OnClientCreate refuses the connection', async () => {
    const server = startServer({ OnBgException: (_S, _E, CanClose) => (CanClose.Value = false) });
    events(server).once('ClientCreate', () => {
      throw new Error('not this one');
    });
    const refused = await connect(server).catch(() => null);
    await refused?.closed();
    await pair(server);
    assert.equal(server.ClientCount, 1);
  });

  it('that is EAbort is dropped silently', async () => {
    const { texts, peer, client } = await lenient();
    let calls = 0;
    events(client).on('DataAvailable', () => {
      calls++;
      client.ReceiveStr();
      throw new EAbort();
    });
    peer.write('x');
    await waitFor(() => calls === 1, 'the event');
    await drained();
    assert.deepEqual(texts, []);
  });

  it('of OnBgException itself is ignored, thrown or rejected', async () => {
    let calls = 0;
    const { peer, client } = await pair(startServer());
    events(client)
      .on('BgException', (_Sender, _E, CanClose) => {
        calls++;
        CanClose.Value = false;
        throw new Error('in the net');
      })
      .on('BgException', () => {
        calls++;
        throw new Error('again');
      })
      .on('BgException', () => Promise.reject(new Error('and later')));
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      throw new Error('the reason');
    };
    peer.write('x');
    await waitFor(() => calls === 2, 'both');
    await drained();
    assert.equal(calls, 2);
    assert.equal(client.State, wsConnected);
  });
});
