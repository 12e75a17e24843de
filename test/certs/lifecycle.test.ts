// What an account is while it is open: alone in its directory, and closed when nothing is left to do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { mock } from 'node:test';
import { DirectoryLock } from '../../lib/certs/acme/lock';
import { backOffMs, RateLimiter } from '../../lib/certs/acme/rateLimit';
import { SuppProtoOwnCA } from '../../lib/ssl/orderTypes';
import { onCleanup } from '../support';
import { tempDir, tempFile } from '../support/certificates';
import { runScript } from '../support/runScript';
import { newCerts } from './newCerts';

describe('An open account', () => {
  it('[X509-51] is refused to a second component until it is closed', async () => {
    const { certs, dir } = newCerts();
    const other = newCerts(null, dir).certs;
    certs.SupplierProto = SuppProtoOwnCA;
    other.SupplierProto = SuppProtoOwnCA;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    assert.equal(await other.OpenAccount(dir), false);
    assert.match(other.LastError, /in use by another component/);
    certs.CloseAccount();
    assert.ok(await other.OpenAccount(dir), other.LastError);
  });

  it('[X509-51] is refused while another process has it, and taken over when that is gone', () => {
    const dir = tempDir();
    const parent = process.ppid;
    const start = fs.readFileSync(`/proc/${parent}/stat`, 'latin1').split(') ')[1]!.split(' ')[19];
    const host = fs.readFileSync('/proc/sys/kernel/hostname', 'latin1').trim();
    fs.writeFileSync(`${dir}/ics-control.lock`, `${parent} ${start} ${host} x`);
    assert.throws(() => DirectoryLock.take(dir), new RegExp(`in use by process ${parent}`));
    fs.writeFileSync(`${dir}/ics-control.lock`, `${parent} 1 ${host} x`);
    DirectoryLock.take(dir).release();
    const gone = spawnSync('true').pid;
    fs.writeFileSync(`${dir}/ics-control.lock`, `${gone} 77 ${host} x`);
    DirectoryLock.take(dir).release();
    assert.deepEqual(fs.readdirSync(dir), [], 'nothing is left');
  });

  it('[X509-51] of another process is refused until that is killed', async () => {
    const { certs, dir } = newCerts();
    const holder = runScript('heldAccount', { args: [dir] });
    await holder.printed('open');
    certs.SupplierProto = SuppProtoOwnCA;
    assert.equal(await certs.OpenAccount(dir), false);
    assert.match(certs.LastError, new RegExp(`in use by process ${holder.child.pid}`));
    holder.child.kill('SIGKILL');
    await holder.ended();
    assert.ok(await certs.OpenAccount(dir), certs.LastError);
  });

  it('a lock that is being written belongs to somebody', () => {
    const dir = tempDir();
    fs.writeFileSync(`${dir}/ics-control.lock`, '');
    assert.throws(() => DirectoryLock.take(dir), /in use by another process/);
    const old = new Date(Date.now() - 60_000);
    fs.utimesSync(`${dir}/ics-control.lock`, old, old);
    DirectoryLock.take(dir).release();
  });

  it('[X509-50] CloseAccount stops the internal server and tells', async () => {
    const { certs, dir } = newCerts();
    certs.SupplierProto = SuppProtoOwnCA;
    certs.ChallHttpPort = 0;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    assert.ok(await certs.StartDomSrv(), certs.LastError);
    assert.ok(certs.DomSrvIsRunning);
    let refreshed = 0;
    certs.OnSuppDBRefresh = () => void refreshed++;
    certs.CloseAccount();
    assert.equal(certs.DomSrvIsRunning, false);
    assert.equal(refreshed, 1);
    certs.CloseAccount();
    assert.equal(refreshed, 1, 'once only');
  });

  it('[X509-50] an account that is idle for AccountTimeOutMins is closed', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    onCleanup(() => mock.timers.reset());
    const { certs, dir } = newCerts();
    certs.SupplierProto = SuppProtoOwnCA;
    certs.AccountTimeOutMins = 5;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    mock.timers.tick(5 * 60_000 - 1);
    assert.ok(certs.IsAccountOpen);
    mock.timers.tick(1);
    assert.equal(certs.IsAccountOpen, false);
    assert.ok(!fs.existsSync(`${dir}/ics-control.lock`));
  });

  it('Free closes it, and every method answers afterwards', async () => {
    const { certs, dir } = newCerts();
    certs.SupplierProto = SuppProtoOwnCA;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    const running = certs.CertSaveDomain('a.test');
    certs.Free();
    certs.Free();
    assert.equal(await running, false);
    assert.equal(await certs.OpenAccount(dir), false);
    assert.equal(await certs.CertCollectDomain('a.test'), false);
    assert.equal(certs.CertReadDomain('a.test'), false);
    assert.deepEqual(certs.DomainItems, []);
    assert.ok(!fs.existsSync(`${dir}/ics-control.lock`));
  });

  it('a directory that cannot be made is refused with the reason', async () => {
    const { certs } = newCerts();
    certs.SupplierProto = SuppProtoOwnCA;
    const file = tempFile('file', 'a file');
    assert.equal(await certs.OpenAccount(`${file}/inside`, true), false);
    assert.match(certs.LastError, /ENOTDIR/);
  });

  it('the rate limiter has room for so many in a window, whatever the clock says', () => {
    let now = 0;
    const limiter = new RateLimiter(2, 1000, () => now);
    assert.deepEqual([limiter.take(), limiter.take(), limiter.take()], [0, 0, 1000]);
    now = 999;
    assert.equal(limiter.take(), 1);
    now = 1000;
    assert.equal(limiter.take(), 0);
  });

  it('pauses after failures grow up to six hours', () => {
    const minutes = [0, 1, 2, 3, 9, 100].map((failures) => backOffMs(failures) / 60_000);
    assert.deepEqual(minutes, [0, 1, 2, 5, 360, 360]);
  });
});
