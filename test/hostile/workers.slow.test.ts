// Servers in worker threads that are ended without mercy: no crash, every descriptor freed.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, echo, expectEcho } from '../support';
import { attackedServer, bystandIn } from '../support/bystander';
import { firstMessage, runScript, startWorker } from '../support/runScript';

describe('A server in a worker', () => {
  for (const mode of ['stream', 'echo', 'loop', 'pump', 'exit']) {
    it(`[H-78] two workers (${mode}) are ended mid-transfer: no crash, no descriptor left`, async () => {
      const script = runScript('workers', { args: [mode, '2'] });
      const left = Number(await script.printed('descriptors'));
      assert.equal(await script.ended(), 0, script.stderr);
      assert.ok(left <= 0, `${left} descriptors left`);
      assert.equal(script.stderr, '');
    });
  }

  it('[H-78] serves beside one in the main thread; its end leaves that one alone', async () => {
    const server = await attackedServer({ OnClientConnect: (_server, client) => echo(client) });
    const worker = startWorker('workerServer', { mode: 'echo' });
    const peer = await connect((await firstMessage(worker)) as number);
    peer.write('hello');
    await peer.waitText('hello');
    await worker.terminate();
    await peer.closed();
    await expectEcho(await connect(server));
  });

  it('[H-78] process.exit in its handler ends the worker only', async () => {
    const worker = startWorker('workerServer', { mode: 'echo' });
    const peer = await connect((await firstMessage(worker)) as number);
    peer.write('exit');
    const [code] = (await once(worker, 'exit')) as [number];
    assert.equal(code, 3);
    await peer.closed();
  });

  it('[H-78] an exception in its handler does not end it', async () => {
    const worker = startWorker('workerServer', { mode: 'echo' });
    const port = (await firstMessage(worker)) as number;
    await bystandIn(port);
    const peer = await connect(port);
    peer.write('throw');
    await peer.closed();
    const next = await connect(port);
    next.write('hello');
    await next.waitText('hello');
  });
});
