// Texts an administrator or a peer may get wrong: INI files, hosts, addresses, proxies, HTTP heads.

import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import fc from 'fast-check';
import {
  IcsFmtIpv6Addr,
  IcsLoadIcsHostsFromIni,
  IcsStripIpv6Addr,
  TIcsHostCollection,
  TMemIniFile,
  TStringList,
  WSocketIPv4ToStr,
  WSocketIPv6ToStr,
  WSocketIsIPv4,
  WSocketIsIPv6,
  WSocketStrToIPv4,
  WSocketStrToIPv6,
} from '../../lib';
import { decodeIni, encodeIni } from '../../lib/base/iniText';
import { HeadScanner, mayBeRequest, parseRequestHead } from '../../lib/http/requestHead';
import { MAX_HEAD, TunnelHead } from '../../lib/socket/httpTunnelProtocol';
import { parseChallenges } from '../../lib/socket/proxyAuth';
import { parseProxyUrl } from '../../lib/socket/proxyUrl';
import { tempFile } from '../support/certificates';
import { iniOf } from '../hosts/iniFiles';
import { always, PARSING_TIMEOUT_MS, variantsOf } from './parsing';

const INI = Buffer.from(
  '\ufeff; hosts\r\n[IcsHost1]\r\nHosts=a.test, *.b.test,[::1]\r\nHostEnabled=True\r\n' +
    'BindIpAddr=127.0.0.1\r\nBindSslPort=443\nBindNonPort=80\r\nSslCert=/x/\u00e9.pem\r\n' +
    'WebDocDir="C:\\web"\r\n[IcsHost2]\nEnabled=1\nHosts=c.test;d.test\n[Empty]\nkey\n=value\n',
);

describe('Property: INI files', () => {
  it('[H-115] any bytes are a text that can be written and read again', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const bytes = fc.oneof(
      variantsOf(INI, INI.subarray(3), Buffer.from('\u20ac\r\n=[', 'utf16le')),
      fc.uint8Array({ maxLength: 60 }).map((some) => Buffer.from(some)),
    );
    always(bytes, 1000, (file) => {
      const { text, encoding } = decodeIni(file);
      assert.equal(decodeIni(encodeIni(text, encoding)).text, text);
    });
  });

  it('[H-115] a written value is read, and the others stay as they were', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(
      fc.tuple(variantsOf(INI), fc.stringMatching(/^[a-z=;"[\]]{1,12}$/)),
      300,
      ([bytes, value]) => {
        const ini = iniOf(...decodeIni(bytes).text.split(/\r\n|\r|\n/));
        const before = everything(ini);
        ini.WriteString('New', 'Ident', value);
        assert.equal(ini.ReadString('New', 'Ident'), value);
        const after = everything(ini);
        after.delete('New');
        before.delete('New');
        assert.deepEqual(after, before);
      },
    );
  });

  it('[H-115] hosts from any file are loaded, and what is wrong in it is told', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(INI), 300, (bytes) => {
      const hosts = new TIcsHostCollection(null);
      const ini = new TMemIniFile(tempFile('hosts.ini', bytes));
      const told: unknown[] = [];
      const count = IcsLoadIcsHostsFromIni(ini, hosts, 'IcsHost', (problem) => told.push(problem));
      assert.equal(hosts.Count, count);
      for (let i = 0; i < count; i++) assert.ok(hosts.Items[i]!.HostNames.Count > 0);
    });
  });
});

function everything(ini: TMemIniFile): Map<string, string[]> {
  const sections = new TStringList();
  ini.ReadSections(sections);
  const found = new Map<string, string[]>();
  for (let i = 0; i < sections.Count; i++) {
    const values = new TStringList();
    ini.ReadSectionValues(sections.Strings[i]!, values);
    found.set(sections.Strings[i]!, values.Text.split('\n'));
  }
  return found;
}

const addresses = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  variantsOf(
    ...['127.0.0.1', '::1', 'fe80::1%2', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4'].map((text) =>
      Buffer.from(text),
    ),
  ).map((bytes) => bytes.toString('latin1')),
  fc.stringMatching(/^[0-9a-f:.%]{0,40}$/),
);

