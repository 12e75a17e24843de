// What a handler sends is collected until its event is over, in a block that all TLS connections of
// the thread share: no byte of one may get to another, whatever the handler does in between.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import tls from 'node:tls';
import type { TSslWSocketClient } from '../../lib';
import { onCleanup, portOf, waitFor } from '../support';
import { startTlsServer, testCerts, tlsPeer, TlsPeer } from '../support/tls';

/** Two connections to one server; `onCommand` runs when the first one has received something. */
async function two(
  onCommand: (first: TSslWSocketClient, second: TSslWSocketClient) => void,
): Promise<[TlsPeer, TlsPeer]> {
  const clients: TSslWSocketClient[] = [];
  const server = startTlsServer({
    OnClientConnect: (_server, client) => {
      clients.push(client as TSslWSocketClient);
      client.OnDataAvailable = () => {
        const text = client.ReceiveStr();
        if (client === clients[0]) onCommand(clients[0], clients[1]!);
        else client.SendStr(text);
      };
    },
  });
  const first = await tlsPeer(server);
  const second = await tlsPeer(server);
  await waitFor(() => clients.length === 2 && clients[1]!.SslOK, 'both handshakes');
  return [first, second];
}

async function expectBytes(peer: TlsPeer, expected: Buffer): Promise<void> {
  await waitFor(() => peer.bytes().length >= expected.length, `${expected.length} bytes`);
  assert.ok(peer.bytes().equals(expected), 'the bytes are those that were sent to this peer');
}

describe('Collected output over TLS', () => {
  it('of several connections in one event stays apart', async () => {
    const mine = Array.from({ length: 40 }, (_, i) => randomBytes(i % 2 ? 100 : 3000));
    const others = mine.map((bytes) => randomBytes(bytes.length));
    const [first, second] = await two((one, other) => {
      for (const [i, bytes] of mine.entries()) {
        one.Send(bytes);
        other.Send(others[i]!);
      }
    });
    first.write('go');
    await expectBytes(first, Buffer.concat(mine));
    await expectBytes(second, Buffer.concat(others));
  });

  it('may outgrow the block in the middle', async () => {
    const parts = [10_000, 54_000, 1, 200_000, 64, 65_536, 70].map((size) => randomBytes(size));
    const [first] = await two((one) => {
      for (const bytes of parts) one.Send(bytes);
    });
    first.write('go');
    await expectBytes(first, Buffer.concat(parts));
  });

  it('goes out before a pump, in which another connection collects its own', async () => {
    const text = 'x'.repeat(500);
    let written = -1;
    const [first, second] = await two((one, other) => {
      if (written < 0) {
        other.Pause();
        written = other.WriteCount;
        one.SendStr('paused ');
        return;
      }
      other.Resume();
      one.SendStr('before ');
      const deadline = Date.now() + 10_000;
      while (other.WriteCount === written && Date.now() < deadline) one.ProcessMessages();
      one.SendStr(other.WriteCount > written ? 'behind' : 'nothing came');
    });
    first.write('pause');
    await waitFor(() => first.text === 'paused ', 'the pause');
    second.write(text);
    await waitFor(() => second.socket.writableLength === 0, 'the bytes to leave the client');
    first.write('go');
    await expectBytes(first, Buffer.from('paused before behind'));
    await expectBytes(second, Buffer.from(text));
  });

  it('of a connection that is aborted in the event leaves nothing to the next one', async () => {
    const [first, second] = await two((one, other) => {
      one.SendStr('never sent');
      one.Abort();
      other.SendStr('only this');
    });
    first.write('go');
    await expectBytes(second, Buffer.from('only this'));
    second.write('and this');
    await expectBytes(second, Buffer.from('only thisand this'));
    assert.equal(first.bytes().length, 0);
  });

  it('is told by OnSendData: what TLS says by itself after the handshake is not', async () => {
    const told: number[] = [];
    let client: TSslWSocketClient | undefined;
    const server = startTlsServer({
      OnClientConnect: (_server, connected) => {
        client = connected as TSslWSocketClient;
        client.OnSendData = (_client, bytes) => void told.push(bytes);
        client.OnDataAvailable = () => void client!.SendStr(client!.ReceiveStr());
      },
    });
    const peer = await tlsPeer(server);
    await waitFor(() => client?.SslOK === true && peer.tickets.length > 0, 'the tickets');
    assert.deepEqual(told, []);
    peer.write('ping');
    await expectBytes(peer, Buffer.from('ping'));
    assert.equal(told.length, 1);
    assert.ok(told[0]! < 50, `${told[0]} bytes for one record`);
  });

  it('takes the tickets with it when the first data come with the end of the handshake', async () => {
    const told: number[] = [];
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        client.OnSendData = (_client, bytes) => void told.push(bytes);
        client.OnDataAvailable = () => void client.SendStr(client.ReceiveStr());
      },
    });
    const address = { port: portOf(server), host: '127.0.0.1' };
    const socket = tls.connect({ ...address, ca: testCerts().ca.pem, minVersion: 'TLSv1.3' });
    onCleanup(() => socket.destroy());
    const peer = new TlsPeer(socket);
    peer.write('ping'); // Node's client holds it back until it can say it together with its Finished
    await expectBytes(peer, Buffer.from('ping'));
    await waitFor(() => peer.tickets.length > 0, 'the tickets');
    // Over the public carrier the reply becomes ciphertext in a later turn of Node's loop.
    assert.equal(told.length, process.env['ICS_PUBLIC_CARRIER'] ? 2 : 1);
    assert.ok(told[0]! > 200, `${told[0]} bytes in the first write`);
  });
});
