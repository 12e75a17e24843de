// The built package is used with require and with import: both see the same names and the same
// objects.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import * as lib from '../../lib';
import { builtPackage } from '../support/builtPackage';

const run = promisify(execFile);

const COMPARE = `
import { createRequire } from 'node:module';
import * as esm from 'ics-wsocket';
import { TWSocketServer, wsListening, WSocketErrorDesc } from 'ics-wsocket';

const cjs = createRequire(import.meta.url)('ics-wsocket');
const added = ['default', 'module.exports', '__esModule'];
const names = (all) => Object.keys(all).filter((name) => !added.includes(name)).sort();
console.log(JSON.stringify({
  esm: names(esm),
  cjs: names(cjs),
  different: names(cjs).filter((name) => esm[name] !== cjs[name]),
  named: [typeof TWSocketServer, wsListening, typeof WSocketErrorDesc],
}));
`;

const SERVE = `
import { connect } from 'node:net';
import { TWSocketServer } from 'ics-wsocket';

const server = new TWSocketServer();
Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: 'hello' });
server.OnClientDisconnect = () => server.Close();
server.Listen();
const peer = connect({ port: Number(server.BindPort), host: '127.0.0.1' });
peer.on('data', (data) => peer.end(() => console.log(String(data).trim())));
`;

async function runScript(name: string, text: string): Promise<string> {
  const folder = builtPackage();
  writeFileSync(path.join(folder, name), text);
  const { stdout } = await run(process.execPath, [name], { cwd: folder, timeout: 15_000 });
  return stdout.trim();
}

interface Comparison {
  esm: string[];
  cjs: string[];
  different: string[];
  named: [string, number, string];
}

describe('The built package', function () {
  this.timeout(60_000);

  it('exports the same names and objects to import and to require', async () => {
    const { esm, cjs, different, named } = JSON.parse(
      await runScript('compare.mjs', COMPARE),
    ) as Comparison;
    assert.deepEqual(cjs, Object.keys(lib).sort());
    assert.deepEqual(esm, cjs);
    assert.deepEqual(different, []);
    assert.deepEqual(named, ['function', lib.wsListening, 'function']);
  });

  it('serves a client in an ES module, and the process ends', async () => {
    assert.equal(await runScript('serve.mjs', SERVE), 'hello');
  });

  it('serves a client in a CommonJS script, and the process ends', async () => {
    const script = SERVE.replace(/import (.*) from (.*);/g, 'const $1 = require($2);');
    assert.equal(await runScript('serve.cjs', script), 'hello');
  });
});
