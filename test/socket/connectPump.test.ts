// Connections inside a pump of the application.

import assert from 'node:assert/strict';
import { TWSocket, wsConnected } from '../../lib';
import { onCleanup, waitFor } from '../support';
import { connected, echoTarget, newClient, recordSocket } from './connecting';
import { newListener } from './listening';

const DEADLINE_MS = 5000;

/** Pumps, without Node's loop, until the fact is true. */
function pumpUntil(socket: TWSocket, fact: () => boolean): void {
  const deadline = Date.now() + DEADLINE_MS;
  while (!fact()) {
    assert.ok(Date.now() < deadline, 'the pump never saw it');
    socket.ProcessMessages();
  }
}

/** Accepts one connection, which echoes. */
function echoListener(): TWSocket {
  const listener = newListener();
  listener.OnSessionAvailable = () => {
    const accepted = new TWSocket();
    onCleanup(() => accepted.Free());
    accepted.OnDataAvailable = () => {
      accepted.SendStr(accepted.ReceiveStr());
    };
    accepted.HSocket = listener.Accept();
  };
  listener.Listen();
  return listener;
}

describe('A connection inside ProcessMessages', () => {
  it('connects, exchanges data and ends without a turn of Node’s loop', () => {
    const client = newClient(echoListener().GetXPort());
    let text = '';
    client.OnDataAvailable = () => {
      text += client.ReceiveStr();
    };
    const lines = recordSocket(client);

    client.Connect();
    pumpUntil(client, () => client.State === wsConnected);
    client.SendStr('inside');
    pumpUntil(client, () => text === 'inside');
    client.Close();

    assert.deepEqual(lines, [
      'Closed Opened',
      'Opened Connecting',
      'Connecting Connected',
      'OnSessionConnected 0',
      'Connected Closed',
      'OnSessionClosed 0',
    ]);
  });

  it('works inside OnDataAvailable of another socket', async () => {
    const listener = echoListener();
    const { port } = await echoTarget();
    const outer = newClient(port);
    let inner = '';
    outer.OnDataAvailable = () => {
      outer.ReceiveStr();
      const client = newClient(listener.GetXPort());
      client.OnSessionConnected = () => client.SendStr('nested');
      client.OnDataAvailable = () => {
        inner += client.ReceiveStr();
      };
      client.Connect();
      pumpUntil(client, () => inner === 'nested');
    };
    outer.Connect();
    await connected(outer);

    outer.SendStr('go');
    await waitFor(() => inner === 'nested', 'the nested echo');
  });

  it('reports a refusal too', () => {
    const listener = echoListener();
    const port = listener.GetXPort();
    listener.Close();
    const client = newClient(port);
    const lines = recordSocket(client);

    client.Connect();
    pumpUntil(client, () => lines.includes('OnSessionClosed 0'));

    assert.ok(lines.includes('OnSessionConnected 10061'));
  });
});
