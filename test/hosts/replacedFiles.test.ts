// Files that are replaced while they are read, and files that only look as if they were.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TIcsHost, TSslWSocketServer } from '../../lib';
import { onCleanup } from '../support';
import { tempDir } from '../support/certificates';
import { addHost, freePort, handshake, hostServer, leaf } from './hosts';

interface Fixture {
  server: TSslWSocketServer;
  host: TIcsHost;
  port: number;
  file: string;
  /** Serial number of the certificate in the file. */
  serial: string;
}

async function listening(): Promise<Fixture> {
  const server = hostServer();
  const port = await freePort();
  const file = path.join(tempDir(), 'a.pem');
  const { bundlePem, cert } = leaf(['a.test']);
  fs.writeFileSync(file, bundlePem);
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert: file });
  server.Listen();
  return { server, host, port, file, serial: cert.serialNumber };
}

function recheck(server: TSslWSocketServer): { loaded: boolean; text: string } {
  const info = { Value: '' };
  return { loaded: server.RecheckSslCerts(info, false), text: info.Value };
}

const served = async (port: number): Promise<string> =>
  (await handshake(port, 'a.test')).cert!.serialNumber;

/** The next file that is closed is replaced at this very moment. */
function replaceAfterRead(replace: () => void): void {
  const { closeSync } = fs;
  onCleanup(() => (fs.closeSync = closeSync));
  fs.closeSync = (fd) => {
    fs.closeSync = closeSync;
    closeSync(fd);
    replace();
  };
}

describe('A certificate file that is being replaced', () => {
  it('[H-111] half written: the old certificate stays, the rest of the file brings the new one', async () => {
    const { server, host, port, file, serial } = await listening();
    const next = leaf(['a.test']);
    const half = next.bundlePem.length / 2;
    fs.writeFileSync(file, next.bundlePem.slice(0, half));
    assert.match(recheck(server).text, /^Host #0 a\.test, .*Failed to Load/);
    assert.equal(await served(port), serial);
    assert.equal(recheck(server).loaded, false, 'still half');
    fs.appendFileSync(file, next.bundlePem.slice(half));
    assert.deepEqual(recheck(server), {
      loaded: true,
      text: `Loaded new SSL certificate: ${host.SslCert}\r\n`,
    });
    assert.equal(await served(port), next.cert.serialNumber);
  });

  it('[H-111] right after it was read: the next check finds the newest', async () => {
    const { server, port, file } = await listening();
    const second = leaf(['a.test']);
    const third = leaf(['a.test']);
    fs.writeFileSync(file, second.bundlePem);
    replaceAfterRead(() => fs.writeFileSync(file, third.bundlePem));
    assert.equal(recheck(server).loaded, true);
    assert.equal(await served(port), second.cert.serialNumber);
    assert.equal(recheck(server).loaded, true);
    assert.equal(await served(port), third.cert.serialNumber);
  });

  it('[H-111] right after it was found broken: it takes the place of the temporary one', async () => {
    const { server, host, port, file } = await listening();
    server.Close();
    host.SslCtx!.Free();
    host.SslCtx = null;
    const good = leaf(['a.test']);
    fs.writeFileSync(file, 'broken, whatever it is');
    replaceAfterRead(() => fs.writeFileSync(file, good.bundlePem));
    server.Listen();
    assert.notEqual(await served(port), good.cert.serialNumber);
    assert.equal(recheck(server).loaded, true);
    assert.equal(await served(port), good.cert.serialNumber);
  });
});

describe('A certificate file with another time', () => {
  for (const [what, time] of [
    ['an hour later', Date.now() / 1000 + 3600],
    ['of another year, as after a clock that was set', 1_000_000_000],
  ] as const) {
    it(`[H-113] ${what}, and the same contents: nothing is loaded`, async () => {
      const { server, host, port, file, serial } = await listening();
      const context = host.SslCtx!.SslCtxPtr;
      fs.utimesSync(file, time, time);
      assert.deepEqual(recheck(server), { loaded: false, text: '' });
      assert.equal(host.SslCtx!.SslCtxPtr, context, 'the context has not been made anew');
      fs.writeFileSync(file, leaf(['a.test']).bundlePem);
      fs.utimesSync(file, time, time);
      assert.equal(recheck(server).loaded, true, 'other contents of the same time');
      assert.notEqual(await served(port), serial);
    });
  }

  it('[H-113] and other intermediates: they are loaded', async () => {
    const { server, host, file } = await listening();
    const { keyPem, pem, issuer } = leaf(['a.test']);
    fs.writeFileSync(file, keyPem + pem);
    assert.equal(recheck(server).loaded, true);
    fs.writeFileSync(file, keyPem + pem + issuer!.pem);
    assert.equal(recheck(server).loaded, true);
    assert.equal(host.SslCtx!.SslCertX509.InterCount, 1);
  });
});
