// Where the presence of a handler changes what ICS does, a listener counts as a handler.
import assert from 'node:assert/strict';
import { TWSocket, WSAEINVAL } from '../../lib';
import { events } from '../../lib/node';
import { connect, drained, newServer, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';

describe('A listener counts as the handler', () => {
  it('of OnDataAvailable: data is kept for it, and thrown away when it has gone', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const got: string[] = [];
    const read = (): void => void got.push(client.ReceiveStr());
    events(client).on('DataAvailable', read);
    peer.write('kept');
    await waitFor(() => got.length === 1, 'the data');
    events(client).off('DataAvailable', read);
    peer.write('lost');
    await waitFor(() => client.ReadCount === 8, 'the data thrown away');
    assert.deepEqual(got, ['kept']);
  });

  it('of OnDataSent: the event fires for it', async () => {
    const { client } = await pair(startServer());
    await drained();
    let sent = 0;
    events(client).on('DataSent', () => void sent++);
    client.SendStr('x');
    await waitFor(() => sent === 1, 'OnDataSent');
  });

  it('of OnError: nothing is thrown', () => {
    const socket = track(new TWSocket());
    const errors: number[] = [];
    events(socket).on('Error', (Sender) => void errors.push(Sender.LastError));
    socket.Listen();
    assert.deepEqual(errors, [WSAEINVAL]);
  });

  it('of OnException: it gets the exception object instead', () => {
    const socket = track(new TWSocket());
    const codes: string[] = [];
    events(socket).on('Exception', (_Sender, E) => void codes.push(E.code));
    socket.Listen();
    assert.deepEqual(codes, ['EINVAL']);
  });

  it('of OnBgException: it decides with CanClose, for the clients of a server too', async () => {
    const server = newServer();
    const caught: unknown[] = [];
    events(server).on('BgException', (Sender, E, CanClose) => {
      caught.push(Sender, E.message);
      CanClose.Value = false;
    });
    server.Listen();
    const { peer, client } = await pair(server);
    client.OnDataAvailable = () => {
      client.SendStr(client.ReceiveStr());
      throw new Error('raised');
    };
    peer.write('still here');
    await peer.waitText('still here');
    assert.deepEqual(caught, [client, 'raised']);
  });

  it('is not copied to another component with the handler', async () => {
    const calls: string[] = [];
    const server = startServer();
    const { client } = await pair(server);
    server.OnSessionClosed = (Sender) => void calls.push(`handler ${Sender.constructor.name}`);
    events(server).on('SessionClosed', () => void calls.push('listener'));
    client.OnSessionClosed = server.OnSessionClosed as never;
    client.Close();
    assert.deepEqual(calls, ['handler TWSocketClient']);
    server.Close();
    assert.deepEqual(calls, ['handler TWSocketClient', 'handler TWSocketServer', 'listener']);
  });

  it('of OnBgException that has gone leaves the warning of clients that had copied it', async () => {
    const server = newServer();
    class TWarns extends server.ClientClass {}
    server.ClientClass = TWarns;
    const listener = (): void => undefined;
    events(server).on('BgException', listener);
    server.Listen();
    const { peer, client } = await pair(server);
    events(server).off('BgException', listener);
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', note);
    client.OnDataAvailable = () => {
      throw new Error('unhandled');
    };
    peer.write('x');
    await peer.closed();
    await waitFor(() => warnings.length > 0, 'the warning');
    process.off('warning', note);
    assert.match(warnings[0]!, /^TWarns: a handler threw "unhandled"/);
  });

  it('of OnSessionAvailable and OnClientCreate on a server runs for each connection', async () => {
    const log: string[] = [];
    const server = startServer();
    events(server)
      .on('SessionAvailable', () => void log.push('available'))
      .on('ClientCreate', (_Sender, Client) => void log.push(`create ${Client.CliId}`))
      .on('ClientDisconnect', (_Sender, Client) => void log.push(`gone ${Client.CliId}`));
    const peer = await connect(server);
    peer.end();
    await waitFor(() => log.length === 3, 'three events');
    assert.deepEqual(log, ['available', 'create 1', 'gone 1']);
  });
});