describe('Property: texts of addresses', () => {
  it('what is an address keeps its value, and Node agrees that it is one', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(addresses, 5000, (text) => {
      if (WSocketIsIPv4(text)) {
        const plain = WSocketIPv4ToStr(WSocketStrToIPv4(text));
        assert.equal(isIP(plain), 4);
        assert.equal(WSocketStrToIPv4(plain), WSocketStrToIPv4(text));
      }
      const [ok, scope] = [{ Value: false }, { Value: 0 }];
      const words = WSocketStrToIPv6(text, ok, scope);
      assert.equal(ok.Value, WSocketIsIPv6(text));
      if (!ok.Value) {
        assert.ok(isIP(text) !== 6 || /[.]|%\D|%\d{10}|%.*\D|%0/.test(text), `${text} is one`);
        return;
      }
      assert.equal(isIP(text.replace(/%.*/, '')), 6);
      assert.deepEqual(WSocketStrToIPv6(WSocketIPv6ToStr(words, scope.Value)), words);
      assert.equal(IcsStripIpv6Addr(IcsFmtIpv6Addr(text)), text);
    });
  });

  it('a proxy is understood or the reason is told', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    const urls = ['http://u:p%40@proxy.test:8080/', 'socks5://[::1]:1080', 'socks4a://h'];
    always(variantsOf(...urls.map((url) => Buffer.from(url))), 3000, (bytes) => {
      const result = parseProxyUrl(bytes.toString('latin1'));
      if (typeof result === 'string') assert.notEqual(result, '');
      else assert.ok(result.host !== '' || bytes.length === 0);
    });
  });
});

const REQUEST = Buffer.from(
  'POST http://u.test:81/a%20b?x=1 HTTP/1.1\r\nHost: h.test:8080\r\nContent-Length: 12\r\n' +
    'User-Agent: \xc3\xa9\r\nReferer:\t/r \r\n\r\n',
  'latin1',
);
const ANSWER = Buffer.from(
  'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 5\r\n' +
    'Proxy-Authenticate: Digest realm="a\\"b", nonce=x, qop="auth,auth-int"\r\n' +
    'Proxy-Authenticate: Basic realm="r"\r\nConnection: close\r\n\r\nBODY!',
);

describe('Property: HTTP heads', () => {
  it('the end of a head is found in the same place however it arrives', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(REQUEST), 500, (bytes) => {
      const end = new HeadScanner().scan(bytes);
      const slow = new HeadScanner();
      let found = -1;
      for (let size = 0; size <= bytes.length && found < 0; size++)
        found = slow.scan(bytes.subarray(0, size));
      assert.equal(found, end);
    });
  });

  it('a request is understood or refused, and its parts are free of control characters', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(REQUEST), 2000, (bytes) => {
      mayBeRequest(bytes);
      const request = parseRequestHead(bytes);
      if (typeof request === 'string') return assert.match(request, /^(400|505) /);
      assert.ok(Number.isSafeInteger(request.contentLength) && request.contentLength >= 0);
      for (const part of [request.method, request.path, request.host, request.hostName])
        assert.doesNotMatch(part, /[\0-\x20\x7f]/);
      if (request.hostPort !== '') assert.match(request.hostPort, /^\d+$/);
    });
  });

  it('the answer of a proxy is the same in one piece and byte by byte', function () {
    this.timeout(PARSING_TIMEOUT_MS);
    always(variantsOf(ANSWER), 500, (bytes) => {
      const [whole, pieces] = [new TunnelHead(), new TunnelHead()];
      const taken = whole.feed(bytes);
      assert.ok(taken <= bytes.length && taken <= MAX_HEAD + bytes.length);
      let fed = 0;
      for (const byte of bytes) {
        if (pieces.complete || pieces.bad) break;
        fed += pieces.feed(Uint8Array.of(byte));
      }
      assert.equal(pieces.bad, whole.bad);
      if (whole.bad) return;
      assert.equal(pieces.complete, whole.complete);
      if (!whole.complete) return;
      assert.equal(fed, taken);
      assert.deepEqual(pieces.parse(), whole.parse());
      parseChallenges(whole.parse()?.challenges ?? []);
    });
  });
});
