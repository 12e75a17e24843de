// examples/echo.ts, the server of the README.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Example, Terminal } from './exampleProcess';

const examples = path.join(__dirname, '..', '..', 'examples');
const linesOf = (name: string) =>
  readFileSync(path.join(examples, name), 'utf8').trimEnd().split('\n').length;

describe('examples/echo', function () {
  this.timeout(60_000);

  it('gives every client back what it sends', async () => {
    const server = Example.run('echo', ['0']);
    const port = await server.port();
    const [first, second] = [Terminal.connect(port), Terminal.connect(port)];
    first.type('one\n');
    second.type('two\n');
    await first.waitText('one\n');
    await second.waitText('two\n');
    assert.equal(first.text, 'one\n');
    assert.equal(second.text, 'two\n');
  });

  it('stays within 15 lines, the other examples within 30, 40 and 80', () => {
    assert.ok(linesOf('echo.ts') <= 15);
    assert.ok(linesOf('udpEcho.ts') <= 30);
    assert.ok(linesOf('client.ts') <= 40);
    assert.ok(linesOf('tcpSrv.ts') <= 80);
    assert.ok(linesOf('conSrv.ts') <= 80);
  });
});
