// IcsLoadIcsHostsFromIni: which sections become hosts, and with which values.
import assert from 'node:assert/strict';
import {
  CertLoadFile,
  ChallFileUNC,
  ChallNone,
  Digest_sha256,
  EIcsException,
  IcsLoadIcsHostsFromIni,
  PrivKeyRsa2048,
  sslCliCertNone,
  sslCliCertRequire,
  sslSrvSecHigh,
  sslSrvSecTls13Only,
  SuppProtoAcmeV2,
  SuppProtoNone,
  TIcsHostCollection,
  TSslWSocketServer,
  type TMemIniFile,
} from '../../lib';
import { track } from '../support';
import { iniOf, load } from './iniFiles';

const HOST = ['Hosts=a.test', 'HostEnabled=True', 'BindIpAddr=127.0.0.1'];

describe('IcsLoadIcsHostsFromIni', () => {
  it('[WSS-164] reads a host with its names, ports, certificate and level', () => {
    const collection = new TIcsHostCollection(null);
    const ini = iniOf(
      '[Host1]',
      'Hosts=www.a.test, A.test',
      'HostEnabled=True',
      'HostTag=WEB-A',
      'BindIpAddr=127.0.0.1',
      'BindIpAddr2=::1',
      'BindNonPort=8080',
      'BindSslPort=8443',
      'SslSecLevel=sslSrvSecTls13Only',
      'SslCert=/certs/a_test-bundle.pem',
    );
    assert.equal(IcsLoadIcsHostsFromIni(ini, collection, 'Host'), 1);
    assert.equal(collection.Count, 1);
    const host = collection.Items[0]!;
    assert.deepEqual(host.HostNames.toArray(), ['www.a.test', 'a.test']);
    assert.equal(host.HostNameTot, 2);
    assert.equal(host.HostEnabled, true);
    assert.equal(host.HostTag, 'WEB-A');
    assert.deepEqual([host.BindIpAddr, host.BindIpAddr2], ['127.0.0.1', '::1']);
    assert.deepEqual([host.BindNonPort, host.BindSslPort], [8080, 8443]);
    assert.equal(host.SslSrvSecurity, sslSrvSecTls13Only);
    assert.equal(host.SslCert, '/certs/a_test-bundle.pem');
  });

  it('[WSS-165] skips a section that is not enabled in so many words', () => {
    const enabled = (...lines: string[]): number =>
      load('Host', '[Host1]', 'Hosts=a.test', ...lines).hosts.length;
    assert.equal(enabled(), 0);
    assert.equal(enabled('Enabled=1'), 1);
    assert.equal(enabled('Enabled=true'), 1);
    assert.equal(enabled('HostEnabled=T'), 1);
    assert.equal(enabled('HostEnabled=', 'Enabled=True'), 1);
    assert.equal(enabled('HostEnabled=False', 'Enabled=True'), 0);
    for (const word of ['yes', 'on', '-1', '10', '0', 'False'])
      assert.equal(enabled(`HostEnabled=${word}`), 0, word);
    assert.equal(load('Host', '[Host1]', 'Hosts= , ', 'Enabled=1').hosts.length, 0);
  });

  it('[WSS-166] reads the numbers from 1 to 100, over gaps, into an emptied collection', () => {
    const collection = new TIcsHostCollection(null);
    collection.Add();
    const section = (number: number): string[] => [
      `[IcsHost${number}]`,
      `Hosts=h${number}.test`,
      'HostEnabled=True',
    ];
    const ini = iniOf(...[101, 3, 1, 100, 0].flatMap(section));
    assert.equal(
      IcsLoadIcsHostsFromIni(ini, collection, undefined, () => undefined),
      3,
    );
    const names = [0, 1, 2].map((at) => collection.Items[at]!.HostNames.Strings(0));
    assert.deepEqual(names, ['h1.test', 'h3.test', 'h100.test']);
    assert.equal(collection.Count, 3);
  });

  it('[WSS-167] gives empty texts, not the defaults of a new host, for absent keys', () => {
    const [host] = load('Host', '[Host1]', 'Hosts=a.test', 'Enabled=1').hosts;
    assert.equal(host!.BindIpAddr, '');
    assert.equal(host!.HostTag, '');
    assert.deepEqual([host!.BindNonPort, host!.BindSslPort], [0, 0]);

    const server = track(new TSslWSocketServer());
    const ini = iniOf('[IcsHost1]', 'Hosts=a.test', 'Enabled=1', '[IcsHost2]', ...HOST);
    assert.equal(IcsLoadIcsHostsFromIni(ini, server.IcsHosts), 2);
    assert.equal(
      server.ValidateHosts(false, true),
      'Host #0, Invalid host listen IP address: \r\n',
    );
    assert.equal(server.IcsHosts.Items[1]!.BindInfo, '127.0.0.1:0');
  });

  it('[WSS-168] takes a level by number or name, and sslSrvSecHigh for anything else', () => {
    const levelOf = (...lines: string[]): number =>
      load('Host', '[Host1]', ...HOST, 'BindSslPort=443', ...lines).hosts[0]!.SslSrvSecurity;
    assert.equal(levelOf('SslSecLevel=5'), sslSrvSecHigh);
    assert.equal(levelOf('SslSecLevel=sslsrvsechigh'), sslSrvSecHigh);
    assert.equal(levelOf(), sslSrvSecHigh);
    assert.equal(levelOf('SslSecLevel=9'), sslSrvSecTls13Only);
    assert.equal(levelOf('SslSecLevel=SSLSRVSECTLS13ONLY'), sslSrvSecTls13Only);
    for (const wrong of ['bogus', '99', '10', '5x', '-1', '', 'constructor'])
      assert.equal(levelOf(`SslSecLevel=${wrong}`), sslSrvSecHigh, wrong);
  });

  it('[WSS-169] takes other enumerations by name only, and the default for anything else', () => {
    const read = (value: string) => {
      const keys = ['CliCertMethod', 'CertChallenge', 'CertPKeyType', 'CertSignDigest'];
      const more = ['CertSupplierProto', 'SslLoadSource'];
      const lines = [...keys, ...more].map((key) => `${key}=${value}`);
      return load('Host', '[Host1]', ...HOST, 'BindSslPort=443', ...lines).hosts[0]!;
    };
    for (const value of ['bogus', '2', '']) {
      const host = read(value);
      assert.equal(host.CliCertMethod, sslCliCertNone);
      assert.equal(host.CertChallenge, ChallNone);
      assert.equal(host.CertPKeyType, PrivKeyRsa2048);
      assert.equal(host.CertSignDigest, Digest_sha256);
      assert.equal(host.CertSupplierProto, SuppProtoNone);
      assert.equal(host.SslLoadSource, CertLoadFile);
    }
    assert.equal(read('sslclicertrequire').CliCertMethod, sslCliCertRequire);
    assert.equal(read('ChallFileUNC').CertChallenge, ChallFileUNC);
    assert.equal(read('SUPPPROTOACMEV2').CertSupplierProto, SuppProtoAcmeV2);
  });

  it('[WSS-170] raises without a file or without a collection', () => {
    const collection = new TIcsHostCollection(null);
    collection.Add();
    for (const ini of [null, undefined, {}, 'a.ini'])
      assert.throws(
        () => IcsLoadIcsHostsFromIni(ini as unknown as TMemIniFile, collection),
        (E) => E instanceof EIcsException && E.message === 'Must open and assign INI file first',
      );
    for (const hosts of [null, undefined, []])
      assert.throws(
        () => IcsLoadIcsHostsFromIni(iniOf(), hosts as unknown as TIcsHostCollection),
        (E) => E instanceof EIcsException && E.message === 'Must assign IcsHosts first',
      );
    assert.equal(collection.Count, 1);
  });

  it('reads TLS keys with BindSslPort or AuthSslCmd, and without both says that they are idle', () => {
    const keys = ['SslCert=a.pem', 'SslPassword=secret', 'SslSecLevel=9'];
    const withPort = load('Host', '[Host1]', ...HOST, 'BindSslPort=443', ...keys).hosts[0]!;
    const withAuth = load('Host', '[Host1]', ...HOST, 'AuthSslCmd=True', ...keys).hosts[0]!;
    for (const host of [withPort, withAuth]) {
      assert.equal(host.SslCert, 'a.pem');
      assert.equal(host.SslPassword, 'secret');
      assert.equal(host.SslSrvSecurity, sslSrvSecTls13Only);
    }
    const { hosts, told } = load('Host', '[Host1]', ...HOST, ...keys);
    assert.equal(hosts[0]!.SslCert, '');
    assert.equal(hosts[0]!.SslPassword, '');
    assert.equal(hosts[0]!.SslSrvSecurity, sslSrvSecHigh);
    const idle = (line: number, key: string): string =>
      `${line}: ${key} has no effect without BindSslPort or AuthSslCmd`;
    assert.deepEqual(told, [idle(5, 'SslCert'), idle(6, 'SslPassword'), idle(7, 'SslSecLevel')]);
  });
});
