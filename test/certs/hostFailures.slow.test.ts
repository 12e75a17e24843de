// What goes wrong while a server orders: OnCertProg and CertErrs tell, and it serves on.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { mock } from 'node:test';
import type { ChallengeServer, ChallengeServerOptions } from '../../lib/certs/challengeServer';
import { LocalChallengeServer } from '../../lib/certs/challengeServer';
import { onCleanup } from '../support';
import { usePebble } from '../support/pebble';
import { runScript } from '../support/runScript';
import { openCerts } from './newCerts';
import { ISSUED, serving, type Serving } from './serving';

const DAY_MS = 86_400_000;

/** Gives every question a wrong answer. */
class WrongAnswers implements ChallengeServer {
  readonly #server = new LocalChallengeServer();

  get isRunning(): boolean {
    return this.#server.isRunning;
  }

  start(options: ChallengeServerOptions): Promise<void> {
    return this.#server.start({ ...options, page: () => 'something else' });
  }

  stop(): void {
    this.#server.stop();
  }
}

describe('Failures while a server orders', () => {
  const pebble = usePebble();

  /** Rechecks; the reason must be in CertErrs and in the log, and clients see what they saw before. */
  async function fails(run: Serving, reason: RegExp): Promise<void> {
    const before = await run.served();
    run.recheck();
    await run.told(new RegExp(`(Failed to Order|Order of) New Certificate.* - .*${reason.source}`));
    assert.ok(
      run.made.log.some((line) => reason.test(line)),
      run.made.log.join('\n'),
    );
    const after = await run.served();
    assert.equal(after.cert?.serialNumber, before.cert?.serialNumber);
    assert.equal(run.newCount, 0);
  }

  it('the authority is down', async () => {
    const made = await openCerts(pebble);
    const run = await serving(made, 'down.example.test');
    made.certs.RequestTimeout = 300;
    await pebble.paused(() => fails(run, /no answer within 300 ms/));
    made.certs.RequestTimeout = 30_000;
    run.recheck();
    await run.ordered(1);
    assert.match((await run.served()).issuer, ISSUED);
  });

  it('the challenge is answered wrongly', async () => {
    const made = await openCerts(pebble);
    made.certs.SkipLocalCheck = true;
    made.certs.ChallengeServer = new WrongAnswers();
    const run = await serving(made, 'wrong.example.test');
    await fails(run, /key authorization/i);
  });

  it('[H-125] the files cannot be written', async () => {
    const made = await openCerts(pebble);
    const run = await serving(made, 'write.example.test');
    const folder = path.dirname(run.host.SslCert);
    const old = fs.readFileSync(run.host.SslCert);
    fs.mkdirSync(path.join(folder, 'write_example_test-bundle.pem'));
    await fails(run, /Can't write file ".*write_example_test-bundle\.pem"/);
    assert.deepEqual(fs.readFileSync(run.host.SslCert), old);
  });

  it('another process has the account', async () => {
    const made = await openCerts(pebble);
    const run = await serving(made, 'held.example.test');
    const holder = runScript('heldAccount', { args: [made.dir] });
    await holder.printed('open');
    await fails(run, new RegExp(`in use by process ${holder.child.pid}`));
    holder.child.kill('SIGKILL');
    await holder.ended();
    run.recheck();
    await run.ordered(1);
    assert.match((await run.served()).issuer, ISSUED);
  });

  it('the clock is a year ahead: what is new is told to be out of date, and taken when it is right', async () => {
    const made = await openCerts(pebble);
    const run = await serving(made, 'clock.example.test');
    const before = await run.served();
    mock.timers.enable({ apis: ['Date'], now: Date.now() + 400 * DAY_MS });
    onCleanup(() => mock.timers.reset());
    run.recheck();
    await run.ordered(1);
    assert.ok(made.log.includes('The new certificate is not valid now: is the clock right?'));
    assert.match(run.host.CertErrs, /Chain Failed, .*expired/);
    run.recheck();
    await run.told(/Failed to Order New Certificate - Next Order Not Before/);
    assert.equal((await run.served()).cert?.serialNumber, before.cert?.serialNumber);
    mock.timers.reset();
    run.recheck();
    assert.match((await run.served()).issuer, ISSUED);
    assert.equal(run.newCount, 1);
  });
});
