// What keeps a process alive: a listener and connections, unless unref() was called — and nothing
// else of this package.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from '../support';
import { runScript } from '../support/runScript';

const ENDS = [
  'never listened',
  'closed at once',
  'last client left',
  'freed with clients',
  'posted message',
  'all listeners closed',
] as const;
const UNREFERENCED = [
  'unreferenced listener',
  'unreferenced before Listen',
  'unreferenced client',
  'unreferenced with items',
] as const;

describe('A process with nothing left to do', () => {
  for (const how of ENDS) {
    it(`[H-81] ends by itself: ${how}`, async () => {
      const script = runScript('idleExit', { args: [how] });
      assert.equal(await script.ended(), 0, script.stderr);
      assert.match(script.stdout, /^exit$/m);
    });
  }

  for (const how of UNREFERENCED) {
    it(`[H-81] ends by itself: ${how}`, async () => {
      const script = runScript('idleExit', { args: [how] });
      assert.equal(await script.ended(), 0, script.stderr);
      assert.match(script.stdout, /^exit$/m);
      if (how === 'unreferenced client') assert.match(script.stdout, /^refs false false$/m);
    });
  }
});

describe('A process with something to do', () => {
  for (const how of ['listening', 'referenced again']) {
    it(`[H-81] lives on: ${how}`, async () => {
      const script = runScript('idleExit', { args: [how] });
      const port = Number(await script.printed('port'));
      const peer = await connect(port);
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(script.child.exitCode, null);
      assert.equal(peer.isClosed, false);
    });
  }

  it('[H-81] lives on: an item listens, the server does not', async () => {
    const script = runScript('idleExit', { args: ['only an item'] });
    const peer = await connect(Number(await script.printed('item')));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(script.child.exitCode, null);
    assert.equal(peer.isClosed, false);
  });

  it('[H-81] lives on with a connection after the listener was closed, and ends with it', async () => {
    const script = runScript('idleExit', { args: ['only a client'] });
    const peer = await connect(Number(await script.printed('port')));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(script.child.exitCode, null);
    peer.end();
    const [code] = (await once(script.child, 'exit')) as [number];
    assert.equal(code, 0);
    assert.match(script.stdout, /^left$/m);
  });
});
