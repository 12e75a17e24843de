// The versions and ciphers each security level lets through, as openssl s_client finds them. The
// client itself is set to accept everything its OpenSSL can do.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { TSslCliSecurity, TSslContext, TSslPrivKeyType, TSslSrvSecurity } from '../../lib';
import { applySrvSecurity } from '../../lib/ssl/srvSecurity';
import { bystand } from '../support/bystander';
import { portOf } from '../support/startServer';
import { track } from '../support';
import { makeCert } from '../support/certificates';
import { echoServer } from '../support/tls';

const PROBES = {
  '1.0': ['-tls1', 'ALL'],
  '1.1': ['-tls1_1', 'ALL'],
  '1.2 AES128-GCM': ['-tls1_2', 'ECDHE+AESGCM+AES128'],
  '1.2 AES256-GCM': ['-tls1_2', 'ECDHE+AESGCM+AES256'],
  '1.2 CBC': ['-tls1_2', 'ECDHE+AES+SHA256'],
  '1.2 ARIA': ['-tls1_2', 'ECDHE+ARIAGCM'],
  '1.2 NULL': ['-tls1_2', 'eNULL'],
  '1.2 anonymous': ['-tls1_2', 'aNULL'],
  '1.3': ['-tls1_3', 'ALL'],
} as const;
type Probe = keyof typeof PROBES;

/** Room for 192 bits. */
const cert = makeCert({ names: ['srv.test'], keyType: TSslPrivKeyType.PrivKeyECsecp384 });

function accepts(port: number, probe: Probe): Promise<boolean> {
  const [version, list] = PROBES[probe];
  const to = ['-connect', `127.0.0.1:${port}`];
  const args = ['s_client', ...to, version, '-cipher', `${list}:@SECLEVEL=0`];
  return new Promise((resolve) => {
    const child = execFile('openssl', args, (_error, stdout) =>
      resolve(/^New, (TLS|SSL)v/m.test(stdout)),
    );
    child.stdin!.end();
  });
}

async function accepted(setUp: (context: TSslContext) => void): Promise<Probe[]> {
  const context = track(new TSslContext());
  context.SslCertLines.Text = cert.pem;
  context.SslPrivKeyLines.Text = cert.keyPem;
  setUp(context);
  context.InitContext();
  const server = echoServer({ SslContext: context });
  await bystand(server);
  const port = portOf(server);
  const probes = Object.keys(PROBES) as Probe[];
  const results = await Promise.all(probes.map((probe) => accepts(port, probe)));
  return probes.filter((_probe, i) => results[i]);
}

const GCM: Probe[] = ['1.2 AES128-GCM', '1.2 AES256-GCM'];
const ALL_12: Probe[] = [...GCM, '1.2 CBC', '1.2 ARIA'];

const SERVER: Record<keyof typeof TSslSrvSecurity, Probe[]> = {
  sslSrvSecNone: [...ALL_12, '1.2 anonymous', '1.3'],
  sslSrvSecSsl3: [...GCM, '1.3'],
  sslSrvSecBack: [...ALL_12, '1.3'],
  sslSrvSecInter: [...GCM, '1.3'],
  sslSrvSecInterFS: [...GCM, '1.3'],
  sslSrvSecHigh: [...GCM, '1.3'],
  sslSrvSecHigh128: [...GCM, '1.3'],
  sslSrvSecHigh192: ['1.2 AES256-GCM', '1.3'],
  sslSrvSecTls12Less: GCM,
  sslSrvSecTls13Only: ['1.3'],
};

describe('The floor of a security level', () => {
  for (const [name, expected] of Object.entries(SERVER))
    it(`[H-100] ${name} lets through ${expected.join(', ')}`, async () => {
      const level = TSslSrvSecurity[name as keyof typeof TSslSrvSecurity];
      assert.deepEqual(await accepted((context) => applySrvSecurity(context, level)), expected);
    });

  it('[H-100] of a server that sets SslCliSecurity is that level, too', async () => {
    const of = (level: TSslCliSecurity): Promise<Probe[]> =>
      accepted((context) => (context.SslCliSecurity = level));
    assert.deepEqual(await of(TSslCliSecurity.sslCliSecHigh), [...ALL_12, '1.3']);
    const strongest = await of(TSslCliSecurity.sslCliSecHigh192);
    assert.deepEqual(strongest, ['1.2 AES256-GCM', '1.2 ARIA', '1.3']);
  });
});
