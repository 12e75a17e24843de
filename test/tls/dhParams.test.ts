// DHParams of a TLS server: what clients without elliptic curves get.
import { makeCert, openssl, tempFile } from '../support/certificates';
import { TSslPrivKeyType } from '../../lib';
import { echoServer, newContext, opensslClient } from '../support/tls';

describe('DHParams', () => {
  const rsa = makeCert({ names: ['srv.test'], keyType: TSslPrivKeyType.PrivKeyRsa2048 });
  const group = (name: string): string =>
    openssl(['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', `group:${name}`]);
  const cases: [string, () => string][] = [
    ['as text', () => group('ffdhe3072')],
    ['from a file', () => tempFile('dh.pem', group('ffdhe3072'))],
  ];
  for (const [what, DHParams] of cases)
    it(`are used ${what}`, async () => {
      const SslContext = newContext({ SslCipherList: 'DHE-RSA-AES256-GCM-SHA384' }, rsa);
      const server = echoServer({ SslContext, DHParams: DHParams() });
      const peer = opensslClient(server, ['-tls1_2']);
      await peer.printed('Server Temp Key: DH, 3072 bits');
    });
});
