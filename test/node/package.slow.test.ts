// The package as a user gets it: ics-wsocket/node with require and with import, over the same classes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as node from '../../lib/node';
import { builtPackage } from '../support/builtPackage';

const run = promisify(execFile);

const SERVE = `
import { connect } from 'node:net';
import * as node from 'ics-wsocket/node';
import { events, once } from 'ics-wsocket/node';
import { TWSocketServer } from 'ics-wsocket';

const server = new TWSocketServer();
Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
events(server).on('ClientConnect', (Sender, Client) => Client.SendStr('hello'));
once(server, 'ClientDisconnect').then(() => server.Close());
server.Listen();
const peer = connect({ port: Number(server.BindPort), host: '127.0.0.1' });
peer.on('data', (data) => peer.end(() => console.log(String(data), Object.keys(node).length > 5)));
`;

async function runScript(name: string, text: string): Promise<string> {
  const folder = builtPackage();
  writeFileSync(path.join(folder, name), text);
  const { stdout } = await run(process.execPath, [name], { cwd: folder, timeout: 15_000 });
  return stdout.trim();
}

describe('ics-wsocket/node', function () {
  this.timeout(60_000);

  it('is found by import and by require, and uses the classes of ics-wsocket', async () => {
    assert.equal(await runScript('node.mjs', SERVE), 'hello true');
    const script = SERVE.replace(/import \* as (.*) from (.*);/g, 'const $1 = require($2);');
    const common = script.replace(/import (.*) from (.*);/g, 'const $1 = require($2);');
    assert.equal(await runScript('node.cjs', common), 'hello true');
  });

  it('is not loaded by ics-wsocket itself', async () => {
    const script = `require('ics-wsocket');
      console.log(Object.keys(require.cache).filter((file) => /dist.node/.test(file)).length);`;
    assert.equal(await runScript('alone.cjs', script), '0');
  });

  it('exports camelCase functions and its error class, nothing else', () => {
    const expected = 'AbortError clients connect events lines listen once toStream';
    assert.equal(Object.keys(node).sort().join(' '), expected);
    const dist = path.join(builtPackage(), 'node_modules/ics-wsocket/dist/node/index.d.ts');
    assert.match(readFileSync(dist, 'utf8'), /toStream/);
  });
});
