// The index of the hosts answers as a walk over all of them does, which is the rule of ICS.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as ics from '../../lib';
import { servesTls } from '../../lib/hosts/selectHost';
import { TSslContext } from '../../lib';
import { ca, leaf } from './hosts';

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
});
