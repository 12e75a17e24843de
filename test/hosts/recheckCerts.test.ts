// Certificates that are replaced while the server runs.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as ics from '../../lib';
import { onCleanup, raised, track, waitFor } from '../support';
import { makeCert, tempDir } from '../support/certificates';
import { addHost, freePort, handshake, hostServer, leaf } from './hosts';

interface Fixture {
  server: ics.TSslWSocketServer;
  host: ics.TIcsHost;
  port: number;
  file: string;
}

async function listening(): Promise<Fixture> {
  const server = hostServer();
  const port = await freePort();
  const file = path.join(tempDir(), 'a.pem');
  fs.writeFileSync(file, leaf(['a.test']).bundlePem);
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert: file });
  server.OnClientConnect = (_Sender, Client) => {
    Client.OnDataAvailable = () => void Client.SendStr(Client.ReceiveStr());
  };
  server.Listen();
  return { server, host, port, file };
}

function recheck(server: ics.TSslWSocketServer): { loaded: boolean; text: string } {
  const info = { Value: 'old' };
  const loaded = server.RecheckSslCerts(info, false);
  return { loaded, text: info.Value };
}

const serial = async (port: number): Promise<string> =>
  (await handshake(port, 'a.test')).cert!.serialNumber;

describe('RecheckSslCerts', () => {
  it('[WSS-159] without changes: False, nothing to say', async () => {
    const { server } = await listening();
    assert.deepEqual(recheck(server), { loaded: false, text: '' });
  });

  it('[WSS-159] a new file is used for new sessions, open ones go on', async () => {
    const { server, port, file, host } = await listening();
    const before = await handshake(port, 'a.test');
    const next = leaf(['a.test'], { days: 200 });
    fs.writeFileSync(file, next.bundlePem);
    const { loaded, text } = recheck(server);
    assert.deepEqual([loaded, text], [true, `Loaded new SSL certificate: ${file}\r\n`]);
    assert.equal(await serial(port), next.cert.serialNumber);
    assert.equal(host.CertExiry.getTime(), new Date(next.cert.validTo).getTime());
    let echoed = '';
    before.socket.on('data', (bytes: Buffer) => (echoed += bytes.toString()));
    before.socket.write('still here');
    await waitFor(() => echoed === 'still here', 'the echo of the open session');
    assert.deepEqual(recheck(server), { loaded: false, text: '' });
  });

  it('a host is found by the names of its new certificate', async () => {
    const { server, port, file } = await listening();
    addHost(server, ['b.test'], { BindSslPort: port });
    server.IcsHosts.Items[1]!.SslCert = leaf(['b.test']).bundlePem;
    server.Close();
    server.Listen();
    fs.writeFileSync(file, leaf(['c.test', 'a.test']).bundlePem);
    recheck(server);
    assert.equal((await handshake(port, 'c.test')).name, 'c.test');
  });

  it('a certificate that is put into the context of a host by hand counts as soon as it is served', async () => {
    const { server, port, host } = await listening();
    addHost(server, ['b.test'], { BindSslPort: port, SslCert: leaf(['b.test']).bundlePem });
    server.Close();
    server.Listen();
    assert.equal((await handshake(port, 'c.test')).name, 'a.test');
    const context = server.IcsHosts.Items[1]!.SslCtx!;
    context.SslCertX509.LoadFromText(leaf(['c.test']).bundlePem, true);
    assert.equal((await handshake(port, 'b.test')).name, 'b.test', 'nothing is served before');
    context.InitContext();
    assert.equal((await handshake(port, 'c.test')).name, 'c.test');
    assert.equal((await handshake(port, 'b.test')).name, 'a.test');
    host.SslCtx!.DeInitContext();
    assert.equal((await handshake(port, '')).name, 'c.test', 'the first that can serve');
  });

  it('a context that is given to a host by hand counts at once', async () => {
    const { port, host } = await listening();
    const before = host.SslCtx!;
    assert.equal((await handshake(port, 'a.test')).name, 'a.test');
    const other = track(new ics.TSslContext());
    other.SslCertX509.LoadFromText(leaf(['d.test']).bundlePem, true);
    other.InitContext();
    host.SslCtx = other;
    assert.equal((await handshake(port, 'd.test')).name, 'd.test');
    host.SslCtx = before;
    assert.equal((await handshake(port, 'd.test')).name, 'a.test');
  });

  for (const [what, contents] of [
    ['is no certificate', (): string => 'garbage '.repeat(10)],
    ['has no key', (): string => leaf(['a.test']).pem],
    ['has the key of another', (): string => leaf(['a.test']).keyPem + leaf(['a.test']).pem],
    ['has expired', (): string => leaf(['a.test'], { days: -2 }).bundlePem],
    ['is empty', (): string => ''],
    ['is half written', (): string => leaf(['a.test']).bundlePem.slice(0, 400)],
  ] as const)
    it(`[WSS-160] a new file that ${what} leaves the old certificate in use`, async () => {
      const { server, host, port, file } = await listening();
      const old = await serial(port);
      const expiry = host.CertExiry.getTime();
      fs.writeFileSync(file, contents());
      const { loaded, text } = recheck(server);
      assert.equal(loaded, false);
      assert.ok(text.startsWith('Host #0 a.test, ') && text.includes(host.CertErrs), text);
      assert.equal(host.CertValRes, ics.chainFail);
      assert.equal(await serial(port), old);
      assert.equal(host.CertExiry.getTime(), expiry);
      assert.equal(host.SslCert, file);
      const info = { Value: '' };
      raised(() => server.RecheckSslCerts(info));
      assert.equal(server.RecheckSslCerts(info, true, true), false);
      const next = leaf(['a.test']);
      fs.writeFileSync(file, next.bundlePem);
      assert.equal(recheck(server).loaded, true);
      assert.equal(await serial(port), next.cert.serialNumber);
    });

  it('a file that has gone leaves the certificate in use', async () => {
    const { server, port, file } = await listening();
    const old = await serial(port);
    fs.rmSync(file);
    assert.match(recheck(server).text, /SSL Certificate Not Found: /);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
    assert.equal(await serial(port), old);
  });

  it('a key below the security level leaves the certificate in use', async () => {
    const { server, host, port, file } = await listening();
    host.SslSrvSecurity = ics.sslSrvSecHigh128; // read by ValidateHosts
    server.Close();
    server.Listen();
    const old = await serial(port);
    fs.writeFileSync(file, leaf(['a.test'], { keyType: ics.PrivKeyRsa2048 }).bundlePem);
    const { loaded, text } = recheck(server);
    assert.equal(loaded, false);
    assert.match(text, /^Host #0 a\.test, .*key too small/s);
    assert.equal(await serial(port), old);
  });

  it('key and certificate in two files may be replaced one after the other', async () => {
    const { server, host, port, file } = await listening();
    const first = leaf(['a.test']);
    const keyFile = path.join(path.dirname(file), 'a.key');
    fs.writeFileSync(file, first.pem);
    fs.writeFileSync(keyFile, first.keyPem);
    host.SslKey = keyFile;
    assert.equal(recheck(server).loaded, true);
    const next = leaf(['a.test']);
    fs.writeFileSync(file, next.pem);
    assert.match(recheck(server).text, /do not match/);
    assert.equal(await serial(port), first.cert.serialNumber);
    fs.writeFileSync(keyFile, next.keyPem);
    assert.equal(recheck(server).loaded, true);
    assert.equal(await serial(port), next.cert.serialNumber);
  });

  it('a temporary certificate gives way when the real file comes', async () => {
    const server = hostServer();
    const port = await freePort();
    const file = path.join(tempDir(), 'later.pem');
    const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert: file });
    server.Listen();
    assert.notEqual(host.SslCert, file);
    assert.deepEqual(recheck(server), { loaded: false, text: '' });
    fs.writeFileSync(file, 'not yet a certificate');
    assert.equal(recheck(server).loaded, false);
    assert.equal(
      (await handshake(port, 'a.test')).cert!.subject,
      'O=ICS-WSocket Temporary Certificate\nCN=a.test',
    );
    const real = leaf(['a.test']);
    fs.writeFileSync(file, real.bundlePem);
    assert.equal(recheck(server).loaded, true);
    assert.equal(host.SslCert, file);
    assert.equal(await serial(port), real.cert.serialNumber);
  });

  it('a temporary certificate that expires soon is made anew', async () => {
    const server = hostServer();
    const port = await freePort();
    const subject = { O: 'ICS-WSocket Temporary Certificate' };
    const holder = new ics.TX509Base(null);
    holder.LoadFromText(makeCert({ names: ['a.test'], subject, days: 20 }).bundlePem, ics.croYes);
    const SslCert = path.join(tempDir(), 'a_test.pfx');
    holder.SaveToP12File(SslCert, '');
    const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert });
    server.CertExpireDays = 5;
    server.Listen();
    const old = await serial(port);
    assert.deepEqual(recheck(server), { loaded: false, text: '' });
    server.CertExpireDays = 30;
    assert.equal(recheck(server).loaded, true);
    assert.notEqual(await serial(port), old);
    assert.equal(host.CertValRes, ics.chainOK);
    server.CertExpireDays = 5000; // a new one is not made anew for ever
    assert.deepEqual(recheck(server), { loaded: false, text: '' });
  });

  it('LoadOneCert with ForceLoad loads a file that has not changed', async () => {
    const { server } = await listening();
    const isNew = { Value: false };
    assert.equal(server.LoadOneCert(0, false, isNew), true);
    assert.equal(isNew.Value, false);
    assert.equal(server.LoadOneCert(0, true, isNew), true);
    assert.equal(isNew.Value, true);
  });
});

