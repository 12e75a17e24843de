// Several hosts that could answer to one name.
import assert from 'node:assert/strict';
import type { TSslWSocketClient } from '../../lib';
import { waitFor } from '../support';
import { addHost, certFile, freePort, handshake, hostServer } from './hosts';

/** Which host is taken for the name when the hosts have these certificates, in this order. */
async function chosen(certs: string[], name: string, disabled: number[] = []): Promise<number> {
  const server = hostServer();
  const port = await freePort();
  for (const cert of certs)
    addHost(server, [cert.replace('*', 'any')], { BindSslPort: port, SslCert: certFile([cert]) });
  for (const at of disabled) server.IcsHosts.Items[at]!.HostEnabled = false;
  let found: TSslWSocketClient | null = null;
  server.OnSslHandshakeDone = (Client) => {
    found = Client as TSslWSocketClient;
  };
  server.ValidateHosts(false);
  server.Listen();
  const { name: served, cert } = await handshake(port, name);
  await waitFor(() => found !== null, 'OnSslHandshakeDone');
  const { IcsHostIdx } = found! as TSslWSocketClient;
  assert.equal(served, certs[IcsHostIdx], 'the certificate is that of the host');
  const own = server.IcsHosts.Items[IcsHostIdx]!.SslCtx!.SslCertX509.X509!;
  assert.equal(cert!.serialNumber, own.serialNumber);
  return IcsHostIdx;
}

describe('Two hosts for one name', () => {
  for (const [what, certs, name, disabled, index] of [
    ['with the same name: the first', ['z.test', 'a.test', 'a.test'], 'a.test', [], 1],
    ['the first of them disabled: the second', ['z.test', 'a.test', 'a.test'], 'a.test', [1], 2],
    ['an asterisk before the exact name: the asterisk', ['*.test', 'a.test'], 'a.test', [], 0],
    [
      'an asterisk behind the exact name: the name',
      ['z.test', 'a.test', '*.test'],
      'a.test',
      [],
      1,
    ],
    [
      'a disabled asterisk before the name: the name',
      ['z.test', '*.test', 'a.test'],
      'a.test',
      [1],
      2,
    ],
    ['all of them disabled: the default', ['z.test', 'a.test', '*.test'], 'a.test', [1, 2], 0],
  ] as [string, string[], string, number[], number][])
    it(`[H-114] ${what}`, async () => {
      assert.equal(await chosen(certs, name, disabled), index);
    });
});
