// What each level of SslCliSecurity connects to and what it refuses, with openssl s_server at the
// other end. That one is set to offer whatever its OpenSSL can do.
import assert from 'node:assert/strict';
import { generateKeyPairSync, getDiffieHellman, type KeyObject } from 'node:crypto';
import { TSslCliSecurity, TSslContext, TSslPrivKeyType } from '../../lib';
import { integer, sequence } from '../../lib/ssl/derWriter';
import { track, waitFor } from '../support';
import { makeCA, makeCert, tempFile, type TestCert } from '../support/certificates';
import { opensslServer, tlsSocket } from '../support/tls';

type Level = keyof typeof TSslCliSecurity;

interface Probe {
  readonly args: () => string[];
  readonly cert: () => TestCert;
  /** The client verifies the server, which brings the keys of its certificates under the level. */
  readonly verifies: boolean;
}

/** Strong enough for every level, so that what is looked at decides. */
const STRONG = { keyType: TSslPrivKeyType.PrivKeyECsecp512, digest: 'sha512' } as const;
const ca = makeCA(STRONG);
const made = new Map<string, TestCert>();

/** Keys of RSA take long to find. */
function certOf(name: string, key: () => KeyObject): TestCert {
  const cert = made.get(name) ?? makeCert({ ca, ...STRONG, names: ['srv.test'], key: key() });
  made.set(name, cert);
  return cert;
}
const rsa = (bits: number) => (): TestCert =>
  certOf(`rsa${bits}`, () => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey);
const ec = (namedCurve: string) => (): TestCert =>
  certOf(namedCurve, () => generateKeyPairSync('ec', { namedCurve }).privateKey);

const offer = (ciphers: string): string[] => ['-cipher', `${ciphers}:@SECLEVEL=0`];
const serves = (version: string, ciphers: string, cert = ec('secp521r1')): Probe => ({
  args: () => [version, ...offer(ciphers)],
  cert,
  verifies: false,
});
const serves13 = (suite: string): Probe => ({
  args: () => ['-tls1_3', '-ciphersuites', suite],
  cert: ec('secp521r1'),
  verifies: false,
});
const shows = (cert: () => TestCert, args: string[] = offer('ALL')): Probe => ({
  args: () => args,
  cert,
  verifies: true,
});

/** Diffie-Hellman with 1024 bits. */
function dhOf1024(): string {
  const prime = getDiffieHellman('modp2').getPrime();
  const base64 = sequence(integer(prime), integer(2)).toString('base64');
  const lines = base64.replace(/.{64}/g, '$&\n');
  return tempFile(
    'dh.pem',
    `-----BEGIN DH PARAMETERS-----\n${lines}\n-----END DH PARAMETERS-----\n`,
  );
}

const PROBES = {
  '1.0': serves('-tls1', 'ECDHE'),
  // No SHA-1 signature: the only way to TLS 1.0 and 1.1 above level 0.
  '1.0 RSA': serves('-tls1', 'kRSA', rsa(3072)),
  '1.1': serves('-tls1_1', 'ECDHE'),
  '1.1 RSA': serves('-tls1_1', 'kRSA', rsa(3072)),
  '1.2 128 bits': serves('-tls1_2', 'ECDHE+AESGCM+AES128'),
  '1.2 256 bits': serves('-tls1_2', 'ECDHE+AESGCM+AES256'),
  '1.2 SHA-1': serves('-tls1_2', 'ECDHE-ECDSA-AES256-SHA'),
  '1.2 RSA': serves('-tls1_2', 'AES256-GCM-SHA384', rsa(3072)),
  '1.2 DH-1024': {
    args: () => ['-tls1_2', ...offer('DHE-RSA-AES256-GCM-SHA384'), '-dhparam', dhOf1024()],
    cert: rsa(3072),
    verifies: false,
  },
  '1.2 P-256': {
    args: () => ['-tls1_2', ...offer('ECDHE+AESGCM+AES256'), '-curves', 'P-256'],
    cert: ec('secp521r1'),
    verifies: false,
  },
  '1.2 anonymous': serves('-tls1_2', 'aNULL'),
  '1.2 anonymous, to a client that verifies': shows(ec('secp521r1'), [
    '-tls1_2',
    ...offer('aNULL'),
  ]),
  '1.2 NULL': serves('-tls1_2', 'eNULL'),
  '1.3 128 bits': serves13('TLS_AES_128_GCM_SHA256'),
  '1.3 256 bits': serves13('TLS_AES_256_GCM_SHA384'),
  'a key of RSA-1024': shows(rsa(1024)),
  'a key of RSA-2048': shows(rsa(2048)),
  'a key of RSA-3072': shows(rsa(3072)),
  'a key of P-256': shows(ec('prime256v1')),
  'a key of P-521': shows(ec('secp521r1')),
} as const satisfies Record<string, Probe>;
type Name = keyof typeof PROBES;

