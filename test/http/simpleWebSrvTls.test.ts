// TLS of the small web server: certificates, versions, and tls-alpn-01 challenges.

import assert from 'node:assert/strict';
import tls from 'node:tls';
import { sslSrvSecHigh, TLogOption } from '../../lib';
import type { TSimpleWebSrv } from '../../lib';
import { connect, freePort, onCleanup, waitFor } from '../support';
import { makeCA, makeCert, tempFile, tempDir } from '../support/certificates';
import { newWebSrv, parseAnswer } from './webSrv';

const ca = makeCA();
const pageCert = makeCert({ ca, cn: 'pages.test', names: ['pages.test'] });
const GET = 'GET /tls HTTP/1.1\r\nHost: pages.test\r\n\r\n';

/** A listener for TLS only, at a free port. */
async function startTls(props: Partial<TSimpleWebSrv> = {}): Promise<TSimpleWebSrv> {
  const webSrv = newWebSrv({
    WebSrvPort: '0',
    WebSrvPortSsl: String(await freePort()),
    WebSrvHostName: 'pages.test',
    WebSrvCertBundle: tempFile('bundle.pem', pageCert.bundlePem),
    ...props,
  });
  assert.ok(webSrv.StartSrv(), webSrv.StartError);
  return webSrv;
}

interface Seen {
  text: string;
  protocol: string | null;
  alpn: string | false | null;
  subject: string;
  trusted: boolean;
}

/** What a TLS client sees until the server closes; rejects with the error of the handshake. */
function visit(
  webSrv: TSimpleWebSrv,
  options: tls.ConnectionOptions,
  request = GET,
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      port: Number(webSrv.BindPortSsl),
      host: '127.0.0.1',
      ca: ca.pem,
      servername: 'pages.test',
      rejectUnauthorized: false,
      ...options,
    });
    onCleanup(() => socket.destroy());
    let text = '';
    let facts: Omit<Seen, 'text'> | null = null;
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      const subject = String(socket.getPeerCertificate().subject?.CN);
      const protocol = socket.getProtocol();
      facts = { protocol, alpn: socket.alpnProtocol, subject, trusted: socket.authorized };
      if (request !== '') socket.write(request);
    });
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.on('end', () => (facts ? resolve({ ...facts, text }) : reject(new Error('ended'))));
  });
}

describe('TSimpleWebSrv over TLS', () => {
  it('[SIMPLE-8] answers with the certificate of the bundle, by TLS 1.2', async () => {
    const webSrv = await startTls();

    const seen = await visit(webSrv, { ALPNProtocols: ['h2', 'http/1.1'] });

    assert.equal(parseAnswer(seen.text).body, 'page /tls');
    assert.deepEqual(
      [seen.protocol, seen.alpn, seen.subject, seen.trusted],
      ['TLSv1.2', 'http/1.1', 'pages.test', true],
    );
  });

  it('[SIMPLE-8] refuses a TLS 1.3 client, and takes it when WebSrvSecurity says so', async () => {
    const only13 = { minVersion: 'TLSv1.3' } as const;
    const webSrv = await startTls();

    await assert.rejects(visit(webSrv, only13), /alert|protocol/i);
    webSrv.WebSrvSecurity = sslSrvSecHigh;
    assert.ok(webSrv.StartSrv());
    const seen = await visit(webSrv, only13);

    assert.equal(seen.protocol, 'TLSv1.3');
    assert.equal(parseAnswer(seen.text).body, 'page /tls');
  });

  it('answers on plain and TLS ports at once, large bodies included', async () => {
    const plain = String(await freePort());
    const webSrv = await startTls({ WebSrvPort: plain });
    const body = 'y'.repeat(2_000_000);
    webSrv.OnSimpWebSrvReq = (Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '200';
      Body.Value = Sender.SslEnable ? body : 'plain';
    };

    const seen = await visit(webSrv, {});
    const peer = await connect(Number(webSrv.BindPort));
    peer.write(GET);

    assert.equal(await peer.closed(), 'end');
    assert.equal(webSrv.BindPort, plain);
    assert.equal(parseAnswer(peer.text).body, 'plain');
    assert.ok(parseAnswer(seen.text).body === body);
    assert.match(webSrv.ListenStates(), /SSL\r\n$/);
  });

  it('answers POST with a body by 404', async () => {
    const webSrv = await startTls();
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 102400\r\n\r\n';

    const seen = await visit(webSrv, {}, head + 'b'.repeat(102400));

    assert.match(parseAnswer(seen.text).status, / 404 /);
  });

  it('makes a self-signed certificate without a bundle', async () => {
    const webSrv = await startTls({ WebSrvCertBundle: '', WebSrvHostName: 'own.test' });

    assert.equal((await visit(webSrv, {})).subject, 'own.test');
  });

  it('does not start without a readable bundle, and says why', async () => {
    const missing = `${tempDir()}/none.pem`;
    const webSrv = newWebSrv({
      WebSrvPortSsl: String(await freePort()),
      WebSrvCertBundle: missing,
    });

    assert.equal(webSrv.StartSrv(), false);
    assert.match(webSrv.StartError, /none\.pem/);
    assert.ok(!webSrv.IsRunning());
  });

  it('warns when the bundle does not lead to a root of WebSrvRootFile', async () => {
    const warnings: string[] = [];
    const OnServerProg: TSimpleWebSrv['OnServerProg'] = (_Sender, LogOption, Msg) => {
      if (LogOption === TLogOption.loSslErr) warnings.push(Msg);
    };
    const other = tempFile('other.pem', makeCA({ cn: 'Other' }).pem);
    await startTls({ WebSrvRootFile: tempFile('root.pem', ca.pem), OnServerProg });
    assert.deepEqual(warnings, []);

    await startTls({ WebSrvRootFile: other, OnServerProg });

    assert.equal(warnings.length, 1);
  });

  it('closes a plain request on the TLS port, and one more than MaxClients', async () => {
    const webSrv = await startTls();
    webSrv.WebServer.MaxClients = 1;
    const port = Number(webSrv.BindPortSsl);
    const first = await connect(port);
    await waitFor(() => webSrv.WebServer.ClientCount === 1, 'the first client');

    const second = await connect(port);
    assert.equal(await second.closed(), 'end');
    assert.equal(second.text, '');
    first.write(GET);
    await first.closed();
    assert.ok(!first.text.includes('HTTP'));
  });
});

