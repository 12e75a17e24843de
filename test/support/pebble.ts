// A real ACME authority for tests: Debian's pebble with its mock DNS, on loopback and free ports. Where
// it is not installed the suite is skipped with a printed reason.
//
//   before(skipWithoutPebble);
//   const pebble = await startPebble();          ended after the file: after(() => pebble.stop())
//   certs.SupplierServer = pebble.directoryUrl;  certs.SupplierRootCA = pebble.rootPem;
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { request as httpsRequest } from 'node:https';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Context } from 'mocha';
import { makeCert } from './certificates';
import { freePort } from './freePort';
import { skipTest } from './skipTest';

const DEADLINE_MS = 20_000;
export const EAB_KID = 'kid-1';
export const EAB_KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

/** For `before` hooks. */
export function skipWithoutPebble(this: Context): void {
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
  readonly directoryUrl: string;
  readonly rootPem: string;
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly dnsPort: number;
  readonly #ports: { readonly management: number; readonly dnsManagement: number };
  readonly #children: ChildProcess[] = [];
  readonly #folder: string;

  constructor(ports: number[], folder: string, rootPem: string) {
    const [acme, management, http, tls, dns, dnsManagement] = ports as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    this.directoryUrl = `https://127.0.0.1:${acme}/dir`;
    this.httpPort = http;
    this.tlsPort = tls;
    this.dnsPort = dns;
    this.#ports = { management, dnsManagement };
    this.rootPem = rootPem;
    this.#folder = folder;
  }

  /** Runs a program and waits for a text in its output. */
  async run(program: string, args: string[], ready: string, env = {}): Promise<void> {
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
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Lets the authority stand still while an action runs: it takes connections and never answers. */
  async paused(action: () => Promise<void>): Promise<void> {
    for (const child of this.#children) child.kill('SIGSTOP');
    try {
      await action();
    } finally {
      for (const child of this.#children) child.kill('SIGCONT');
    }
  }

  /** What the authority's own interface answers. */
  manage(page: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const url = `https://127.0.0.1:${this.#ports.management}${page}`;
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
    const url = `http://127.0.0.1:${this.#ports.dnsManagement}/${page}`;
    const answer = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(data),
      headers: { connection: 'close' },
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${page}: ${answer.status}`);
  }
}

export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const { cert, keyPem } = serverCert();
  const ports: number[] = [];
  while (ports.length < 6) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-pebble-'));
  const pebble = new Pebble(ports, folder, cert);
  const [acme, management, httpPort, tlsPort, dns, dnsManagement] = ports;
  writeFileSync(path.join(folder, 'cert.pem'), cert);
  writeFileSync(path.join(folder, 'key.pem'), keyPem);
  const config = {
    listenAddress: `127.0.0.1:${acme}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: 'cert.pem',
    privateKey: 'key.pem',
    httpPort,
    tlsPort,
    certificateValidityPeriod: options.validity ?? 864_000,
    domainBlocklist: ['blocked.example.test'],
    externalAccountBindingRequired: options.eab ?? false,
    externalAccountMACKeys: { [EAB_KID]: EAB_KEY },
  };
  writeFileSync(path.join(folder, 'pebble.json'), JSON.stringify({ pebble: config }));
  try {
    const address = `127.0.0.1:${dns}`;
    await pebble.run(
      'pebble-challtestsrv',
      [
        '-dns01',
        address,
        '-http01',
        '',
        '-https01',
        '',
        '-tlsalpn01',
        '',
        '-defaultIPv6',
        '',
      ].concat(['-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv4', '127.0.0.1']),
      'management server',
    );
    const env = { PEBBLE_VA_NOSLEEP: '1', PEBBLE_AUTHZREUSE: '0', ...options.env };
    const args = ['-config', 'pebble.json', '-dnsserver', address];
    await pebble.run('pebble', args, 'ACME directory available', env);
  } catch (error) {
    await pebble.stop();
    throw error;
  }
  return pebble;
}

function serverCert(): { cert: string; keyPem: string } {
  const { pem, keyPem } = makeCert({ names: ['localhost'], ips: ['127.0.0.1'] });
  return { cert: pem, keyPem };
}
