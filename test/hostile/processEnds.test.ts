// The process ends while connections are open: never with a crash, and the peers notice.

import assert from 'node:assert/strict';
import { connect } from '../support';
import type { Peer } from '../support';
import { bystandIn } from '../support/bystander';
import { runScript } from '../support/runScript';
import type { Script } from '../support/runScript';

async function started(...args: string[]): Promise<{ script: Script; peer: Peer; port: number }> {
  const script = runScript('leave', { args });
  const port = Number(await script.printed('port'));
  const peer = await connect(port);
  peer.write('hello');
  await peer.waitText('hello');
  return { script, peer, port };
}

describe('A process that ends with open connections', () => {
  it('[H-77] by process.exit in OnDataAvailable', async () => {
    const { script, peer } = await started('exit');
    peer.write('leave');
    assert.equal(await script.ended(), 7, script.stderr);
    assert.match(script.stdout, /^exit 7 1$/m);
    await peer.closed();
  });

  for (const event of ['OnClientConnect', 'OnClientDisconnect']) {
    it(`[H-77] by process.exit in ${event}`, async () => {
      const { script, peer, port } = await started(`exit in ${event}`);
      if (event === 'OnClientConnect') await connect(port);
      else peer.end();
      assert.equal(await script.ended(), 7, script.stderr);
      await peer.closed();
    });
  }

  it('[H-77] by process.exit inside a pump inside a handler', async () => {
    const { script, peer } = await started('exit');
    peer.write('pump');
    assert.equal(await script.ended(), 7, script.stderr);
    await peer.closed();
  });

  for (const how of ['uncaught', 'nextTick', 'microtask', 'rejection']) {
    it(`[H-77] by an uncaught error (${how}): Node’s exit code 1 and the message`, async () => {
      const { script, peer } = await started(how);
      peer.write('leave');
      assert.equal(await script.ended(), 1, script.stderr);
      assert.match(script.stderr, /nobody catches this/);
      await peer.closed();
    });

    for (const command of ['leave', 'pump']) {
      it(`[H-77] an error (${how}, ${command}) that uncaughtException catches: all goes on`, async () => {
        const { script, peer, port } = await started(how, 'caught');
        const dismiss = await bystandIn(port);
        peer.write(command);
        assert.equal(await script.printed('caught'), 'nobody catches this');
        for (const one of [peer, await connect(port)]) {
          one.write('again');
          await one.waitText('again');
        }
        await dismiss();
        script.child.kill('SIGTERM');
        assert.equal(await script.ended(), 'SIGTERM');
      });
    }
  }

  it('[H-77] by SIGTERM from outside and from a handler', async () => {
    const { script, peer } = await started('kill');
    peer.write('leave');
    assert.equal(await script.ended(), 'SIGTERM');
    await peer.closed();
    assert.equal(script.stderr, '');
  });
});
