// IcsLoadIcsHostsFromIni: files written for the web, FTP and proxy servers of ICS.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as ics from '../../lib';
import { iniOf, load } from './iniFiles';

const WEB = [
  '; hosts of a web server',
  '[Host4]',
  'Hosts=WEB7.Example.test, web7.example2.test',
  'HostTag=HTTP-EXAMPLE',
  'Desc=web7',
  'BindIpAddr=192.168.1.123',
  'BindNonPort=80',
  'BindSslPort=443',
  'HostEnabled=True',
  'SslSecLevel=sslSrvSecInterFS',
  'WellKnownPath=c:\\websites\\well-known\\',
  'WebRedirectURL=https://www.example.test/?a=b',
  'WebRedirectStat=301',
  'SslCert=c:\\certificates\\local\\web7_example_test.pfx',
  'SslInters=c:\\certificates\\inter.pem',
  'SslPassword=pass=word;1',
  'X509ProxyURL=',
];

const FTP = [
  '[SslFtpServer]',
  'MaxClients=500',
  'BannerConnect=220 ready',
  '[IcsHost1]',
  'Hosts=ftp.example.test',
  'HostEnabled=True',
  'HostTag=FTP-SERVER',
  'Descr=FTP with AUTH TLS',
  'BindIpAddr=0.0.0.0',
  'BindIpAddr2=::',
  'BindNonPort=21',
  'BindSslPort=990',
  'AuthSslCmd=True',
  'AuthForceSsl=TRUE',
  'SslSecLevel=sslSrvSecBack',
  'SslCert=d:\\certs\\ftp_example_test.pfx',
  'SslPassword=password',
  'CertSupplierProto=SuppProtoAcmeV2',
  'CertDirWork=c:\\icscerts\\letsencrypt',
  'CertChallenge=ChallFileSrv',
  'CertPKeyType=PrivKeyECsecp256',
  'CertProduct=DV SSL Certificate, 3 months',
  'CertSignDigest=Digest_sha384',
];

const PROXY = [
  '[Proxy]',
  'RxBuffSize=65536',
  '[Source1]',
  'Hosts=www.example.test,example.test',
  'HostEnabled=1',
  'HostTag=PROXY-ONE',
  'BindIpAddr=192.168.1.124',
  'BindSslPort=8443',
  'Proto=HTTP',
  'ForwardProxy=True',
  'CliCertMethod=sslCliCertOptional',
  'SslLoadSource=CertLoadFile',
  'WebLogDir=c:\\weblogs\\',
  '[Target1]',
  'HostTag=PROXY-ONE',
  'TarHost=192.168.1.1',
  'TarPort=80',
];

const HOST = ['Hosts=a.test', 'Enabled=1', 'BindIpAddr=127.0.0.1'];

