// Sessions a server resumes, OCSP responses it staples, keys it writes to a file.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import type { TSslWSocketServer } from '../../lib';
import { expectEcho, onCleanup, waitFor } from '../support';
import { tempDir } from '../support/certificates';
import {
  clientOf,
  echoServer,
  newContext,
  opensslClient,
  startTlsServer,
  testCerts,
  tlsPeer,
  type TlsPeer,
} from '../support/tls';

async function sessionOf(
  server: TSslWSocketServer,
  options: tls.ConnectionOptions,
): Promise<Buffer> {
  const peer = await tlsPeer(server, options);
  await expectEcho(peer);
  await waitFor(() => peer.tickets.length > 0, 'a session');
  peer.end();
  await waitFor(() => server.ClientCount === 0, 'the end of the client');
  return peer.tickets.at(-1)!;
}

async function resume(
  server: TSslWSocketServer,
  session: Buffer,
  options: tls.ConnectionOptions = {},
): Promise<boolean> {
  const peer: TlsPeer = await tlsPeer(server, { session, ...options });
  await expectEcho(peer);
  assert.equal(peer.socket.isSessionReused(), clientOf(server).SslSessionReused());
  return peer.socket.isSessionReused();
}

describe('A TLS server', () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`[SSL-31] resumes sessions by tickets with ${maxVersion}`, async () => {
      const server = echoServer();
      assert.equal(
        await resume(server, await sessionOf(server, { maxVersion }), { maxVersion }),
        true,
      );
    });

    it(`resumes sessions of a server with the same ticket keys with ${maxVersion}`, async () => {
      const SslTicketKeys = randomBytes(48);
      const one = echoServer({ SslContext: newContext({ SslTicketKeys }) });
      const two = echoServer({ SslContext: newContext({ SslTicketKeys }) });
      const three = echoServer();
      const session = await sessionOf(one, { maxVersion });
      assert.equal(await resume(two, session, { maxVersion }), true);
      assert.equal(await resume(three, session, { maxVersion }), false);
    });
  }

  it('[SSL-31] lets the application keep sessions (TLS 1.2, by id)', async () => {
    const kept = new Map<string, Buffer>();
    const asked: string[] = [];
    const noTicket = { maxVersion: 'TLSv1.2', secureOptions: 0x4000 } as const;
    const server = echoServer({
      OnSslSvrNewSession: (client, session, id) => {
        assert.equal(client, server.Client[0]);
        kept.set(id.toString('hex'), session);
      },
      OnSslSvrGetSession: (client, session, id) => {
        client.ProcessMessages(); // a slow store may pump
        asked.push(id.toString('hex'));
        session.Value = kept.get(id.toString('hex')) ?? null;
      },
    });
    const session = await sessionOf(server, noTicket);
    assert.equal(kept.size, 1);
    assert.equal(await resume(server, session, noTicket), true);
    assert.deepEqual(asked, [...kept.keys()]);
    kept.clear();
    server.DisconnectAll();
    assert.equal(await resume(server, session, noTicket), false);
  });

  it('goes on when a store of sessions throws', async () => {
    const server = echoServer({
      OnBgException: (_sender, _E, canClose) => {
        canClose.Value = false;
      },
      OnSslSvrNewSession: () => {
        throw new Error('disk full');
      },
    });
    await expectEcho(await tlsPeer(server));
  });

  it('ends a client whose store of sessions closes it', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const server = echoServer({ OnSslSvrNewSession: (client) => client.Close() });
      const secureOptions = maxVersion === 'TLSv1.2' ? 0x4000 : 0; // no ticket
      const peer = await tlsPeer(server, { maxVersion, secureOptions }).catch(() => null);
      await peer?.closed();
      await waitFor(() => server.ClientCount === 0, 'the end of the client');
    }
  });

  it('fires OnSslSetSessionIDContext when a handshake begins', async () => {
    let fired = 0;
    const server = echoServer({ OnSslSetSessionIDContext: () => void fired++ });
    await expectEcho(await tlsPeer(server));
    assert.equal(fired, 1);
  });

  it('staples the OCSP response of OcspStapleRaw', async () => {
    const response = Buffer.from('302a'.padEnd(88, '0'), 'hex');
    const server = startTlsServer({
      OnClientConnect: (_server, client) => {
        Object.assign(client, { OcspStapleRaw: response });
      },
    });
    const got = await new Promise<Buffer>((resolve, reject) => {
      const port = Number(server.GetXPort());
      const socket = tls.connect({
        port,
        host: '127.0.0.1',
        requestOCSP: true,
        ca: testCerts().ca.pem,
      } as tls.ConnectionOptions);
      onCleanup(() => socket.destroy());
      socket.once('OCSPResponse', resolve);
      socket.once('error', reject);
    });
    assert.deepEqual(got, response);
    await expectEcho2(server);
  });

  it('resumes sessions of openssl s_client', async () => {
    const server = echoServer();
    const file = path.join(tempDir(), 'session.pem');
    for (const [args, text] of [
      [['-sess_out', file], 'New, TLSv1.2'],
      [['-sess_in', file], 'Reused, TLSv1.2'],
    ] as const) {
      const peer = opensslClient(server, ['-tls1_2', ...args]);
      await peer.printed(text);
      peer.write('Q\n');
      peer.child.stdin.end();
      await peer.ended();
    }
  });

  it('writes its keys to SslKeyLogFile, for its owner only', async () => {
    const file = path.join(tempDir(), 'keys.log');
    const server = echoServer({ SslContext: newContext({ SslKeyLogFile: file }) });
    await expectEcho(await tlsPeer(server));
    assert.match(
      readFileSync(file, 'latin1'),
      /^SERVER_HANDSHAKE_TRAFFIC_SECRET [\da-f]+ [\da-f]+$/m,
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });
});

async function expectEcho2(server: TSslWSocketServer): Promise<void> {
  await waitFor(() => clientOf(server).SslOK, 'the handshake');
}
