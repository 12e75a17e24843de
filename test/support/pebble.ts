// A real ACME authority for tests: Debian's pebble with its mock DNS, on loopback and free ports. Where
// it is not installed the suite is skipped with a printed reason.
//
//   const pebble = usePebble();                  in a describe; runs as long as that
//   certs.SupplierServer = pebble.directoryUrl;  certs.SupplierRootCA = pebble.rootPem;
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { request as httpsRequest } from 'node:https';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from 'mocha';
import { makeCert } from './certificates';
import { freePort } from './freePort';
import { skipTest } from './skipTest';
import { waitFor } from './waitFor';

const DEADLINE_MS = 20_000;
export const EAB_KID = 'kid-1';
export const EAB_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

function skipWithoutPebble(this: Context): void {
  const found = ['pebble', 'pebble-challtestsrv'].every(
    (program) => spawnSync(program, ['-help']).error === undefined,
  );
  if (found) return;
  skipTest(this, 'pebble is not installed (Debian package pebble)');
}

export interface PebbleOptions {
  /** Seconds a certificate is valid. Default 10 days. */
  validity?: number;
  eab?: boolean;
  env?: Record<string, string>;
}

export class Pebble {
  directoryUrl = '';
  rootPem = '';
  httpPort = 0;
  tlsPort = 0;
  dnsPort = 0;
  #management = 0;
  #dnsManagement = 0;
  #folder = '';
  readonly #children: ChildProcess[] = [];

  /** Starts the authority and its DNS. */
  async start(options: PebbleOptions = {}): Promise<void> {
    const { pem, keyPem } = makeCert({ names: ['localhost'], ips: ['127.0.0.1'] });
    this.#folder = mkdtempSync(path.join(tmpdir(), 'ics-pebble-'));
    this.rootPem = pem;
    writeFileSync(path.join(this.#folder, 'cert.pem'), pem);
    writeFileSync(path.join(this.#folder, 'key.pem'), keyPem);
    const acme = await freePort();
    this.directoryUrl = `https://127.0.0.1:${acme}/dir`;
    [this.#management, this.#dnsManagement] = [await freePort(), await freePort()];
    [this.httpPort, this.tlsPort, this.dnsPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const config = {
      listenAddress: `127.0.0.1:${acme}`,
      managementListenAddress: `127.0.0.1:${this.#management}`,
      certificate: 'cert.pem',
      privateKey: 'key.pem',
      httpPort: this.httpPort,
      tlsPort: this.tlsPort,
      certificateValidityPeriod: options.validity ?? 864_000,
      domainBlocklist: ['blocked.example.test'],
      externalAccountBindingRequired: options.eab ?? false,
      externalAccountMACKeys: { [EAB_KID]: EAB_KEY },
    };
    writeFileSync(path.join(this.#folder, 'pebble.json'), JSON.stringify({ pebble: config }));
    await this.#startDns();
    const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', ...options.env };
    const args = ['-config', 'pebble.json', '-dnsserver', `127.0.0.1:${this.dnsPort}`];
    await this.#run('pebble', args, 'ACME directory available', env);
  }

  /** Every name is 127.0.0.1; its own servers for challenges stay off. */
  async #startDns(): Promise<void> {
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
    const management = ['-management', `127.0.0.1:${this.#dnsManagement}`];
    const names = ['-dns01', `127.0.0.1:${this.dnsPort}`, '-defaultIPv4', '127.0.0.1'];
    const args = [...off, ...management, ...names];
    await this.#run('pebble-challtestsrv', args, 'management server');
  }

  /** Runs a program and waits for a text in its output. */
  async #run(program: string, args: string[], ready: string, env = {}): Promise<void> {
    const child = spawn(program, args, {
      cwd: this.#folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let output = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${program}: ${output}`)), DEADLINE_MS);
      const look = (part: Buffer): void => {
        output = (output + part.toString()).slice(-20_000);
        if (!output.includes(ready)) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('exit', () => reject(new Error(`${program} ended: ${output}`)));
    });
  }

  /** Ends the programs and waits for their ends. */
  async stop(): Promise<void> {
    const ends = this.#children.map(
      (child) =>
        new Promise((resolve) =>
          child.exitCode === null ? child.on('exit', resolve) : resolve(0),
        ),
    );
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ends);
    for (const child of this.#children) {
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    if (this.#folder === '') return;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Lets the authority stand still while an action runs: it takes connections and never answers. */
  async paused(action: () => Promise<void>): Promise<void> {
    for (const child of this.#children) child.kill('SIGSTOP');
    try {
      await waitFor(() => this.#children.every(({ pid }) => isStopped(pid!)), 'stopped programs');
      await action();
    } finally {
      for (const child of this.#children) child.kill('SIGCONT');
    }
  }

  /** What the authority's own interface answers. */
  manage(page: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const url = `https://127.0.0.1:${this.#management}${page}`;
      httpsRequest(url, { ca: this.rootPem, agent: false }, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => resolve(text));
      })
        .on('error', reject)
        .end();
    });
  }

  /** Calls the mock DNS, e.g. `set-txt`. */
  async dns(page: string, data: object): Promise<void> {
    const url = `http://127.0.0.1:${this.#dnsManagement}/${page}`;
    const answer = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(data),
      headers: { connection: 'close' },
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
  }
}

/** The signal takes effect thread by thread. */
function isStopped(pid: number): boolean {
  const states = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    return stat.charAt(stat.lastIndexOf(')') + 2);
  });
  return states.every((state) => state === 'T');
}

/** An authority for the tests of this suite; where there is none they are skipped. */
export function usePebble(options: PebbleOptions = {}): Pebble {
  const pebble = new Pebble();
  before(skipWithoutPebble);
  before(() => pebble.start(options));
  after(() => pebble.stop());
  return pebble;
}