const KEYS_192: Name[] = ['a key of P-521'];
const KEYS_128: Name[] = ['a key of RSA-3072', 'a key of P-256', ...KEYS_192];
const KEYS_112: Name[] = ['a key of RSA-2048', ...KEYS_128];
const KEYS_80: Name[] = ['a key of RSA-1024', ...KEYS_112];
const TLS12_192: Name[] = ['1.2 256 bits'];
const TLS12_128: Name[] = ['1.2 128 bits', '1.2 SHA-1', '1.2 P-256', ...TLS12_192];
const TLS12_112: Name[] = ['1.2 RSA', ...TLS12_128];
const TLS12_80: Name[] = ['1.2 DH-1024', ...TLS12_112];
const TLS13: Name[] = ['1.3 128 bits', '1.3 256 bits'];

/** From OpenSSL 3.2 on TLS 1.0 and 1.1 exist at level 0 only. */
const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
const hasOld = major < 3 || (major === 3 && minor < 2);
const old = (...names: Name[]): Name[] => (hasOld ? names : []);

const LEVELS: Record<Level, readonly Name[]> = {
  // The defaults of the context: 80 bits, nothing anonymous.
  sslCliSecIgnore: [...old('1.0 RSA', '1.1 RSA'), ...TLS12_80, ...TLS13, ...KEYS_80],
  sslCliSecNone: [
    ...(['1.0', '1.0 RSA', '1.1', '1.1 RSA', '1.2 anonymous'] as const),
    ...TLS12_80,
    ...TLS13,
    ...KEYS_80,
  ],
  sslCliSecSsl3Only: [], // InitContext refuses it: test/ssl/initContext.test.ts
  sslCliSecTls1Only: old('1.0 RSA'),
  sslCliSecTls11Only: old('1.1 RSA'),
  sslCliSecTls12Only: [...TLS12_112, ...KEYS_112],
  sslCliSecTls13Only: [...TLS13, ...KEYS_112],
  sslCliSecTls1: [...old('1.0 RSA', '1.1 RSA'), ...TLS12_80, ...TLS13, ...KEYS_80],
  sslCliSecTls11: [...old('1.1 RSA'), ...TLS12_80, ...TLS13, ...KEYS_80],
  sslCliSecTls12: [...TLS12_112, ...TLS13, ...KEYS_112],
  sslCliSecBack: [...old('1.0 RSA', '1.1 RSA'), ...TLS12_80, ...TLS13, ...KEYS_80],
  sslCliSecInter: [...old('1.1 RSA'), ...TLS12_112, ...TLS13, ...KEYS_112],
  sslCliSecHigh: [...TLS12_112, ...TLS13, ...KEYS_112],
  sslCliSecHigh128: [...TLS12_128, ...TLS13, ...KEYS_128],
  sslCliSecHigh192: [...TLS12_192, '1.3 256 bits', ...KEYS_192],
};
const USABLE = (Object.keys(LEVELS) as Level[]).filter((level) => level !== 'sslCliSecSsl3Only');

/** Says why. The rest are the words of OpenSSL, of this side or in the alert of the other. */
const REASON = new RegExp(
  [
    'unsupported protocol|alert protocol version|no protocols available',
    'alert handshake failure|legacy sigalg|key too small',
    'certificate key too weak|showed no certificate',
  ].join('|'),
);

function contextOf(level: Level, verifies: boolean): TSslContext {
  const context = track(new TSslContext());
  context.SslCliSecurity = TSslCliSecurity[level];
  context.SslCALines.Text = ca.pem;
  context.SslVerifyPeer = verifies;
  context.InitContext();
  return context;
}

/** True when the level lets the client connect; a refusal is clear, and tells itself once. */
async function connects(port: number, level: Level, verifies: boolean): Promise<boolean> {
  const SslContext = contextOf(level, verifies);
  const socket = tlsSocket(port, { SslContext, SslServerName: 'srv.test' });
  const codes: number[] = [];
  socket.OnSslHandshakeDone = (_socket, code) => {
    codes.push(code);
    if (code === 0) socket.CloseDelayed();
  };
  let closed: number | null = null;
  socket.OnSessionClosed = (_socket, code) => void (closed = code);
  socket.Connect();
  await waitFor(() => closed !== null, `the end of the connection with ${level}`);
  const { SslHandshakeRespMsg: said, SslOK } = socket;
  assert.equal(codes.length, 1, `${level}: ${codes.join()}`);
  assert.equal(SslOK, false);
  const accepted = codes[0] === 0;
  assert.equal(closed, accepted ? 0 : 10053, level);
  if (!accepted) assert.match(said, REASON, level);
  return accepted;
}

describe('A client with SslCliSecurity', () => {
  for (const [name, { args, cert, verifies }] of Object.entries<Probe>(PROBES)) {
    const expected = USABLE.filter((level) => LEVELS[level].includes(name as Name));
    it(`connects to ${name} as its level says`, async () => {
      const { port } = await opensslServer(args(), cert());
      const accepted: Level[] = [];
      for (const level of USABLE) if (await connects(port, level, verifies)) accepted.push(level);
      assert.deepEqual(accepted, expected);
    });
  }
});
