// A TLS server with hosts, which measures itself: what it is asked for is a small part of what a
// handshake costs, and would drown in the noise of the rest.
//
//   hostsServer.js choice-<hosts> | validate-<hosts> | contexts-<hosts>
//
// choice: handshakes with changing names; µs in TriggerSslServerName, where the host is chosen.
// validate: CPU ms of ValidateHosts, with certificates in files and a root that vouches for them.
// contexts: CPU ms for as many contexts of node:tls from the same files, which check nothing.

import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { TSslWSocketClient, TSslWSocketServer, type TSslContext, type TVar } from '../../lib';
import type { TTlsExtError } from '../../lib';
import { announce, type Measured } from './childProtocol';
import { makeHostFiles, type HostFiles } from './certFiles';

const HANDSHAKES = 300;
/** Neighbours in the list are not asked for one after the other. */
const STRIDE = 37;

let choices: number[] = [];

class TimedClient extends TSslWSocketClient {
  override TriggerSslServerName(Ctx: TVar<TSslContext | null>, ErrCode: TVar<TTlsExtError>): void {
    const before = process.hrtime.bigint();
    super.TriggerSslServerName(Ctx, ErrCode);
    choices.push(Number(process.hrtime.bigint() - before) / 1000);
  }
}

function newServer({ root, hosts }: HostFiles): TSslWSocketServer {
  const server = new TSslWSocketServer();
  server.Banner = '';
  server.RootCA = root;
  server.ClientClass = TimedClient;
  for (const { name, file } of hosts) {
    const host = server.IcsHosts.Add();
    host.HostNames.Assign([name]);
    host.BindIpAddr = '127.0.0.1';
    host.BindSslPort = 443;
    host.SslCert = file;
  }
  return server;
}

/** Raises unless every certificate is good: an error would make it faster. */
function validate(server: TSslWSocketServer): void {
  const text = server.ValidateHosts();
  if (text !== '') throw new Error(text);
}

/** The certificate that came is compared: a wrong host ends the run. */
function handshake(port: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, servername: name, rejectUnauthorized: false };
    const socket = tls.connect(options, () => {
      const served = socket.getPeerCertificate().subject.CN;
      if (served !== name) reject(new Error(`${name} was served ${served}`));
      socket.destroy();
    });
    socket.on('error', reject).on('close', () => resolve());
  });
}

async function measureChoice(port: number, { hosts }: HostFiles): Promise<Measured> {
  choices = [];
  const begin = performance.now();
  for (let turn = 0; turn < HANDSHAKES; turn++)
    await handshake(port, hosts[(turn * STRIDE) % hosts.length]!.name);
  const seconds = (performance.now() - begin) / 1000;
  if (choices.length !== HANDSHAKES) throw new Error(`${choices.length} choices were made`);
  const sorted = choices.sort((a, b) => a - b);
  return { value: sorted[HANDSHAKES / 2]!, perSecond: HANDSHAKES / seconds };
}

/** CPU milliseconds, and hosts per second on the clock. */
function timed(count: number, call: () => void): Measured {
  const begin = performance.now();
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return {
    value: (user + system) / 1000,
    perSecond: (count * 1000) / (performance.now() - begin),
  };
}

function measureValidate(files: HostFiles): Measured {
  const server = newServer(files);
  try {
    return timed(files.hosts.length, () => validate(server));
  } finally {
    server.Free();
  }
}

function measureContexts({ hosts }: HostFiles): Measured {
  const contexts = new Map<string, tls.SecureContext>();
  return timed(hosts.length, () => {
    for (const { name, file } of hosts) {
      const pem = readFileSync(file);
      contexts.set(name, tls.createSecureContext({ key: pem, cert: pem }));
    }
  });
}

function serveChoice(files: HostFiles): void {
  const server = newServer(files);
  validate(server);
  server.Port = '0'; // the port of the hosts is only a number for the choice
  server.Listen();
  const port = Number(server.BindPort);
  announce(port, () => measureChoice(port, files));
}

const [what = '', count = ''] = (process.argv[2] ?? '').split('-');
const files = makeHostFiles(Number(count));
if (what === 'choice') serveChoice(files);
else if (what === 'validate') announce(0, () => measureValidate(files));
else if (what === 'contexts') announce(0, () => measureContexts(files));
else throw new Error(`unknown mode ${what}`);
