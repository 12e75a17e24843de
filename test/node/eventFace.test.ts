// The face itself: names, registration, removal.
import assert from 'node:assert/strict';
import { TWSocket, TWSocketClient, TWSocketServer } from '../../lib';
import { type EventName, events } from '../../lib/node';
import { connect, startServer, track, waitFor } from '../support';

class TMyClient extends TWSocketClient {
  Lines = 7;
}

describe('events(component)', () => {
  it('is the same face for the same component', () => {
    const server = track(new TWSocketServer());
    assert.equal(events(server), events(server));
  });

  it('refuses an unknown event and names those there are', () => {
    const face = events(track(new TWSocket()));
    const expected = /^TypeError: TWSocket has no event "ClientConnect"; it has .*SessionClosed/;
    for (const method of ['on', 'once', 'off', 'listenerCount'] as const)
      assert.throws(
        () => face[method]('ClientConnect' as never, (() => undefined) as never),
        expected,
      );
    for (const name of ['Listen', 'constructor', 'OnSessionClosed', 'sessionClosed', ''])
      assert.throws(() => face.on(name as never, (() => undefined) as never), TypeError);
  });

  it('refuses a listener that is no function and changes nothing', () => {
    const socket = track(new TWSocket());
    assert.throws(() => events(socket).on('SessionClosed', 1 as never), TypeError);
    assert.equal(Object.hasOwn(socket, 'OnSessionClosed'), false);
  });

  it('infers the arguments from the component and knows a ClientClass', async () => {
    const server = startServer({ ClientClass: TMyClient });
    let count = 0;
    events(server).on('ClientConnect', (Sender, Client: TMyClient, Err) => {
      const clients: number = Sender.ClientCount;
      const code: number = Err;
      count = Client.Lines + clients + code;
    });
    const names: EventName<TWSocket>[] = ['SessionClosed', 'BgException', 'LineLimitExceeded'];
    // @ts-expect-error no event of a client
    names.push('ClientConnect');
    // @ts-expect-error a number is no listener
    assert.throws(() => events(server).on('ClientConnect', 1));
    // @ts-expect-error the second argument is a number
    events(server).on('SessionClosed', (_Sender, Code: string) => void Code);
    await connect(server);
    await waitFor(() => count === 8, 'the listener');
  });

  it('once calls a listener once, and off takes back what on or once has added', async () => {
    const server = startServer();
    const calls: string[] = [];
    const listener = (): void => void calls.push('always');
    const gone = (): void => void calls.push('never');
    const face = events(server);
    face.on('ClientConnect', listener).once('ClientConnect', () => void calls.push('once'));
    face.once('ClientConnect', gone).off('ClientConnect', gone);
    face.addListener('ClientConnect', gone).removeListener('ClientConnect', gone);
    assert.equal(face.listenerCount('ClientConnect'), 2);
    assert.deepEqual(face.eventNames(), ['ClientConnect']);
    await connect(server);
    await connect(server);
    await waitFor(() => server.ClientCount === 2, 'both clients');
    assert.deepEqual(calls, ['always', 'once', 'always']);
    assert.equal(face.listenerCount('ClientConnect'), 1);
    face.off('ClientConnect', listener).off('ClientConnect', listener);
    assert.deepEqual(face.eventNames(), []);
  });

  it('off takes back the latest of several registrations', async () => {
    const server = startServer();
    const calls: string[] = [];
    const twice = (): void => void calls.push('twice');
    const face = events(server);
    face.on('ClientConnect', twice).on('ClientConnect', () => void calls.push('other'));
    face.on('ClientConnect', twice).off('ClientConnect', twice);
    await connect(server);
    await waitFor(() => calls.length === 2, 'both');
    assert.deepEqual(calls, ['twice', 'other']);
  });

  it('a listener added or taken back during an event counts from the next one', async () => {
    const server = startServer();
    const calls: string[] = [];
    const late = (): void => void calls.push('late');
    const early = (): void => void calls.push('early');
    const face = events(server);
    face.once(
      'ClientConnect',
      () => void face.off('ClientConnect', early).on('ClientConnect', late),
    );
    face.on('ClientConnect', early);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the first client');
    assert.deepEqual(calls, ['early']);
    await connect(server);
    await waitFor(() => server.ClientCount === 2, 'the second client');
    assert.deepEqual(calls, ['early', 'late']);
  });
});
