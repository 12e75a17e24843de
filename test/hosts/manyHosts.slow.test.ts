// Hundreds of hosts on one address: starting them, and finding one of them, costs what it should.
//
// The limits are far above what an idle machine needs; the figures themselves come from bench/.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { TIcsHost, type TSslWSocketServer } from '../../lib';
import { tempDir } from '../support/certificates';
import { addHost, ca, freePort, handshake, hostServer, leaf } from './hosts';

const MB = 1024 * 1024;

/** Hosts `h0.test`, `h1.test`, … with a file each; every tenth certificate has an asterisk instead. */
async function withHosts(
  count: number,
  props: Partial<TIcsHost> = {},
): Promise<{ server: TSslWSocketServer; port: number }> {
  const server = hostServer();
  const port = await freePort();
  const folder = tempDir();
  for (let at = 0; at < count; at++) {
    const SslCert = path.join(folder, `${at}.pem`);
    const cn = at % 10 === 9 ? `*.w${at}.test` : `h${at}.test`;
    fs.writeFileSync(SslCert, leaf(cn.startsWith('*') ? [] : [cn], { cn }).bundlePem);
    const name = cn.replace('*', 'any');
    addHost(server, [name], { BindSslPort: port, SslCert, ...props });
  }
  return { server, port };
}

/** Milliseconds of the processor. */
function cpuOf(call: () => void): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How often hosts are looked at while `call` runs. */
function looksDuring(call: () => void): number {
  const property = Object.getOwnPropertyDescriptor(TIcsHost.prototype, 'HostEnabled')!;
  let looks = 0;
  Object.defineProperty(TIcsHost.prototype, 'HostEnabled', {
    ...property,
    get(this: TIcsHost) {
      looks++;
      return property.get!.call(this) as boolean;
    },
  });
  try {
    call();
    return looks;
  } finally {
    Object.defineProperty(TIcsHost.prototype, 'HostEnabled', property);
  }
}

describe('Many hosts', function () {
  this.timeout(180_000);

  it('500 hosts and a long list of roots: ValidateHosts is done in seconds', async () => {
    const { server, port } = await withHosts(500);
    server.RootCA = [...rootCertificates, ca.pem].join('\n');
    const used = cpuOf(() => assert.equal(server.ValidateHosts(), ''));
    assert.ok(used < 9000, `ValidateHosts took ${used} ms of the processor`);
    server.Listen();
    assert.equal(server.MultiListenSockets.Count, 0);
    assert.equal((await handshake(port, 'h498.test')).name, 'h498.test');
    assert.equal((await handshake(port, 'h0.test')).name, 'h0.test');
  });

  it('[H-116] 1,000 hosts: started in seconds, some 100 KB each, found without a walk', async () => {
    const { server, port } = await withHosts(1000);
    const before = process.memoryUsage().rss;
    const used = cpuOf(() => assert.equal(server.ValidateHosts(), ''));
    const each = (process.memoryUsage().rss - before) / 1000;
    assert.ok(used < 18_000, `ValidateHosts took ${used} ms of the processor`);
    assert.ok(each < 0.5 * MB, `a host takes ${each} bytes`);
    server.Listen();
    assert.equal((await handshake(port, 'h998.test')).name, 'h998.test');
    if (process.env.ICS_SHOW_TIMES) console.log(`      ${used} ms, ${each} bytes each`);

    const { index } = server.IcsHosts;
    const deep = `${'x.'.repeat(100)}test`;
    const asked = ['h998.test', 'any.w999.test', 'h0.test', 'unknown.test', 'w999.test', deep];
    const found = [998, 999, 0, -1, -1, -1];
    for (const [at, name] of asked.entries()) {
      const looks = looksDuring(() =>
        assert.equal(index.byName(name, -1)?.index ?? -1, found[at], name),
      );
      assert.ok(looks <= 1, `${looks} hosts were looked at for ${name}`);
    }
    index.owner(-1);
    index.tlsOwner(-1);
    const looks = looksDuring(() => {
      assert.equal(index.owner(-1)?.index, 0);
      assert.equal(index.tlsOwner(-1)?.index, 0);
    });
    assert.equal(looks, 0, 'the hosts of a listener are known after the first question');
  });
});
