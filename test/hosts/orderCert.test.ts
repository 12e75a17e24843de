// When orders of certificates are started, and what is said about it; ordering itself is SslX509Certs'.
import assert from 'node:assert/strict';
import path from 'node:path';
import * as ics from '../../lib';
import { tempDir } from '../support/certificates';
import { addHost, certFile, freePort, handshake, hostServer } from './hosts';

class Supplier implements ics.HostCertSupplier {
  readonly lines: string[] = [];
  readonly orders: number[] = [];
  answer = '';
  closed = 0;

  LogEvent(Line: string): void {
    this.lines.push(Line);
  }

  OrderHost(_Server: ics.HostServer, _Host: ics.TIcsHost, HostNr: number): string {
    this.orders.push(HostNr);
    return this.answer;
  }

  CloseAccount(): void {
    this.closed++;
  }
}

async function ordering(SslCert: string) {
  const server = hostServer();
  const supplier = new Supplier();
  server.SslX509Certs = supplier;
  server.SslCertAutoOrder = true;
  const port = await freePort();
  const CertSupplierProto = ics.SuppProtoAcmeV2;
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert, CertSupplierProto });
  return { server, supplier, host, port };
}

const recheck = (server: ics.TSslWSocketServer): string => {
  const info = { Value: '' };
  server.RecheckSslCerts(info, false, false, true);
  return info.Value;
};

describe('SslCertAutoOrder', () => {
  it('[X509-39] a temporary certificate is pending replacement until a real one is there', async () => {
    const { server, supplier, host } = await ordering(path.join(tempDir(), 'a_test.pfx'));
    assert.match(
      server.ValidateHosts(true, false, true),
      /ICS Temporary Certificate Pending Replacement, Pending Order fo New Certificate\r\n$/,
    );
    assert.deepEqual(supplier.orders, [], 'nothing is ordered before the server listens');
    server.Listen();
    assert.match(recheck(server), /Pending Replacement, Ordered New Certificate\r\n$/);
    assert.deepEqual(supplier.orders, [0]);
    assert.equal(host.CertValRes, ics.chainWarn);
    supplier.answer = 'No Work Directory Specified';
    assert.match(recheck(server), /, Failed to Order New Certificate\r\n$/);
  });

  it('a certificate that expires soon is ordered, a good one is not', async () => {
    const { server, supplier, host } = await ordering(certFile(['a.test'], { days: 10 }));
    server.Listen();
    assert.match(recheck(server), /expires on .*, Ordered New Certificate/);
    host.SslCert = certFile(['a.test']);
    assert.equal(recheck(server).includes('Order'), false);
    assert.deepEqual(supplier.orders, [0]);
  });

  it('OrderCert passes on the reason of the supplier, also a thrown one', async () => {
    const { server, supplier, host } = await ordering(certFile(['a.test']));
    server.Listen();
    assert.equal(server.OrderCert(0), true);
    supplier.answer = 'No Supplier Protocol';
    assert.equal(server.OrderCert(0), false);
    assert.equal(host.CertErrs, 'No Supplier Protocol');
    supplier.OrderHost = () => {
      throw new Error('disk full');
    };
    assert.equal(server.OrderCert(0), false);
    assert.equal(host.CertErrs, 'disk full');
  });

  it('Close ends the account; the log hears which host was found', async () => {
    const { server, supplier, port } = await ordering(certFile(['a.test']));
    server.Listen();
    await handshake(port, 'a.test');
    await handshake(port, 'b.test');
    assert.deepEqual(supplier.lines, [
      'SSL SNI Found: a.test for IcsHost #0',
      'SSL SNI Not Found: b.test in IcsHosts',
    ]);
    server.Close();
    assert.equal(supplier.closed, 1);
  });
});
