// A connection keeps the process alive, from Connect to its end; and it works in a worker.

import assert from 'node:assert/strict';
import { freePort } from '../support';
import { fullBacklog } from '../support/fullBacklog';
import { skipWithoutPython } from '../support/python';
import { firstMessage, runScript, startWorker } from '../support/runScript';
import { echoTarget, startTarget } from './connecting';

describe('A process that connects', () => {
  before(skipWithoutPython);

  it('lives until it is connected, and exits when it has closed', async () => {
    const { port } = await startTarget();
    const script = runScript('connectExit', { args: [String(port)] });
    assert.equal(await script.ended(), 0, script.stderr);
    assert.match(script.stdout, /connecting\nconnected 0\nexit\n$/);
  });

  it('does the same when a name has to be looked up first', async () => {
    const { port } = await startTarget();
    const script = runScript('connectExit', { args: [String(port), 'by name'] });
    assert.equal(await script.ended(), 0, script.stderr);
    assert.match(script.stdout, /connecting\nconnected 0\nexit\n$/);
  });

  it('exits when the attempt was refused', async () => {
    const script = runScript('connectExit', { args: [String(await freePort())] });
    assert.equal(await script.ended(), 0, script.stderr);
    assert.match(script.stdout, /connected 10061\nexit\n$/);
  });

  it('lives as long as an attempt is not answered, unless it is unreferenced', async () => {
    const port = String(await fullBacklog());
    const waiting = runScript('connectExit', { args: [port] });
    await waiting.printed('connecting');
    const free = runScript('connectExit', { args: [port, 'unreferenced'] });

    assert.equal(await free.ended(), 0, free.stderr);
    assert.equal(waiting.child.exitCode, null);
    assert.ok(!waiting.stdout.includes('exit'));
  });

  it('may do so in a worker, 50 times in a row', async () => {
    const { port, sockets } = await echoTarget();
    const worker = startWorker('connectWorker', { port, rounds: 50 });
    assert.equal(await firstMessage(worker), 50);
    assert.equal(sockets.length, 50);
  });

  it('may do so in a worker that is terminated meanwhile', async () => {
    const worker = startWorker('connectWorker', { port: await fullBacklog(), rounds: 1 });
    await new Promise((resolve) => worker.once('online', resolve));
    assert.equal(await worker.terminate(), 1);
  });
});
