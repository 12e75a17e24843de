// Handlers that are async functions: a rejected promise counts as an exception of the handler.

import assert from 'node:assert/strict';
import { EAbort, wsClosed, wsConnected, wsListening } from '../../lib';
import { drained, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pair } from '../support/pair';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('An async handler', () => {
  it('[H-79] that rejects goes to OnBgException; by default the client is closed', async () => {
    const caught: unknown[] = [];
    const server = await attackedServer({
      OnBgException: (Sender, E) => {
        caught.push(Sender, E);
      },
    });
    const { peer, client } = await pair(server);
    const error = new Error('rejected later');
    client.OnDataAvailable = async () => {
      client.ReceiveStr();
      await turn();
      throw error;
    };
    peer.write('x');
    await peer.closed();
    assert.deepEqual(caught, [client, error]);
    assert.equal(server.State, wsListening);
  });

  it('[H-79] with CanClose False stays connected', async () => {
    const texts: string[] = [];
    const server = await attackedServer({
      OnBgException: (Sender, E, CanClose) => {
        texts.push(E.message);
        CanClose.Value = false;
      },
    });
    const { peer, client } = await pair(server);
    client.OnDataAvailable = async () => {
      const text = client.ReceiveStr();
      await Promise.resolve();
      throw new Error(text);
    };
    for (const text of ['one', 'two']) {
      peer.write(text);
      await waitFor(() => texts.includes(text), text);
    }
    assert.deepEqual(texts, ['one', 'two']);
    assert.equal(client.State, wsConnected);
  });

  it('[H-79] of the server that rejects closes the listener by default', async () => {
    const caught: unknown[] = [];
    const server = await attackedServer({
      OnBgException: (Sender) => {
        caught.push(Sender);
      },
    });
    server.OnClientConnect = async () => {
      await turn();
      throw new Error('rejected in OnClientConnect');
    };
    const { peer, client } = await pair(server);
    await waitFor(() => server.State === wsClosed, 'the listener closed');
    assert.deepEqual(caught, [server]);
    client.SendStr('still served');
    await peer.waitText('still served');
  });

  it('[H-79] that rejects with EAbort is dropped silently', async () => {
    const caught: Error[] = [];
    const server = await attackedServer({
      OnBgException: (Sender, E) => {
        caught.push(E);
      },
    });
    const { peer, client } = await pair(server);
    let events = 0;
    client.OnDataAvailable = async () => {
      events++;
      client.ReceiveStr();
      await turn();
      throw new EAbort();
    };
    peer.write('x');
    await waitFor(() => events === 1, 'the event');
    await drained();
    assert.deepEqual(caught, []);
    assert.equal(client.State, wsConnected);
  });

  it('[H-79] that rejects after its client is gone harms nobody', async () => {
    const server = await attackedServer({ OnBgException: () => undefined });
    const { peer, client } = await pair(server);
    const other = await pair(server);
    let rejected = false;
    client.OnDataAvailable = async () => {
      client.ReceiveStr();
      await waitFor(() => client.CliId === 0, 'the client freed');
      rejected = true;
      throw new Error('too late');
    };
    peer.socket.end('x');
    await waitFor(() => rejected, 'the late rejection');
    await drained();
    assert.equal(server.State, wsListening);
    assert.equal(visitors(server).length, 1);
    assert.equal(other.client.State, wsConnected);
  });

  it('continues between two events, not only when Node is idle', async () => {
    const log: string[] = [];
    const server = startServer();
    const { peer, client } = await pair(server);
    client.LineMode = true;
    client.OnDataAvailable = async () => {
      const line = client.ReceiveStr().trim();
      log.push(`${line} begins`);
      await Promise.resolve();
      log.push(`${line} ends`);
    };
    peer.write('a\r\nb\r\n');
    await waitFor(() => log.length === 4, 'both lines');
    assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends']);
  });
});
