// LingerOnOff and LingerTimeout decide what Close does with bytes the kernel still holds: {On, 0}
// throws them away with a reset, everything else delivers them. None of them blocks the loop.

import assert from 'node:assert/strict';
import { wsLingerNoSet, wsLingerOff, wsLingerOn } from '../../lib';
import type { TSocketLingerOnOff, TWSocketClient, TWSocketServer } from '../../lib';
import { echo, expectEcho, startServer, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { pair } from '../support/pair';
import type { Pair } from '../support/pair';

/** Far below the shortest linger time used here: a Close that waits for the peer is found out. */
const BLOCKED_MS = 1000;

function setLinger(client: TWSocketClient, onOff: TSocketLingerOnOff, seconds: number): void {
  client.LingerOnOff = onOff;
  client.LingerTimeout = seconds;
}

/** A peer that does not read, and as many bytes as the kernel takes for it. */
async function holding(server: TWSocketServer): Promise<Pair & { held: number }> {
  const { peer, client } = await pair(server);
  peer.socket.pause();
  const block = Buffer.alloc(32 * 1024, 'k');
  while (client.BufferedByteCount === 0) client.Send(block);
  client.DeleteBufferedData();
  return { peer, client, held: client.WriteCount };
}

/** Runs it and fails when it takes as long as a blocking close would. */
function withoutBlocking(close: () => void): void {
  const started = performance.now();
  close();
  const elapsed = performance.now() - started;
  assert.ok(elapsed < BLOCKED_MS, `it blocked the loop for ${Math.round(elapsed)} ms`);
}

const DELIVERING = [
  ['wsLingerOn, 5', wsLingerOn, 5],
  ['wsLingerOff, 0', wsLingerOff, 0],
  ['wsLingerOff, 5', wsLingerOff, 5],
  ['wsLingerNoSet, 0', wsLingerNoSet, 0],
] as const;

/** Ways to close that let the kernel finish. */
const CLOSES: Record<string, (client: TWSocketClient) => void> = {
  Close: (client) => client.Close(),
  CloseDelayed: (client) => client.CloseDelayed(),
  Disconnect: (client) => client.Server!.Disconnect(client),
  Free: (client) => client.Free(),
};

describe('Linger', function () {
  this.timeout(20_000);

  for (const [name, onOff, seconds] of DELIVERING) {
    it(`[H-51] {${name}}: Close returns at once, the peer gets everything and a FIN`, async () => {
      const server = await attackedServer();
      const { peer, client, held } = await holding(server);
      setLinger(client, onOff, seconds);
      client.SetLingerOption();

      withoutBlocking(() => client.Close());

      peer.socket.resume();
      assert.equal(await peer.closed(), 'end');
      assert.equal(peer.bytes().length, held);
    });
  }

  it('[H-51] {wsLingerOn, 0}: Close returns at once and throws away what the kernel holds', async () => {
    const server = await attackedServer();
    const { peer, client, held } = await holding(server);
    setLinger(client, wsLingerOn, 0);
    client.SetLingerOption();

    withoutBlocking(() => client.Close());

    peer.socket.resume();
    await peer.closed(); // Node reports a reset behind unread bytes as an end
    assert.ok(peer.bytes().length < held, `${peer.bytes().length} of ${held} bytes arrived`);
  });

  for (const [name, onOff, seconds] of [...DELIVERING, ['wsLingerOn, 0', wsLingerOn, 0] as const]) {
    const ending = name === 'wsLingerOn, 0' ? 'reset' : 'end';
    it(`[H-51] {${name}} assigned before the connection is adopted: the peer sees ${ending}`, async () => {
      const server = await attackedServer({
        OnClientCreate: (_Sender, Client) => setLinger(Client, onOff, seconds),
      });
      const { peer, client } = await pair(server);
      echo(client);
      await expectEcho(peer);
      client.Close();
      assert.equal(await peer.closed(), ending);
    });
  }

  it('[H-51] not assigned: Close delivers everything although the defaults read {wsLingerOn, 0}', async () => {
    const server = await attackedServer();
    const { peer, client, held } = await holding(server);
    assert.equal(client.LingerOnOff, wsLingerOn);
    assert.equal(client.LingerTimeout, 0);
    client.Close();
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.bytes().length, held);
  });

  for (const [how, close] of Object.entries(CLOSES)) {
    it(`[H-51] {wsLingerOn, 5} and ${how}: other clients are served while the bytes go out`, async () => {
      const server = await attackedServer();
      const other = await pair(server);
      echo(other.client);
      const { peer, client, held } = await holding(server);
      setLinger(client, wsLingerOn, 5);
      client.SetLingerOption();

      withoutBlocking(() => close(client));
      await waitFor(() => visitors(server).length === 1, 'the client to go');
      const started = performance.now();
      await expectEcho(other.peer);
      assert.ok(performance.now() - started < BLOCKED_MS);

      peer.socket.resume();
      assert.equal(await peer.closed(), 'end');
      assert.equal(peer.bytes().length, held);
    });
  }

  it('[H-51] SetLingerOption without a connection is refused with the ICS text', () => {
    const server = startServer();
    server.Close();
    assert.throws(() => server.SetLingerOption(), {
      message: 'Cannot set linger option at this time',
    });
  });
});
