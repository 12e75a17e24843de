// Fifty certificates are replaced five times while 200 clients make handshakes all the time.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { waitFor } from '../support';
import { tempDir } from '../support/certificates';
import { addHost, freePort, handshake, hostServer, leaf } from './hosts';

const HOSTS = 50;
const CLIENTS = 200;
const ROUNDS = 5;

describe('Certificates replaced under load', function () {
  this.timeout(120_000);

  it('no handshake fails, open connections live on, new ones get the new certificate', async () => {
    const server = hostServer();
    const port = await freePort();
    const folder = tempDir();
    const names = Array.from({ length: HOSTS }, (_, at) => `h${at}.test`);
    const fileOf = (name: string): string => path.join(folder, `${name}.pem`);
    const serials = new Map<string, Set<string>>();
    const replace = (name: string): void => {
      const cert = leaf([name]);
      serials.set(name, (serials.get(name) ?? new Set()).add(cert.cert.serialNumber));
      fs.writeFileSync(`${fileOf(name)}.new`, cert.bundlePem);
      fs.renameSync(`${fileOf(name)}.new`, fileOf(name));
    };
    for (const name of names) {
      replace(name);
      addHost(server, [name], { BindSslPort: port, SslCert: fileOf(name) });
    }
    server.OnClientConnect = (_Sender, Client) => {
      Client.OnDataAvailable = () => void Client.SendStr(Client.ReceiveStr());
    };
    server.Listen();
    const { socket: old } = await handshake(port, names[0]!);
    let echoed = '';
    old.on('data', (bytes: Buffer) => (echoed += bytes.toString()));

    let isOver = false;
    let made = 0;
    const clients = Array.from({ length: CLIENTS }, async (_, at) => {
      const name = names[at % HOSTS]!;
      do {
        const { socket, cert } = await handshake(port, name);
        assert.ok(serials.get(name)!.has(cert!.serialNumber), `${name} got another's certificate`);
        made++;
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.destroy();
        await closed;
      } while (!isOver);
    });
    const all = Promise.all(clients);
    let failure: unknown = null;
    all.catch((error: unknown) => (failure = error));

    for (let round = 1; round <= ROUNDS; round++) {
      const before = made;
      await waitFor(() => made >= before + CLIENTS / 2 || failure !== null, 'handshakes', 20_000);
      names.forEach(replace);
      if (round === 3) fs.writeFileSync(fileOf(names[1]!), 'broken '.repeat(20));
      const info = { Value: '' };
      assert.equal(server.RecheckSslCerts(info, false), true);
      assert.equal(info.Value.match(/Loaded new/g)!.length, round === 3 ? HOSTS - 1 : HOSTS);
      if (round === 3) assert.match(info.Value, /Host #1 h1\.test, .*Failed to Load/);
    }
    isOver = true;
    await all;
    assert.equal(failure, null);
    for (const name of names) {
      const { cert } = await handshake(port, name);
      assert.equal(cert!.serialNumber, [...serials.get(name)!].at(-1), name);
    }
    old.write('still here');
    await waitFor(() => echoed === 'still here', 'the echo of the first session');
  });
});