describe('SslCertWatch', () => {
  it('loads a certificate as soon as its file is replaced', async () => {
    const { server, port, file } = await listening();
    server.Close();
    server.SslCertWatch = true;
    server.SslCertWatchDelay = 20;
    const events: [boolean, string][] = [];
    server.OnSslCertReload = (_Sender, Loaded, CertsInfo) => {
      events.push([Loaded, CertsInfo]);
    };
    server.Listen();
    const next = leaf(['a.test']);
    const beside = `${file}.new`;
    fs.writeFileSync(beside, next.bundlePem);
    fs.renameSync(beside, file);
    await waitFor(() => events.length > 0, 'OnSslCertReload');
    assert.deepEqual(events[0], [true, `Loaded new SSL certificate: ${file}\r\n`]);
    assert.equal(await serial(port), next.cert.serialNumber);
    fs.writeFileSync(file, 'broken, whatever it is');
    await waitFor(() => events.length > 1, 'the report of the broken file');
    assert.equal(events[1]![0], false);
    assert.match(events[1]![1], /^Host #0 a\.test, /);
    assert.equal(await serial(port), next.cert.serialNumber);
  });

  it('is not put off for ever by a folder in which something happens all the time', async () => {
    const { server, file } = await listening();
    server.Close();
    server.SslCertWatch = true;
    server.SslCertWatchDelay = 100;
    let loaded = false;
    server.OnSslCertReload = (_Sender, Loaded) => void (loaded ||= Loaded);
    server.Listen();
    fs.writeFileSync(file, leaf(['a.test']).bundlePem);
    const busy = setInterval(() => fs.writeFileSync(`${file}.log`, `${Math.random()}`), 5);
    onCleanup(() => clearInterval(busy));
    await waitFor(() => loaded, 'the new certificate', 20_000);
  });
});