describe('INI files of ICS programs', () => {
  for (const prefix of ['Host', 'IcsHost', 'Source'])
    it(`load as they are with the prefix ${prefix}`, () => {
      const lines = WEB.map((line) => line.replace('[Host4]', `[${prefix.toUpperCase()}4]`));
      const { hosts } = load(prefix, '[Other]', 'a=b', ...lines, '[Target1]', 'HostTag=x');
      assert.equal(hosts.length, 1);
      const host = hosts[0]!;
      assert.deepEqual(host.HostNames.toArray(), ['web7.example.test', 'web7.example2.test']);
      assert.equal(host.SslSrvSecurity, ics.sslSrvSecInterFS);
      assert.equal(host.WellKnownPath, 'c:\\websites\\well-known\\');
      assert.equal(host.SslCert, 'c:\\certificates\\local\\web7_example_test.pfx');
      assert.equal(host.SslPassword, 'pass=word;1');
      assert.equal(host.WebRedirectURL, 'https://www.example.test/?a=b');
      assert.equal(host.WebRedirectStat, 301);
      assert.deepEqual([host.Descr, host.SslInter], ['', '']);
    });

  it('of an FTP server: AUTH TLS and orders of certificates', () => {
    const { hosts, told } = load('IcsHost', ...FTP);
    assert.deepEqual(told, []);
    assert.equal(hosts.length, 1);
    const host = hosts[0]!;
    assert.deepEqual([host.AuthSslCmd, host.AuthForceSsl], [true, true]);
    assert.deepEqual([host.BindIpAddr, host.BindIpAddr2], ['0.0.0.0', '::']);
    assert.deepEqual([host.BindNonPort, host.BindSslPort], [21, 990]);
    assert.equal(host.Descr, 'FTP with AUTH TLS');
    assert.equal(host.SslSrvSecurity, ics.sslSrvSecBack);
    assert.equal(host.CertSupplierProto, ics.SuppProtoAcmeV2);
    assert.equal(host.CertDirWork, 'c:\\icscerts\\letsencrypt');
    assert.equal(host.CertChallenge, ics.ChallFileSrv);
    assert.equal(host.CertPKeyType, ics.PrivKeyECsecp256);
    assert.equal(host.CertProduct, 'DV SSL Certificate, 3 months');
    assert.equal(host.CertSignDigest, ics.Digest_sha384);
  });

  it('of a proxy: its sources are the hosts, its targets are no concern of theirs', () => {
    const { hosts, told } = load('Source', ...PROXY);
    assert.deepEqual(told, []);
    assert.equal(hosts.length, 1);
    const host = hosts[0]!;
    assert.deepEqual(host.HostNames.toArray(), ['www.example.test', 'example.test']);
    assert.deepEqual([host.Proto, host.ForwardProxy], ['HTTP', true]);
    assert.equal(host.CliCertMethod, ics.sslCliCertOptional);
    assert.equal(host.WebLogDir, 'c:\\weblogs\\');
    assert.deepEqual([host.BindNonPort, host.BindSslPort], [0, 8443]);
  });

  it('have keys that ICS does not read either: each is reported with its line', () => {
    assert.deepEqual(load('Host', ...WEB).told, [
      '5: unknown key "Desc": ICS does not read it either, the key is "Descr"',
      '15: unknown key "SslInters": ICS does not read it either, the key is "SslInter"',
      '17: unknown key "X509ProxyURL"',
    ]);
  });

  it('have mistakes: each is reported with its line, and none is fatal', () => {
    const { hosts, told } = load(
      'Host',
      '[Host1',
      '[Host2]',
      ...HOST,
      'BindNonPrt=80',
      'BindNonPort=eighty',
      'ForwardProxy=yes',
      'BindSslPort=443',
      'bindsslport=444',
      'SslSecLevel=sslSrvSecHihg',
      'nonsense',
      '# comment',
      '[Hots3]',
      ...HOST,
      '[host2]',
      ...HOST,
      '[Host101]',
      '[Host02]',
      '[Host4]',
      'Hosts=a.test',
      '[Host5]',
      'Hosts=a.test',
      'Enabled=on',
      '[Host6]',
      'Enabled=1',
      '[Host7]',
      'Hosts=a.test',
      'Enabled=False',
    );
    assert.equal(hosts.length, 1);
    assert.equal(hosts[0]!.BindSslPort, 443);
    assert.equal(hosts[0]!.BindNonPort, 0);
    assert.deepEqual(told, [
      '1: not a section: the line must end with "]"',
      '6: unknown key "BindNonPrt" (did you mean "BindNonPort"?)',
      '7: BindNonPort is no number "eighty", taken as 0',
      '8: ForwardProxy is neither True nor False "yes", taken as False',
      '10: repeated key "bindsslport", the one in line 9 counts',
      '11: SslSecLevel is an unknown value "sslSrvSecHihg", taken as sslSrvSecHigh' +
        ' (did you mean "sslSrvSecHigh"?)',
      '12: neither key=value nor comment "nonsense"',
      '13: neither key=value nor comment',
      '14: section not read (did you mean "Host1"?)',
      '18: repeated section, the one in line 2 counts',
      '22: section not read: numbers go from 1 to 100',
      '23: section not read: numbers go from 1 to 100',
      '24: host skipped: without "HostEnabled=True" a host is disabled',
      '26: host skipped: Enabled is neither True nor False "on", taken as False',
      '29: host skipped: "Hosts" is empty',
    ]);
  });

  it('with other sections only: the absence is reported', () => {
    assert.deepEqual(load('IcsHost', '[Source1]', ...HOST).told, [
      '0: no section "IcsHost1" to "100"; there are sections for "Source"',
    ]);
    assert.deepEqual(load('IcsHost').told, ['0: no section "IcsHost1" to "100"']);
  });

  it('with a key pasted into them: nothing of it is repeated in a report', () => {
    const { told } = load(
      'Host',
      '[Host1]',
      ...HOST,
      'SslKey=-----BEGIN PRIVATE KEY-----',
      'MIIEvQIBADANBgkqhkiG',
      'shortRest==',
      '-----END PRIVATE KEY-----',
      'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0',
    );
    const all = told.join('\n');
    assert.ok(told.length >= 4);
    for (const secret of ['MIIE', 'shortRest', 'c2Vj']) assert.ok(!all.includes(secret), all);
  });

  it('without a handler: the problems are one process warning', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const ini = iniOf('[Host1]', ...HOST, ...Array.from({ length: 40 }, (_, n) => `unknown${n}=1`));
    assert.equal(ics.IcsLoadIcsHostsFromIni(ini, new ics.TIcsHostCollection(null), 'Host'), 1);
    const { name, message } = await warned;
    assert.equal(name, 'IcsIniWarning');
    const lines = message.split('\n');
    assert.equal(lines[0], 'INI: [Host1] line 5: unknown key "unknown0"');
    assert.equal(lines.length, 21);
    assert.equal(lines[20], '  and 20 more');
  });

  it('[H-115] with hostile values: they are taken as written, quickly, and nothing raises', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => [`[Host${n + 1}]`, ...HOST]).flat();
    const started = performance.now();
    assert.equal(load('Host', ...many).hosts.length, 100);
    assert.ok(performance.now() - started < 10_000);
    const { hosts } = load(
      'Host',
      '[Host1]',
      'Hosts=münchen.test,日本.test',
      'Enabled=1',
      'WebDocDir=../../../etc',
      'HostTag=\u0000x\u001b[31m',
      '__proto__=1',
      'constructor=1',
    );
    assert.deepEqual(hosts[0]!.HostNames.toArray(), ['münchen.test', '日本.test']);
    assert.equal(hosts[0]!.WebDocDir, '../../../etc');
    assert.equal(hosts[0]!.HostTag, 'x\u001b[31m');
  });

  it('of any text at all: nothing raises, and the order, case and blanks of keys change nothing', () => {
    const key = fc.constantFrom('Hosts', 'Enabled', 'SslCert', 'BindSslPort', 'SslSecLevel', 'x');
    const word = fc.oneof(fc.constantFrom('1', 'True', '443', 'a,b', ''), fc.string());
    const lines = fc.array(fc.tuple(key, word), { maxLength: 12 });
    const clean = (text: string): string => text.replace(/[\r\n]/g, '');
    fc.assert(
      fc.property(lines, (pairs) => {
        const first = new Map(pairs.map(([name, value]) => [name, clean(value)] as const));
        const plain = [...first].map(([name, value]) => `${name}=${value}`);
        const odd = [...first].reverse().map(([n, v]) => ` ${n.toUpperCase()}\t =  ${v} `);
        const read = (...all: string[]): unknown =>
          load('Host', ...all).hosts.map((host) => [
            host.HostNames.toArray(),
            host.SslCert,
            host.BindSslPort,
            host.SslSrvSecurity,
          ]);
        assert.deepEqual(read(' [ HOST1 ] ', ...odd), read('[Host1]', ...plain));
      }),
      { numRuns: 200 },
    );
    const junk = fc.constantFrom('[Host1]', '[Host', ']', '=', ';', '\0', 'Hosts=a', 'Enabled=1');
    fc.assert(
      fc.property(fc.array(fc.oneof(junk, fc.string()), { maxLength: 30 }), (all) => {
        load('Host', ...all);
      }),
      { numRuns: 300 },
    );
  });
});
