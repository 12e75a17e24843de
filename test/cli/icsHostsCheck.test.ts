// ics-hosts check: what it says about files, and the exit codes.
import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { HostsReport } from '../../lib/cli/hostsReport';
import { makeCert, tempDir, tempFile } from '../support/certificates';
import { icsHosts, iniFile, testHosts } from './icsHostsProcess';

const HOST = ['Hosts=a.test', 'HostEnabled=True', 'BindIpAddr=127.0.0.1'];

describe('ics-hosts check', function () {
  this.timeout(60_000);

  it('ends with 0 for hosts without problems, and says what would be bound and certified', async () => {
    const { caFile, certFile } = testHosts();
    const file = iniFile(
      '[SocketServer]',
      `RootCA=${caFile}`,
      '[IcsHost1]',
      ...HOST,
      'HostTag=WEB',
      'BindIpAddr2=::1',
      'BindNonPort=8080',
      'BindSslPort=8443',
      `SslCert=${certFile}`,
    );
    const run = icsHosts('check', file);
    assert.equal(await run.ended(), 0, run.stdout + run.stderr);
    for (const text of [
      `${file}: 1 host with the prefix IcsHost`,
      '[IcsHost1] WEB - 127.0.0.1:8080/8443',
      '127.0.0.1:8080, [::1]:8080, 127.0.0.1:8443 TLS, [::1]:8443 TLS',
      'sslSrvSecHigh',
      certFile,
      'a.test < Test Inter < Test CA',
      'in 99 days',
      'No problems',
    ])
      assert.ok(run.stdout.includes(text), `${text} in ${run.stdout}`);
    assert.equal(run.stderr, '');
  });

  it('tells the same as JSON with --json', async () => {
    const { caFile, certFile } = testHosts();
    const file = iniFile(
      '[SocketServer]',
      `RootCA=${caFile}`,
      '[Source7]',
      ...HOST,
      'BindSslPort=8443',
      `SslCert=${certFile}`,
      'SslPaswort=hunter2-secret',
    );
    const run = icsHosts('check', '--json', file);
    assert.equal(await run.ended(), 1);
    const report = JSON.parse(run.stdout) as HostsReport;
    assert.deepEqual([report.ok, report.prefix, report.hosts.length], [false, 'Source', 1]);
    const [host] = report.hosts;
    assert.deepEqual(
      [host!.section, host!.line, host!.state, host!.messages],
      ['Source7', 3, 'ok', []],
    );
    assert.deepEqual(host!.bindings, [{ address: '127.0.0.1', port: 8443, tls: true }]);
    assert.deepEqual(host!.certificate!.chain, ['a.test', 'Test Inter', 'Test CA']);
    assert.equal(host!.certificate!.daysLeft, 99);
    assert.deepEqual(report.problems, [
      {
        Line: 9,
        Section: 'Source7',
        Key: 'SslPaswort',
        Text: 'unknown key "SslPaswort" (did you mean "SslPassword"?)',
      },
    ]);
  });

  it('ends with 1 for every kind of problem, named by host or line, and shows no secret', async () => {
    const expired = tempFile('expired.pem', makeCert({ names: ['a.test'], days: -3 }).bundlePem);
    const ending = tempFile('ending.pem', makeCert({ names: ['a.test'], days: 10 }).bundlePem);
    const noKey = tempFile('nokey.pem', makeCert({ names: ['a.test'] }).pem);
    const locked = tempFile('locked.pfx', Buffer.from('no certificate at all'));
    const tls = (number: number, cert: string): string[] => [
      `[Host${number}]`,
      ...HOST,
      `BindSslPort=${8440 + number}`,
      `SslCert=${cert}`,
      'SslPassword=hunter2-secret',
    ];
    const file = iniFile(
      ...tls(1, expired),
      ...tls(2, ending),
      ...tls(3, noKey),
      ...tls(4, locked),
      ...tls(5, 'c:\\certs\\a.pfx'),
      ...tls(6, ''),
      '[Host7]',
      'Hosts=a.test',
      'HostEnabled=True',
      'BindIpAddr=localhost',
      'BindNonPort=70000',
      'Unknown=hunter2-secret',
    );
    const run = icsHosts('check', file, '--json');
    assert.equal(await run.ended(), 1, run.stderr);
    const { hosts, problems, ok } = JSON.parse(run.stdout) as HostsReport;
    assert.equal(ok, false);
    const told = hosts.map(({ state, messages }) => `${state}: ${messages.join(' | ')}`);
    assert.match(told[0]!, /^error: .*expired/);
    assert.match(told[1]!, /^warning: .*expires on/);
    assert.match(told[2]!, /^error: .*Private Key Can Not Be Blank/);
    assert.match(told[3]!, /^error: .*Failed to Load - .*locked\.pfx/);
    assert.match(told[4]!, /^error: .*Not Found: c:\\certs\\a\.pfx \(a path of Windows\)/);
    assert.equal(told[5], 'error: SSL certificate can not be blank');
    assert.match(told[6]!, /^error: Invalid host listen IP address: localhost/);
    assert.deepEqual(
      problems.map(({ Text }) => Text),
      ['unknown key "Unknown"'],
    );
    assert.ok(!(run.stdout + run.stderr).includes('hunter2'));
    assert.ok(!(run.stdout + run.stderr).includes('PRIVATE KEY-'));
  });

  it('leaves the folder of a missing or broken certificate as it is', async () => {
    const folder = tempDir();
    const broken = tempFile('broken.pem', 'broken, and longer than sixteen bytes');
    const before = statSync(path.dirname(broken)).mtimeMs;
    const file = iniFile(
      '[Host1]',
      ...HOST,
      'BindSslPort=8443',
      `SslCert=${path.join(folder, 'a.pem')}`,
      '[Host2]',
      ...HOST,
      'BindSslPort=8444',
      `SslCert=${broken}`,
    );
    assert.equal(await icsHosts('check', file).ended(), 1);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(readdirSync(path.dirname(broken)), ['broken.pem']);
    assert.equal(statSync(path.dirname(broken)).mtimeMs, before);
  });

  it('counts a self-signed certificate as a problem unless it is allowed', async () => {
    const cert = tempFile('self.pem', makeCert({ names: ['a.test'], days: 100 }).bundlePem);
    const file = iniFile('[Host1]', ...HOST, 'BindSslPort=8443', `SslCert=${cert}`);
    const [strict, mild] = [
      icsHosts('check', file),
      icsHosts('check', file, '--allow-self-signed'),
    ];
    assert.equal(await strict.ended(), 1);
    assert.ok(strict.stdout.includes('Certificate self signed'));
    assert.equal(await mild.ended(), 0, mild.stdout);
  });

  it('reads the sections of --section, and ends with 1 when there are none', async () => {
    const file = iniFile('[Host1]', ...HOST, 'BindNonPort=80', '[Web1]', ...HOST, 'BindNonPort=81');
    const [host, web, none] = [
      icsHosts('check', file),
      icsHosts('check', file, '--section', 'Web'),
      icsHosts('check', file, '--section=Other'),
    ];
    assert.equal(await host.ended(), 0);
    assert.ok(host.stdout.includes('127.0.0.1:80\n'));
    assert.equal(await web.ended(), 0);
    assert.ok(web.stdout.includes('127.0.0.1:81\n'));
    assert.equal(await none.ended(), 1);
    assert.ok(none.stdout.includes('no section "Other1"'));
  });

  it('prints no control characters of the file', async () => {
    const file = iniFile('[Host1]', ...HOST, 'BindNonPort=80', 'HostTag=a\u001b]0;title\u0007x');
    const run = icsHosts('check', file);
    assert.equal(await run.ended(), 0);
    assert.ok(run.stdout.includes('a\\x1b]0;title\\x07x'));
    for (const char of ['\u0007', '\u001b']) assert.ok(!run.stdout.includes(char));
  });

  it('ends with 2 for wrong usage and for files that cannot be read', async () => {
    const runs = [
      icsHosts(),
      icsHosts('check'),
      icsHosts('check', 'a.ini', 'b.ini'),
      icsHosts('serve', 'a.ini'),
      icsHosts('check', 'a.ini', '--nonsense'),
      icsHosts('check', path.join(tempDir(), 'none.ini')),
      icsHosts('check', tempDir()),
    ];
    for (const run of runs) {
      assert.equal(await run.ended(), 2, run.child.spawnargs.join(' '));
      assert.match(run.stderr, /^ics-hosts: .+/);
      assert.equal(run.stdout, '');
    }
  });
});
