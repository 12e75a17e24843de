// The application closes a descriptor behind the package's back (a mistake that aborts a plain Node
// program): the component notices at its next use, and nobody else does.

import assert from 'node:assert/strict';
import { closeSync, openSync, readSync } from 'node:fs';
import { ESocketException, wsClosed, wsListening } from '../../lib';
import { connect, drained, pollsDuring, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pairs } from '../support/pair';
import type { Pair } from '../support/pair';

async function expectEcho({ peer, client }: Pair, text: string): Promise<void> {
  client.OnDataAvailable = () => void client.SendStr(client.ReceiveStr());
  peer.write(text);
  await peer.waitText(text);
}

describe('A descriptor closed behind our back', () => {
  it('[H-76] Receive reports 10038; Close works; other connections do not notice', async () => {
    const server = await attackedServer();
    const [victim, other] = await pairs(server, 2);
    closeSync(victim!.client.HSocket);
    assert.equal(victim!.client.Receive(Buffer.alloc(10)), -1);
    assert.equal(victim!.client.LastError, 10038);
    await expectEcho(other!, 'untouched');

    victim!.client.Close();
    assert.equal(victim!.client.State, wsClosed);
    assert.equal(victim!.client.HSocket, -1);
    await waitFor(() => visitors(server).length === 1, 'the victim gone from the list');
    await expectEcho(other!, 'still untouched');
  });

  it('[H-76] Send reports 10038 and ends the session, both events once', async () => {
    const log: string[] = [];
    const server = await attackedServer({
      OnClientDisconnect: (Sender, Client, ErrCode) => {
        log.push(`OnClientDisconnect ${ErrCode}`);
      },
    });
    const [victim, other] = await pairs(server, 2);
    const { client } = victim!;
    client.OnSessionClosed = (Sender, ErrCode) => void log.push(`OnSessionClosed ${ErrCode}`);
    closeSync(client.HSocket);
    try {
      client.SendStr('nowhere');
    } catch (error) {
      assert.ok(error instanceof ESocketException);
      assert.equal(error.ErrorCode, 10038);
    }
    await waitFor(() => visitors(server).length === 1, 'the victim gone from the list');
    assert.deepEqual(log, ['OnSessionClosed 10038', 'OnClientDisconnect 10038']);
    await expectEcho(other!, 'untouched');
  });

  for (const action of ['Close', 'Abort', 'CloseDelayed', 'Free', 'Pause', 'Shutdown'] as const) {
    it(`[H-76] ${action} as the first use is safe`, async () => {
      const server = await attackedServer();
      const [victim, other] = await pairs(server, 2);
      closeSync(victim!.client.HSocket);
      if (action === 'Shutdown') victim!.client.Shutdown(1);
      else victim!.client[action]();
      await drained();
      victim!.client.Close();
      await waitFor(() => visitors(server).length === 1, 'the victim gone from the list');
      await expectEcho(other!, 'untouched');
    });
  }

  it('[H-76] inside the handler that is running', async () => {
    const server = await attackedServer();
    const [victim, other] = await pairs(server, 2);
    const { client, peer } = victim!;
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      closeSync(client.HSocket);
    };
    peer.write('x');
    await peer.closed();
    await drained();
    client.Close();
    await waitFor(() => visitors(server).length === 1, 'the victim gone from the list');
    await expectEcho(other!, 'untouched');
  });

  it('[H-76] whose number went to another connection of the package leaves that one alone', async () => {
    const server = await attackedServer();
    const [victim] = await pairs(server, 1);
    const number = victim!.client.HSocket;
    server.Pause();
    const peer = await connect(server);
    closeSync(number);
    server.Resume();
    await waitFor(() => visitors(server).length === 2, 'the next client');
    const client = visitors(server)[1]!;
    assert.equal(client.HSocket, number, 'the number is used again');

    assert.equal(victim!.client.Receive(Buffer.alloc(10)), -1);
    assert.equal(victim!.client.LastError, 10038);
    victim!.client.Close();
    assert.equal(victim!.client.State, wsClosed);
    await waitFor(() => visitors(server).length === 1, 'the victim gone from the list');
    await expectEcho({ peer, client }, 'mine');
  });

  it('[H-76] whose number went to somebody else: Close leaves that one alone', async () => {
    const server = await attackedServer();
    const [victim] = await pairs(server, 1);
    const number = victim!.client.HSocket;
    closeSync(number);
    const fd = openSync(__filename, 'r');
    assert.equal(fd, number, 'the number is used again');
    victim!.client.Close();
    const text = Buffer.alloc(2);
    assert.equal(readSync(fd, text), 2);
    assert.equal(text.toString(), '//');
    closeSync(fd);
    await waitFor(() => visitors(server).length === 0, 'the victim gone from the list');
  });

  it('[H-16] of a listener: no abort, no spin; Close and Listen work again', async () => {
    const server = startServer();
    const [other] = await pairs(server, 1);
    closeSync(server.HSocket);
    const polls = await pollsDuring(200);
    assert.ok(polls < 50, `the loop spins: ${polls} polls`);
    server.Close();
    assert.equal(server.State, wsClosed);
    server.Listen();
    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 2, 'the next client');
    await expectEcho(other!, 'untouched');
  });
});
