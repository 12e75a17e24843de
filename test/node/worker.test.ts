// Everything of lib/node in a worker thread, and the thread ends by itself.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from '../support';
import { firstMessage, startWorker } from '../support/runScript';

describe('The Node style', () => {
  it('works in a worker, which ends when its server has closed', async () => {
    const worker = startWorker('nodeStyleWorker');
    const exited = once(worker, 'exit') as Promise<[number]>;
    const peer = await connect((await firstMessage(worker)) as number);
    const result = firstMessage(worker);
    peer.write('one\r\ntwo\r\n\r\n');
    assert.equal(await peer.line(), 'read 2');
    assert.equal(await peer.closed(), 'end');
    assert.deepEqual(await result, ['one', 'two', 'gone 1']);
    assert.deepEqual(await exited, [0]);
  });
});
