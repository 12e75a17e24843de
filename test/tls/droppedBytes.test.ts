// What was sent right before the end of a TLS connection: it arrives, or DroppedByteCount tells how
// much did not. Plaintext that never became ciphertext counts as well.
import assert from 'node:assert/strict';
import type { TSslWSocketClient, TSslWSocketServer } from '../../lib';
import { waitFor } from '../support';
import { recordTls, startTlsServer, tlsPeer } from '../support/tls';

/** Far more than the kernel takes from a server whose peer does not read yet. */
const LARGE = 8 * 1024 * 1024;
const SIZES = [5, 40_000, LARGE];
/** A record that arrives in part is neither dropped nor received. */
const RECORD = 17_000;
/** What TLS adds to the bytes of the application. */
const ADDED = 1.01;

const PLACES = ['OnClientConnect', 'OnSslHandshakeDone', 'OnDataAvailable'] as const;
type Place = (typeof PLACES)[number];

interface Ended {
  client: TSslWSocketClient;
  got: number;
  lines: string[];
}

/** One connection; in the event `place` the client sends `size` bytes, and then acts. */
async function end(
  place: Place,
  size: number,
  act: (client: TSslWSocketClient) => void,
): Promise<Ended> {
  let client: TSslWSocketClient | undefined;
  const sendAndAct = (sender: object): void => {
    client = sender as TSslWSocketClient;
    client.Send(Buffer.alloc(size), size);
    act(client);
  };
  const server: TSslWSocketServer = startTlsServer({
    OnClientConnect: (_server, sender) => {
      if (place === 'OnClientConnect') sendAndAct(sender);
      sender.OnDataAvailable = () => {
        if (sender.ReceiveStr() === '?') sendAndAct(sender);
      };
    },
    OnSslHandshakeDone: (sender) => {
      if (place === 'OnSslHandshakeDone') sendAndAct(sender);
    },
  });
  const lines = recordTls(server);
  const peer = await tlsPeer(server).catch(() => null);
  peer?.socket.on('error', () => undefined);
  if (place === 'OnDataAvailable') peer?.write('?');
  await peer?.closed();
  await waitFor(() => client !== undefined && server.ClientCount === 0, 'the end of the client');
  return { client: client!, got: peer?.bytes().length ?? 0, lines };
}

/** So much did not arrive: plaintext that never became ciphertext to the byte, else ciphertext. */
async function counted({ client, got }: Ended, size: number): Promise<void> {
  const missing = size - got;
  const least = missing === size ? missing : missing - RECORD;
  const count = (): number => client.DroppedByteCount;
  await waitFor(() => count() >= least, `${least} dropped bytes`);
  assert.ok(count() <= missing * ADDED, `${count()} bytes were dropped, ${missing} are missing`);
}

describe('What is sent right before the end of a TLS connection', () => {
  for (const place of PLACES)
    for (const size of SIZES) {
      const what = `${size} bytes in ${place}`;

      it(`arrives with CloseDelayed: ${what}`, async () => {
        const { client, got } = await end(place, size, (c) => c.CloseDelayed());
        assert.equal(got, size);
        assert.equal(client.DroppedByteCount, 0);
      });

      for (const how of ['Close', 'Free', 'Release'] as const)
        it(`arrives or is counted with ${how}: ${what}`, async () => {
          await counted(await end(place, size, (c) => c[how]()), size);
        });

      it(`is written or counted with Abort: ${what}`, async () => {
        const { client } = await end(place, size, (c) => c.Abort());
        const { DroppedByteCount: dropped, WriteCount } = client;
        if (size < LARGE) assert.equal(dropped, size);
        else assert.ok(dropped + WriteCount >= size && dropped + WriteCount <= size * ADDED);
      });
    }

  for (const place of ['OnSslHandshakeDone', 'OnDataAvailable'] as const)
    for (const size of SIZES)
      it(`arrives with Shutdown(1): ${size} bytes in ${place}`, async () => {
        let sent = 0;
        const { client, got, lines } = await end(place, size, (c) => {
          c.OnDataSent = () => void sent++;
          c.Shutdown(1);
        });
        assert.deepEqual(lines.slice(-3), [
          'OnSslShutDownComplete false 0',
          'OnSessionClosed 0',
          'OnClientDisconnect 0',
        ]);
        assert.equal(got, size);
        assert.equal(client.DroppedByteCount, 0);
        assert.equal(sent, 1);
      });
});
