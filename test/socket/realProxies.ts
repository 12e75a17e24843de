// Proxies of Debian, started on a free port of 127.0.0.1 with a folder of their own. A machine that
// lacks one skips its tests and says so; `.ci/run` installs them all.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { Context } from 'mocha';
import { freePort } from '../support';
import { skipTest } from '../support/skipTest';

const START_MS = 15000;
const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

export interface RealProxy {
  readonly port: number;
  stop(): void;
}

function programOf(context: Context, name: string, debianPackage = name): string {
  const folder = FOLDERS.find((one) => one !== '' && existsSync(path.join(one, name)));
  if (folder !== undefined) return path.join(folder, name);
  return skipTest(context, `no ${name} here (apt-get install ${debianPackage})`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1');
    probe.once('connect', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('close', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });
}

async function start(program: string, args: string[], port: number): Promise<ChildProcess> {
  // Its own group: some of them fork.
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  let failed = '';
  child.once('error', (error) => (failed = error.message));
  child.once('exit', (code) => (failed ||= `exit code ${code}`));
  let up = false;
  const deadline = Date.now() + START_MS;
  while (!up && failed === '' && Date.now() < deadline) {
    up = await answers(port);
    if (!up) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (!up) throw new Error(`${program} ${args.join(' ')} does not answer: ${failed || 'too slow'}`);
  return child;
}

function stop(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'proxy-'));
  chmodSync(folder, 0o755); // some of them change their user
  return folder;
}

async function startIn(
  folder: string,
  program: string,
  args: string[],
  port: number,
): Promise<RealProxy> {
  const child = await start(program, args, port);
  return {
    port,
    stop: () => {
      stop(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** SOCKS 5, with user name and password if given. */
export async function microsocks(context: Context, user = '', password = ''): Promise<RealProxy> {
  const program = programOf(context, 'microsocks');
  const port = await freePort();
  const login = user === '' ? [] : ['-u', user, '-P', password];
  return startIn(newFolder(), program, ['-i', '127.0.0.1', '-p', `${port}`, ...login], port);
}

/** Dante: SOCKS 4 and 5, without authentication. */
export async function dante(context: Context): Promise<RealProxy> {
  const program = programOf(context, 'danted', 'dante-server');
  const port = await freePort();
  const folder = newFolder();
  const config = path.join(folder, 'danted.conf');
  const { username } = userInfo();
  const all = '{ from: 0.0.0.0/0 to: 0.0.0.0/0 }';
  writeFileSync(
    config,
    `errorlog: /dev/null
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.privileged: ${username}
user.unprivileged: ${username}
client pass ${all}
socks pass ${all}
`,
  );
  const pidFile = path.join(folder, 'pid');
  return startIn(folder, program, ['-f', config, '-p', pidFile], port);
}

/** OpenSSH's `ssh -D` through an sshd of our own: SOCKS 4, 4A and 5. */
export async function sshProxy(context: Context): Promise<RealProxy> {
  const server = programOf(context, 'sshd', 'openssh-server');
  const client = programOf(context, 'ssh', 'openssh-client');
  const folder = newFolder();
  const key = (name: string): string => {
    const file = path.join(folder, name);
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
    return file;
  };
  // Debian's service makes it; sshd insists on it when it runs as root.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const config = path.join(folder, 'sshd.conf');
  const sshPort = await freePort();
  const userKey = key('user');
  writeFileSync(
    config,
    `Port ${sshPort}
ListenAddress 127.0.0.1
HostKey ${key('host')}
AuthorizedKeysFile ${userKey}.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
`,
  );
  const sshd = await startIn(folder, server, ['-D', '-f', config], sshPort);
  const port = await freePort();
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes'];
  const args = ['-N', '-q', '-F', 'none', '-i', userKey, '-p', `${sshPort}`];
  for (const option of options) args.push('-o', option);
  try {
    const forward = await start(client, [...args, '-D', `127.0.0.1:${port}`, '127.0.0.1'], port);
    return {
      port,
      stop: () => {
        stop(forward);
        sshd.stop();
      },
    };
  } catch {
    sshd.stop();
    return skipTest(context, 'sshd does not let this user log in (a locked account?)');
  }
}

/** HTTP CONNECT; answers as HTTP/1.0 and closes behind every refusal. Basic if a user is given. */
export async function tinyproxy(context: Context, user = '', password = ''): Promise<RealProxy> {
  const program = programOf(context, 'tinyproxy');
  const port = await freePort();
  const folder = newFolder();
  const config = path.join(folder, 'tinyproxy.conf');
  const login = user === '' ? '' : `BasicAuth ${user} ${password}\n`;
  writeFileSync(config, `Port ${port}\nListen 127.0.0.1\nTimeout 60\nLogLevel Critical\n${login}`);
  return startIn(folder, program, ['-d', '-c', config], port);
}

/** Squid: HTTP/1.1, Digest; a refusal has a body and the connection stays. */
export async function squid(context: Context, user: string, password: string): Promise<RealProxy> {
  const program = programOf(context, 'squid');
  const port = await freePort();
  const folder = newFolder();
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const passwords = file('passwords', `${user}:${password}\n`);
  const config = file(
    'squid.conf',
    `http_port 127.0.0.1:${port}
auth_param digest program /usr/lib/squid/digest_file_auth ${passwords}
auth_param digest children 1
auth_param digest realm tests
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
pid_filename none
cache deny all
access_log none
cache_log /dev/null
cache_store_log none
coredump_dir ${folder}
shutdown_lifetime 0 seconds
visible_hostname localhost
`,
  );
  return startIn(folder, program, ['-N', '-f', config], port);
}
