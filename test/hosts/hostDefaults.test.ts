// A new host, its name for lists, copies of it.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { track } from '../support';
import { hostServer } from './hosts';

describe('TIcsHost', () => {
  it('[WSS-133] has the documented defaults', () => {
    const host = hostServer().IcsHosts.Add();
    assert.deepEqual([...host.HostNames], ['*']);
    const expected: Partial<ics.TIcsHost> = {
      HostEnabled: true,
      HostNameTot: 1,
      HostTag: 'HostTag',
      BindIpAddr: '0.0.0.0',
      BindIpAddr2: '',
      BindNonPort: 0,
      BindSslPort: 0,
      Descr: '',
      Proto: '',
      ForwardProxy: false,
      WebLogIdx: 0,
      WebRedirectStat: 0,
      AuthSslCmd: false,
      AuthForceSsl: false,
      SslCert: '',
      SslSrvSecurity: ics.sslSrvSecHigh,
      CliCertMethod: ics.sslCliCertNone,
      SslLoadSource: ics.CertLoadFile,
      CertSupplierProto: ics.SuppProtoNone,
      CertChallenge: ics.ChallNone,
      CertPKeyType: ics.PrivKeyRsa2048,
      CertSignDigest: ics.Digest_sha256,
      CertValRes: ics.chainOK,
      BindInfo: '',
      BindSrvPort: '',
      CertErrs: '',
      BindIdxNone: -2,
      BindIdx2Ssl: -2,
      SslCtx: null,
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(host[name as keyof ics.TIcsHost], value, name);
    assert.equal(host.OcspStapleResp.length, 0);
  });

  it('[WSS-132] is shown with its tag and its description or first address', () => {
    const host = hostServer().IcsHosts.Add();
    Object.assign(host, { HostTag: 'Tag', BindIpAddr: '127.0.0.1', Descr: 'My description' });
    assert.equal(host.DisplayName, 'Tag - My description');
    Object.assign(host, { Descr: '', BindNonPort: 80, BindSslPort: 443 });
    assert.equal(host.DisplayName, 'Tag - 127.0.0.1:80/443');
    host.BindNonPort = 0;
    assert.equal(host.DisplayName, 'Tag - 127.0.0.1:443');
    Object.assign(host, { BindNonPort: 80, BindSslPort: 0 });
    assert.equal(host.DisplayName, 'Tag - 127.0.0.1:80');
  });

  it('copies settings, not results', () => {
    const server = hostServer();
    const host = server.IcsHosts.Add();
    host.HostNames.CommaText = 'a.test,b.test';
    Object.assign(host, { HostTag: 'T', BindNonPort: 0, SslKey: 'k', AuthForceSsl: true });
    Object.assign(host, { HostEnabled: true, AuthSslCmd: false, SslCipherList12: 'X' });
    server.ValidateHosts();
    const copy = server.IcsHosts.Add();
    copy.Assign(host);
    assert.deepEqual([...copy.HostNames], ['a.test', 'b.test']);
    assert.deepEqual([copy.HostTag, copy.SslKey, copy.SslCipherList12], ['T', 'k', 'X']);
    assert.equal(copy.AuthForceSsl, true);
    assert.deepEqual([copy.BindInfo, copy.BindIdxNone], ['', -2]);
    host.HostNames.Clear();
    assert.equal(copy.HostNameTot, 2);
  });

  it('[WSS-111] a new server has no hosts and the documented defaults', () => {
    const server = track(new ics.TSslWSocketServer());
    assert.deepEqual([server.Addr, server.Port, server.Proto], ['0.0.0.0', '443', 'tcp']);
    assert.deepEqual([server.SslEnable, server.SslMode], [true, ics.sslModeServer]);
    assert.deepEqual([server.CertExpireDays, server.SslCertAutoOrder], [30, false]);
    assert.deepEqual([server.IcsHosts.Count, server.Validated], [0, false]);
    assert.deepEqual([server.OcspSrvStapling, server.NoSSL], [false, false]);
    const { CacheFName, CacheRefrDays, CacheFlushMins } = server.OcspSrvHttp;
    assert.deepEqual([CacheFName, CacheRefrDays, CacheFlushMins], ['ocspservercache.recs', 1, 1]);
    assert.equal(server.ValidateHosts(), '');
    assert.equal(server.Validated, false);
  });

  it('goes with its collection, and takes its context along', () => {
    const server = hostServer();
    const before = server.IcsHosts;
    const host = before.Add();
    const context = (host.SslCtx = new ics.TSslContext());
    server.IcsHosts = new ics.TIcsHostCollection(server);
    assert.ok(before.isDestroyed && host.isDestroyed && context.isDestroyed);
    assert.equal(server.IcsHosts.Count, 0);
  });
});
