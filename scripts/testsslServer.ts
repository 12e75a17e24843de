// The server scripts/testssl.sh looks at: a default TSslWSocketServer with sslSrvSecHigh. Prints its
// port and runs until it is ended.
import { TSslSrvSecurity, TSslWSocketServer } from '../lib';
import { makeCertificate } from '../lib/ssl/certBuilder';
import { generateKey } from '../lib/ssl/selfSigned';
import { applySrvSecurity } from '../lib/ssl/srvSecurity';
import { TSslContext } from '../lib/ssl/TSslContext';
import { TSslPrivKeyType } from '../lib/ssl/certTypes';

const DAY_MS = 86_400_000;
const key = generateKey(TSslPrivKeyType.PrivKeyRsa2048);
const cert = makeCertificate({
  subject: { CN: 'localhost' },
  dns: ['localhost'],
  ips: ['127.0.0.1'],
  key,
  ca: false,
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + 90 * DAY_MS),
});
const context = new TSslContext();
context.SslCertLines.Text = cert.toString();
context.SslPrivKeyLines.Text = String(key.export({ type: 'pkcs8', format: 'pem' }));
applySrvSecurity(context, TSslSrvSecurity.sslSrvSecHigh);
const server = new TSslWSocketServer();
Object.assign(server, { Addr: '127.0.0.1', Port: '0', SslContext: context });
server.Listen();
console.log(server.BindPort);
