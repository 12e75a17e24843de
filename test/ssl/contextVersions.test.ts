// Versions, ciphers and options of a context, as clients meet them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { getDiffieHellman } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { integer, sequence } from '../../lib/ssl/derWriter';
import { toPem } from '../../lib/ssl/pem';
import * as S from '../../lib/ssl/sslTypes';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { onCleanup, track, waitFor } from '../support';
import { makeCert } from '../support/certificates';
import { failure, serve, session, useFiles } from './sessions';

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
const CERT = makeCert();

function context(change: Partial<TSslContext>): TSslContext {
  const made = track(new TSslContext());
  useFiles(made, CERT);
  Object.assign(made, change);
  made.InitContext();
  return made;
}

/** Versions with which a client that knows all of them one by one gets a session. */
async function versions(made: TSslContext): Promise<string[]> {
  const port = await serve(made);
  const accepted: string[] = [];
  for (const version of VERSIONS) {
    const only: ConnectionOptions = { minVersion: version, maxVersion: version };
    const made = session(port, { ...only, ciphers: 'ALL:@SECLEVEL=0' });
    await made.then(
      ({ socket }) => accepted.push(socket.getProtocol()!),
      () => undefined,
    );
  }
  return accepted;
}

describe('A context', () => {
  it('[SSL-10] serves no version outside of SslMinVersion and SslMaxVersion', async () => {
    const { sslVerSSL3, sslVerTLS1_1, sslVerTLS1_2, sslVerTLS1_3, sslVerMax } = S.TSslVerMethod;
    const any = { SslSecLevel: S.sslSecLevelAny };
    const between = (SslMinVersion: S.TSslVerMethod, SslMaxVersion: S.TSslVerMethod) =>
      versions(context({ ...any, SslMinVersion, SslMaxVersion }));
    assert.deepEqual(await between(sslVerTLS1_3, sslVerMax), ['TLSv1.3']);
    assert.deepEqual(await between(sslVerTLS1_1, sslVerTLS1_2), ['TLSv1.1', 'TLSv1.2']);
    assert.deepEqual(await between(sslVerSSL3, sslVerMax), [...VERSIONS]);
    assert.deepEqual(await between(sslVerTLS1_3, sslVerTLS1_2), [...VERSIONS], 'as in ICS');
    const port = await serve(context({ SslMinVersion: sslVerTLS1_3 }));
    const error = await failure(port, { maxVersion: 'TLSv1.2' });
    assert.match(error.message, /protocol version/);
  });

  it('serves TLS 1.0 and 1.1 with sslSecLevelAny only', async () => {
    assert.deepEqual(await versions(context({})), ['TLSv1.2', 'TLSv1.3']);
  });

  it('follows SslCliSecurity in place of versions and ciphers', async () => {
    const level = (SslCliSecurity: S.TSslCliSecurity) =>
      versions(context({ SslCliSecurity, SslMaxVersion: S.sslVerTLS1, SslCipherList: '' }));
    assert.deepEqual(await level(S.sslCliSecNone), [...VERSIONS]);
    assert.deepEqual(await level(S.sslCliSecTls12Only), ['TLSv1.2']);
    assert.deepEqual(await level(S.sslCliSecTls13Only), ['TLSv1.3']);
    for (const high of [S.sslCliSecTls1, S.sslCliSecTls11, S.sslCliSecHigh, S.sslCliSecHigh128])
      assert.deepEqual(await level(high), ['TLSv1.2', 'TLSv1.3']);
  });

  it('serves the ciphers of both lists, in the order of the side SslOptions2 says', async () => {
    const [strong, fast] = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
    const lists = { SslCipherList: `${strong}:${fast}`, SslCipherList13: 'TLS_AES_128_GCM_SHA256' };
    const asked = { ciphers: `${fast}:${strong}`, maxVersion: 'TLSv1.2' } as const;
    const chosen = async (made: TSslContext, options: ConnectionOptions): Promise<string> =>
      (await session(await serve(made), options)).socket.getCipher().name;
    assert.equal(await chosen(context(lists), asked), fast);
    assert.equal(await chosen(context(lists), {}), 'TLS_AES_128_GCM_SHA256');
    const SslOptions2 = new Set([S.sslOpt2_CIPHER_SERVER_PREFERENCE]);
    assert.equal(await chosen(context({ ...lists, SslOptions2 }), asked), strong);
    const other = { ...asked, ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' };
    assert.match((await failure(await serve(context(lists)), other)).message, /handshake failure/);
  });

  it('obeys the options that switch off versions', async () => {
    const SslOptions2 = new Set([S.sslOpt2_NO_TLSv1_3, S.sslOpt2_NO_TLSv1, S.sslOpt2_NO_TLSv1_1]);
    const made = context({ SslOptions2, SslSecLevel: S.sslSecLevelAny });
    assert.deepEqual(await versions(made), ['TLSv1.2']);
  });

  it('lets no client renegotiate', async () => {
    const port = await serve(context({}));
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2']);
    onCleanup(() => void client.kill());
    let output = '';
    for (const stream of [client.stdout, client.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString('latin1')));
    client.stdin.on('error', () => undefined);
    await waitFor(() => output.includes('Verify return code'), 'a session of s_client');
    client.stdin.write('R\n');
    await waitFor(() => output.includes('no renegotiation'), 'the refusal');
    assert.ok(output.includes('RENEGOTIATING'));
  });

  it('has Diffie-Hellman parameters that fit, or those it is given', async () => {
    const rsa = makeCert({ keyType: TSslPrivKeyType.PrivKeyRsa2048 });
    const made = track(new TSslContext());
    useFiles(made, rsa);
    made.InitContext();
    const port = await serve(made);
    const dhe = { ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;
    const size = async (): Promise<unknown> =>
      (await session(port, dhe)).socket.getEphemeralKeyInfo();
    assert.deepEqual(await size(), { type: 'DH', size: 2048 });
    made.LoadDHParamsFromString(dhParams('modp15'));
    assert.deepEqual(await size(), { type: 'DH', size: 3072 });
    made.SslDHParamLines.Text = dhParams('modp1');
    assert.throws(() => made.InitContext(), /Error reading DHparams - .*less than 1024 bits/);
  });
});

/** Parameters with one of the primes Node knows by name. */
function dhParams(group: string): string {
  const known = getDiffieHellman(group);
  return toPem('DH PARAMETERS', sequence(integer(known.getPrime()), integer(known.getGenerator())));
}
