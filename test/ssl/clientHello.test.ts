// What is read from the hello of a client before TLS code sees it.
import assert from 'node:assert/strict';
import { parseClientHello } from '../../lib/ssl/clientHello';
import { TTlsExtError } from '../../lib/ssl/sslTypes';
import { helloWith, nodeHello, parsed, programHello, record, serverNameBody } from './hellos';

const TLS13 = 0x0304;

describe('The hello of a client', () => {
  it('[SSL-26] tells versions, suites and protocols offered with TLS 1.3', async () => {
    const hello = parsed(
      await nodeHello({ servername: 'srv.test', ALPNProtocols: ['h2', 'http/1.1'] }),
    );
    assert.equal(hello.ServerName, 'srv.test');
    assert.equal(hello.PunyServerName, 'srv.test');
    assert.equal(hello.SslTlsExtErr, TTlsExtError.teeOk);
    assert.equal(hello.Sslv2, false);
    assert.equal(hello.LegacyVersion, 0x0303);
    assert.ok(hello.SuppVersions.includes(TLS13));
    assert.ok(hello.CipherSuites.includes(Buffer.from([0x13, 0x02])));
    assert.equal(hello.Random.length, 32);
    assert.equal(hello.SessionId.length, 32);
    assert.equal(hello.AlpnList, 'h2,http/1.1');
    assert.deepEqual(hello.alpnProtocols, ['h2', 'http/1.1']);
    assert.equal(hello.AlpnRaw.toString('latin1'), '\0\x0c\x02h2\x08http/1.1');
    assert.equal(hello.ExtnTotal, hello.ExtnList.length);
    assert.ok(hello.ExtnList.includes(51));
    assert.ok(hello.EllipCurves.length > 0 && hello.SigAlgos.length > 0);
    assert.ok(hello.ECPoints.includes(0));
    assert.ok(hello.KeyShare.length > 32);
    assert.deepEqual([...hello.PSKExchMode], [1, 1]);
    assert.equal(hello.PSKData.length, 0);
  });

  it('of TLS 1.2 has no list of versions', async () => {
    const bytes = await nodeHello({ maxVersion: 'TLSv1.2', minVersion: 'TLSv1' });
    const hello = parsed(bytes);
    assert.deepEqual(hello.SuppVersions, []);
    assert.equal(hello.LegacyVersion, 0x0303);
    assert.equal(hello.ServerName, '');
    assert.deepEqual(hello.alpnProtocols, []);
  });

  it('of TLS 1.0 tells its version', async () => {
    const bytes = await nodeHello({
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'ALL:@SECLEVEL=0',
    });
    assert.equal(parsed(bytes).LegacyVersion, 0x0301);
    bytes[10] = 0; // SSL 3
    assert.equal(parsed(bytes).LegacyVersion, 0x0300);
  });

  it('[SSL-23] tells the Unicode form of a name and the form sent', async () => {
    const hello = parsed(await nodeHello({ servername: 'xn--mnchen-3ya.test' }));
    assert.equal(hello.ServerName, 'münchen.test');
    assert.equal(hello.PunyServerName, 'xn--mnchen-3ya.test');
  });

  it('keeps a name whose Unicode form would be another host', () => {
    for (const name of ['xn--localhost-', 'xn--zzzzzzz9999', 'a.xn--', 'xn--mnchen-3ya.0x1']) {
      const hello = parsed(helloWith([0, serverNameBody(name)]));
      assert.equal(hello.ServerName, name);
      assert.equal(hello.PunyServerName, name);
    }
  });

  it('of openssl s_client is read', async () => {
    const bytes = await programHello('openssl', (port) => [
      ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'srv.test'],
      ...['-alpn', 'http/1.1,h2', '-status'],
    ]);
    const hello = parsed(bytes);
    assert.equal(hello.ServerName, 'srv.test');
    assert.equal(hello.AlpnList, 'http/1.1,h2');
    assert.deepEqual([...hello.StatusRequest], [1, 0, 0, 0, 0]);
    assert.ok(hello.SuppVersions.includes(TLS13));
  });

  it('of curl is read', async () => {
    const bytes = await programHello('curl', (port) => [
      ...['-sk', '--noproxy', '*', '--resolve', `srv.test:${port}:127.0.0.1`],
      `https://srv.test:${port}/`,
    ]);
    assert.equal(parsed(bytes).ServerName, 'srv.test');
    assert.ok(parsed(bytes).alpnProtocols.includes('http/1.1'));
  });

  it('in a hundred protocols lists them all', async () => {
    const offer = Array.from({ length: 100 }, (_, i) => `protocol-${i}`);
    const hello = parsed(await nodeHello({ ALPNProtocols: offer }));
    assert.equal(hello.AlpnList, offer.join(','));
  });

  it('is waited for, byte by byte, and read as soon as it is complete', async () => {
    const bytes = await nodeHello({ servername: 'srv.test' });
    for (let size = 0; size < bytes.length; size++)
      assert.equal(parseClientHello(bytes.subarray(0, size)), 'more', String(size));
    const followed = Buffer.concat([bytes, Buffer.from('more')]);
    assert.deepEqual(parsed(followed), parsed(bytes));
  });

  it('keeps nothing of the bytes it was read from', async () => {
    const bytes = await nodeHello({ servername: 'srv.test', ALPNProtocols: ['h2'] });
    const suites = parsed(bytes).CipherSuites;
    const hello = parsed(bytes);
    bytes.fill(0);
    assert.ok(suites.length > 0);
    assert.deepEqual(hello.CipherSuites, suites);
    assert.equal(hello.CipherSuites.buffer.byteLength, bytes.length - 9);
  });

  it('may be cut into many records, empty ones between, but not into any number', async () => {
    const bytes = await nodeHello({ servername: 'srv.test' });
    const message = bytes.subarray(5);
    const cut = (size: number): Buffer => {
      const records = [record(Buffer.alloc(0))];
      for (let at = 0; at < message.length; at += size)
        records.push(record(message.subarray(at, at + size)));
      return Buffer.concat(records);
    };
    assert.deepEqual(parsed(cut(3)), parsed(bytes));
    assert.equal(parseClientHello(cut(1)), 'tooLong');
  });

  it('is refused above 16 KB, whatever its parts', () => {
    const sized = (size: number): Buffer => helloWith([21, Buffer.alloc(size)]);
    const overhead = sized(0).length - 9;
    assert.equal(parsed(sized(16384 - overhead)).ExtnTotal, 1);
    const tooLong = sized(16385 - overhead);
    assert.equal(parseClientHello(tooLong), 'tooLong');
    assert.equal(parseClientHello(tooLong.subarray(0, 9)), 'tooLong', 'not waited for');
  });

  it('in the form of SSL 2 is told apart', () => {
    const sslv2 = Buffer.from([0x80, 0x2e, 1, 3, 3, 0, 0x15, 0, 0, 0, 0x10]);
    assert.equal(parseClientHello(sslv2), 'sslv2');
    assert.equal(parseClientHello(sslv2.subarray(0, 4)), 'more');
  });

  it('is not seen in what is none', () => {
    const tls = helloWith();
    const changed = (at: number, value: number): Buffer => {
      const bytes = Buffer.from(tls);
      bytes[at] = value;
      return bytes;
    };
    for (const bytes of [
      Buffer.from('GET / HTTP/1.0\r\n'),
      Buffer.from('QUIT\r\n'),
      changed(0, 21), // an alert
      changed(1, 4), // version 4
      changed(3, 0xff), // a record too long
      changed(5, 2), // a server's hello
    ])
      assert.equal(parseClientHello(bytes), 'notTls', bytes.toString('latin1', 0, 6));
    assert.equal(parseClientHello(Buffer.from([22, 3, 1])), 'more');
    assert.equal(parseClientHello(Buffer.alloc(0)), 'more');
  });

  it('with malformed extensions tells the others', () => {
    const names: readonly Buffer[] = [
      serverNameBody('srv.test', 1), // another type of name
      serverNameBody(''),
      serverNameBody('a\0b'),
      serverNameBody('a\nb'),
      serverNameBody('x'.repeat(256)),
      Buffer.concat([serverNameBody('srv.test'), Buffer.from([0])]),
      serverNameBody('srv.test').subarray(0, 9),
      Buffer.from([0]),
    ];
    const alpn: readonly (readonly number[])[] = [[], [0, 1], [0, 1, 0], [0, 3, 2, 104], [9, 9, 1]];
    for (const name of names)
      for (const protocols of alpn) {
        const versions = Buffer.from([2, 3, 4]);
        const hello = parsed(helloWith([0, name], [16, Buffer.from(protocols)], [43, versions]));
        assert.equal(hello.ServerName, '');
        assert.equal(hello.AlpnList, '');
        assert.equal(hello.AlpnRaw.length, 0);
        assert.deepEqual(hello.SuppVersions, [TLS13]);
        assert.deepEqual(hello.ExtnList, [0, 16, 43]);
      }
  });

  it('counts the first of two names', () => {
    const hello = parsed(helloWith([0, serverNameBody('a.test')], [0, serverNameBody('b.test')]));
    assert.equal(hello.ServerName, 'a.test');
    assert.equal(hello.ExtnTotal, 2);
  });

  it('without extensions or cut short inside leaves the rest empty', () => {
    const full = helloWith().subarray(9);
    const random = full.subarray(2, 34);
    for (let size = 0; size < full.length; size++) {
      const message = Buffer.concat([Buffer.from([1, 0, 0, size]), full.subarray(0, size)]);
      const hello = parsed(record(message));
      assert.deepEqual(hello.ExtnList, []);
      if (size < 34) assert.equal(hello.CipherSuites.length, 0);
      if (size >= 34) assert.deepEqual(hello.Random, random);
    }
  });
});