describe('TSimpleWebSrv.OnSimpWebSrvAlpn', () => {
  const acme = { ALPNProtocols: ['acme-tls/1'], servername: 'Chall.Test' };
  const challenge = makeCert({ cn: 'chall.test', names: ['chall.test'] });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    it(`[SIMPLE-9] names the certificate for an acme-tls/1 client, ${version}`, async () => {
      const webSrv = await startTls({ RequestTimeout: 0 });
      const hosts: string[] = [];
      const file = tempFile('challenge.pem', challenge.bundlePem);
      webSrv.OnSimpWebSrvAlpn = (_Sender, Host, CertFName) => {
        hosts.push(Host);
        CertFName.Value = file;
      };

      const limits = { minVersion: version, maxVersion: version };
      const seen = await visit(webSrv, { ...acme, ...limits }, '');
      const page = await visit(webSrv, {});

      assert.deepEqual(hosts, ['chall.test']);
      assert.deepEqual(
        [seen.alpn, seen.subject, seen.protocol, seen.text],
        ['acme-tls/1', 'chall.test', version, ''],
      );
      assert.equal(page.subject, 'pages.test');
      await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the clients to be freed');
    });

  it('refuses the handshake without a certificate, with a bad file, and after an exception', async () => {
    const webSrv = await startTls();
    webSrv.OnBgException = (_Sender, _E, CanClose) => void (CanClose.Value = false);
    const broken = tempFile('broken.pem', 'nothing');
    const answers: TSimpleWebSrv['OnSimpWebSrvAlpn'][] = [
      null,
      () => undefined,
      (_Sender, _Host, CertFName) => void (CertFName.Value = broken),
      (_Sender, _Host, CertFName) => void (CertFName.Value = '/nowhere/at/all.pem'),
      () => {
        throw new Error('handler');
      },
    ];
    for (const answer of answers) {
      webSrv.OnSimpWebSrvAlpn = answer;
      await assert.rejects(visit(webSrv, acme, ''), /alert|disconnected/i);
    }
    await assert.rejects(visit(webSrv, { ...acme, servername: '' }, ''), /alert|disconnected/i);
    assert.equal(parseAnswer((await visit(webSrv, {})).text).body, 'page /tls');
  });

  it('is not asked when the client offers other protocols as well', async () => {
    const webSrv = await startTls();
    let asked = 0;
    webSrv.OnSimpWebSrvAlpn = () => void asked++;

    const seen = await visit(webSrv, { ALPNProtocols: ['acme-tls/1', 'http/1.1'] });

    assert.equal(asked, 0);
    assert.deepEqual([seen.alpn, seen.subject], ['http/1.1', 'pages.test']);
  });
});
