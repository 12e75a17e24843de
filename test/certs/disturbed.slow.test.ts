// An authority that answers badly for a while: the order goes on, and there is only one.
import assert from 'node:assert/strict';
import { problem, type Fault } from '../support/acmeProxy';
import { usePebble } from '../support/pebble';
import { openThroughProxy } from './newCerts';
import { ISSUED, serving } from './serving';

const HTML = { 'content-type': 'text/html' };
const page: Fault = { status: 200, headers: HTML, body: '<html>a page of a proxy</html>' };
const BAD: readonly (readonly [string, Fault])[] = [
  ['a bad nonce', problem(400, 'badNonce')],
  ['429 with Retry-After', problem(429, 'rateLimited', { 'retry-after': '1' })],
  ['500', { status: 500, headers: HTML, body: 'oops' }],
  ['a dropped connection', 'drop'],
  ['no answer', 'stall'],
  ['another content type', page],
];
/** Every step of an order, by what its address at the authority begins with. */
const STEPS = ['order-plz', 'authZ', 'chalZ', 'my-order', 'finalize-order', 'certZ'];

describe('An authority that answers badly', () => {
  const pebble = usePebble();

  for (const [word, fault] of BAD)
    it(`[H-121] ${word} at every step: back-off, the order is resumed, not placed again`, async () => {
      const made = await openThroughProxy(pebble);
      const { certs, proxy } = made;
      certs.RequestTimeout = fault === 'stall' ? 1500 : 15_000;
      const left = new Set(STEPS);
      proxy.fault = (path, method) => {
        const step = STEPS.find((name) => path.startsWith(`/${name}`));
        return method === 'POST' && step && left.delete(step) ? fault : null;
      };
      const run = await serving(made, 'bad.example.test');
      run.recheck();
      await run.ordered(1);
      assert.deepEqual([...left], [], 'every step was disturbed');
      assert.equal(proxy.orders.length, 1);
      assert.equal(proxy.finalized, 1);
      assert.match((await run.served()).issuer, ISSUED);
    });

  it('[H-121] an authority that is away for longer: CertErrs and the log tell, then it goes on', async () => {
    const made = await openThroughProxy(pebble);
    const { certs, log, proxy } = made;
    let isAway = false;
    const refused = problem(503, 'serverInternal');
    proxy.fault = (path) => {
      isAway ||= path.startsWith('/chalZ');
      return isAway ? refused : null;
    };
    const run = await serving(made, 'away.example.test');
    run.recheck();
    await run.told(/Order of New Certificate Delayed - .*no nonce, HTTP status 503$/);
    assert.ok(log.some((line) => /HTTP status 503, trying again$/.test(line)));
    assert.equal(certs.HostOrderError('away.example.test'), '', 'it has not failed');
    assert.match((await run.served()).name, /away/);
    proxy.fault = () => null;
    await run.ordered(1);
    assert.equal(proxy.orders.length, 1);
    assert.match((await run.served()).issuer, ISSUED);
  });

  it('[H-121] a Retry-After that is too long for a request keeps the next order away', async () => {
    const made = await openThroughProxy(pebble);
    const { certs, proxy } = made;
    let asked = 0;
    proxy.fault = (path) => {
      if (!path.startsWith('/order-plz')) return null;
      asked++;
      return problem(429, 'rateLimited', { 'retry-after': '7200' });
    };
    const run = await serving(made, 'limit.example.test');
    run.recheck();
    await run.told(/Failed to Order New Certificate - Failed to get ACME order .*rateLimited/);
    run.recheck();
    await run.told(/Failed to Order New Certificate - Next Order Not Before/);
    const [, until = ''] = /Not Before (\S+)/.exec(run.host.CertErrs) ?? [];
    assert.ok(Date.parse(until) > Date.now() + 7_000_000, until);
    assert.equal(asked, 1);
    assert.match(certs.HostOrderError('limit.example.test'), /^Next Order Not Before/);
  });
});
