// Five hundred hosts: the index answers as a walk over all hosts does, and nothing takes long.
import assert from 'node:assert/strict';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import * as ics from '../../lib';
import { servesTls } from '../../lib/hosts/selectHost';
import { TSslContext } from '../../lib';
import { tempDir } from '../support/certificates';
import { addHost, ca, freePort, handshake, hostServer, leaf } from './hosts';

const HOSTS = 500;

/** The rule of ICS, word by word. */
function walk(hosts: ics.TIcsHostCollection, name: string, listener: number): number {
  return [...hosts].findIndex(
    (host) =>
      host.HostEnabled &&
      servesTls(host, listener) &&
      host.SslCtx!.SslCertX509.PostConnectionCheck(name),
  );
}

const NAMES = ['a.test', 'b.test', '*.test', 'x.a.test', '*.a.test', 'x*.a.test', '*y.a.test'];
NAMES.push('10.0.0.1', '*', 'bücher.test', 'A.TEST', '*.xn--bcher-kva.test', 'localhost');
const ASKED = [...NAMES, 'xy.a.test', 'y.a.test', 'z.x.a.test', 'test', '', '.', 'a.test.', '::1'];
ASKED.push('[10.0.0.1]', 'xn--bcher-kva.test', 'x.bücher.test', 'c.test', '.test', 'a..test');
const contexts = new Map(NAMES.map((name) => [name, contextFor(name)]));

function contextFor(name: string): ics.TSslContext {
  const isName = name !== '10.0.0.1' && !name.includes('*');
  const { cert, key } = leaf(isName ? [name] : [], { ca, cn: name });
  const context = new TSslContext();
  context.SslCertX509.X509 = cert;
  context.SslCertX509.PrivateKey = key;
  context.InitContext();
  return context;
}

/** Of one choice, found and not found. */
function microseconds({ index }: ics.TIcsHostCollection): number {
  const choose = (turns: number): void => {
    for (let turn = 0; turn < turns; turn++) index.byName(`h${turn % 600}.test`, -1);
  };
  choose(20_000);
  const begin = performance.now();
  choose(20_000);
  return (performance.now() - begin) / 20;
}

describe('Many hosts', () => {
  it('the index finds the host that a walk over all of them finds', () => {
    const host = fc.record({
      name: fc.constantFrom(...NAMES),
      listener: fc.integer({ min: -1, max: 1 }),
      enabled: fc.boolean(),
      auth: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(host, { maxLength: 12 }), (list) => {
        const hosts = new ics.TIcsHostCollection(null);
        for (const { name, listener, enabled, auth } of list) {
          const item = hosts.Add();
          item.HostEnabled = enabled;
          item.AuthSslCmd = auth;
          if (auth) item.state.idxNone = listener;
          else item.state.idxSsl = listener;
          item.SslCtx = contexts.get(name)!;
        }
        for (const name of ASKED)
          for (const listener of [-1, 0, 1]) {
            const found = hosts.index.byName(name, listener)?.index ?? -1;
            assert.equal(found, walk(hosts, name, listener), `"${name}" at ${listener}`);
          }
        for (const item of hosts) item.SslCtx = null; // the next run has it again
        hosts.Free();
      }),
      { numRuns: 200 },
    );
  });

  it('500 hosts on one address are validated and found in reasonable time', async function () {
    this.timeout(60_000);
    const server = hostServer();
    const port = await freePort();
    const folder = tempDir();
    for (let at = 0; at < HOSTS; at++) {
      const name = `h${at}.test`;
      const SslCert = path.join(folder, `${at}.pem`);
      writeFileSync(SslCert, leaf([name]).bundlePem);
      addHost(server, [name], { BindSslPort: port, SslCert });
    }
    const before = process.cpuUsage();
    assert.equal(server.ValidateHosts(), '');
    const { user, system } = process.cpuUsage(before);
    const validating = (user + system) / 1000;
    assert.ok(validating < 9000, `ValidateHosts took ${validating} ms of the processor`);
    server.Listen();
    assert.equal(server.MultiListenSockets.Count, 0);
    assert.equal((await handshake(port, 'h499.test')).name, 'h499.test');
    assert.equal((await handshake(port, 'h0.test')).name, 'h0.test');

    const single = new ics.TIcsHostCollection(null);
    single.Add().Assign(server.IcsHosts.Items[0]!);
    single.Items[0]!.state.idxSsl = -1;
    single.Items[0]!.SslCtx = server.IcsHosts.Items[0]!.SslCtx;
    const choice = microseconds(server.IcsHosts) - microseconds(single);
    assert.ok(choice < 15, `among 500 hosts a choice takes ${choice} µs more`);
    single.Items[0]!.SslCtx = null;
    single.Free();
    if (process.env.ICS_SHOW_TIMES) console.log(`      ${validating} ms, ${choice} µs`);
  });
});
