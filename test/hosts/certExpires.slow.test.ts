// A certificate that ends while the server runs.
import assert from 'node:assert/strict';
import { chainFail } from '../../lib';
import { waitFor } from '../support';
import { makeCert } from '../support/certificates';
import { addHost, ca, freePort, handshake, hostServer } from './hosts';

describe('A certificate in use', () => {
  it('[H-112] that ends meanwhile is reported, and stays in use until there is another', async () => {
    const server = hostServer();
    const port = await freePort();
    const notAfter = new Date(Date.now() + 3000);
    const short = makeCert({ ca, names: ['a.test'], notAfter });
    const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert: short.bundlePem });
    server.CertExpireDays = 0;
    server.Listen();
    await waitFor(() => Date.now() > notAfter.getTime() + 1000, 'its end', 20_000);
    const info = { Value: '' };
    assert.equal(server.RecheckSslCerts(info, false), false);
    assert.match(info.Value, /^Host #0 a\.test, .*has expired - a\.test/);
    assert.equal(host.CertValRes, chainFail);
    assert.equal((await handshake(port, 'a.test')).cert!.serialNumber, short.cert.serialNumber);
  });
});
