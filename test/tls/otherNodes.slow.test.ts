// TLS inside the pump in the versions of Node that are in use: the classes below its TLS are not
// public (lib/ssl/nodeTls.ts), so each version has to show that they still do what is relied on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { tempFile } from '../support/certificates';
import { runScript } from '../support/runScript';
import { skipTest } from '../support/skipTest';
import { testCerts, tlsPeer } from '../support/tls';

const run = promisify(execFile);
const FETCH_MS = 240_000;
const CLIENTS = 100;
const LINES = 10;

let folder: string;

/** The program of a version of Node, from the npm package of that name. */
async function fetchNode(major: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}@${major}`;
  const options = { cwd: folder, timeout: FETCH_MS };
  const { stdout } = await run('npm', ['pack', name, '--silent'], options);
  const target = `package-${major}`;
  await run('mkdir', [target], options);
  await run('tar', ['-xzf', stdout.trim(), '-C', target, 'package/bin/node'], options);
  return path.join(folder, target, 'package/bin/node');
}

interface Result {
  version: string;
  direct: boolean;
  lean: boolean;
  pumps: number;
  handshakes: number;
  echoes: number;
  turns: number;
}

/** A new client that has its lines echoed one by one. */
async function talk(port: number): Promise<void> {
  const peer = await tlsPeer(port);
  for (let i = 0; i < LINES; i++) {
    peer.write(`line ${i}\r\n`);
    assert.equal(await peer.line(), `echo line ${i}`);
  }
  peer.socket.destroy();
}

async function pumpsIn(node: string, how: string): Promise<Result> {
  const file = tempFile('server.pem', testCerts().server.bundlePem);
  const args = [file, how, `${CLIENTS}`, `${CLIENTS * LINES}`];
  const script = runScript('tlsPumpInHandler', { args, node });
  const port = Number(await script.printed('port'));
  const first = await tlsPeer(port);
  first.write('pump\r\n');
  await Promise.all(Array.from({ length: CLIENTS }, () => talk(port)));
  const result = JSON.parse(await script.printed('result')) as Result;
  first.socket.destroy();
  assert.equal(await script.ended(), 0, script.stderr);
  assert.equal(script.stderr, '');
  return result;
}

describe('TLS inside a pump, in a handler,', () => {
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ics-nodes-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const major of [0, 22, 24])
    describe(major === 0 ? 'of this Node' : `of Node ${major}`, () => {
      let node = process.execPath;

      before(async function () {
        this.timeout(FETCH_MS + 10_000);
        if (major === 0) return;
        try {
          node = await fetchNode(major);
        } catch (error) {
          skipTest(this, `npm has no Node ${major} for us: ${(error as Error).message}`);
        }
      });

      for (const how of ['pump', 'loop'])
        it(`makes ${CLIENTS} handshakes and ${CLIENTS * LINES} echoes (${how})`, async () => {
          const { version, ...result } = await pumpsIn(node, how);
          console.log(`      ${version}`);
          if (major !== 0) assert.match(version, new RegExp(`^v${major}\\.`));
          assert.deepEqual(result, {
            direct: true,
            lean: true,
            pumps: 1,
            handshakes: CLIENTS,
            echoes: CLIENTS * LINES,
            turns: 0,
          });
        }).timeout(120_000);
    });
});
