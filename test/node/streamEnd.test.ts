// toStream: the ways a connection ends, seen from the stream and from the peer.
import assert from 'node:assert/strict';
import { once as nodeOnce } from 'node:events';
import type { Duplex } from 'node:stream';
import { TWSocketClient, wsClosed, wsConnected } from '../../lib';
import { events, toStream } from '../../lib/node';
import { drained, waitFor } from '../support';
import { accepted, pattern } from '../socket/accepted';

const MIB = 1024 * 1024;

/** Names of what the stream tells, in order. */
function recorded(stream: Duplex): string[] {
  const log: string[] = [];
  stream.on('end', () => log.push('end'));
  stream.on('finish', () => log.push('finish'));
  stream.on('close', () => log.push('close'));
  stream.on('error', (error: NodeJS.ErrnoException) => log.push(`error ${error.code}`));
  return log;
}

function expectDetached(client: TWSocketClient): void {
  assert.deepEqual(events(client).eventNames(), []);
}

describe('The end of toStream(socket)', () => {
  it('end() delivers everything, then a FIN; the peer may go on sending', async () => {
    const data = pattern(8 * MIB);
    const { client, peer } = await accepted();
    peer.socket.pause();
    const stream = toStream(client);
    const log = recorded(stream);
    let got = '';
    stream.on('data', (chunk: Buffer) => (got += chunk.toString()));
    stream.end(data);
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    peer.socket.resume();
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
    assert.deepEqual(log, ['finish']);
    peer.socket.end('answer');
    await waitFor(() => log.length === 3, 'the end');
    assert.deepEqual([got, ...log], ['answer', 'finish', 'end', 'close']);
    expectDetached(client);
  });

  it('the FIN of the peer is end behind all data, and the connection is over', async () => {
    const { server, client, peer } = await accepted();
    const stream = toStream(client);
    const log = recorded(stream);
    peer.socket.end('last words');
    await drained();
    assert.equal(log.length, 0);
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    assert.equal(Buffer.concat(parts).toString(), 'last words');
    await waitFor(() => log.includes('close'), 'close');
    assert.deepEqual(log, ['end', 'finish', 'close']);
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client to go');
    expectDetached(client);
  });

  it('a stream that is only written to ends with the FIN of the peer', async () => {
    for (const HalfClose of [false, true]) {
      const { server, client, peer } = await accepted((newClient) => {
        newClient.HalfClose = HalfClose;
      });
      const stream = toStream(client);
      const log = recorded(stream);
      stream.end('answer');
      await peer.closed();
      peer.end();
      await waitFor(() => log.length === 3, 'the end');
      assert.deepEqual(log, ['finish', 'end', 'close']);
      await waitFor(() => server.ClientCount === 0, 'the client to go');
    }
  });

  it('with HalfClose the answer may follow the FIN of the peer', async () => {
    const data = pattern(4 * MIB);
    const { client, peer } = await accepted((newClient) => (newClient.HalfClose = true));
    const stream = toStream(client);
    const log = recorded(stream);
    stream.resume();
    peer.socket.end('request');
    await waitFor(() => log.includes('end'), 'end');
    await drained();
    assert.deepEqual(log, ['end']);
    assert.equal(client.State, wsConnected);
    stream.end(data);
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
    await waitFor(() => log.includes('close'), 'close');
    assert.deepEqual(log, ['end', 'finish', 'close']);
    expectDetached(client);
  });

  it('destroy() resets the connection', async () => {
    const { client, peer } = await accepted();
    toStream(client).resume().destroy();
    assert.equal(await peer.closed(), 'reset');
    expectDetached(client);
  });

  it('destroy() fails the write under way and those behind it', async () => {
    const { client, peer } = await accepted();
    peer.socket.pause();
    const stream = toStream(client);
    const log = recorded(stream);
    const failures: unknown[] = [];
    stream.write(pattern(32 * MIB), (error) => failures.push(error));
    stream.write('more', (error) => failures.push(error));
    await waitFor(() => client.BufferedByteCount > 0, 'a queue');
    stream.destroy();
    assert.equal(client.State, wsClosed);
    await waitFor(() => failures.length === 2, 'both callbacks');
    assert.ok(failures.every((failure) => failure instanceof Error));
    await waitFor(() => log.length > 0, 'close');
    assert.deepEqual(log, ['close']);
    expectDetached(client);
  });

  it('destroy() after finish loses nothing that was written', async () => {
    const data = pattern(4 * MIB);
    const { client, peer } = await accepted();
    const stream = toStream(client);
    stream.end(data);
    await nodeOnce(stream, 'finish');
    stream.destroy();
    assert.equal(await peer.closed(), 'end');
    assert.ok(peer.bytes().equals(data));
  });

  it('a reset by the peer is an error with the Windows number', async () => {
    const { client, peer } = await accepted();
    const stream = toStream(client);
    const log = recorded(stream);
    const failed = nodeOnce(stream, 'error') as Promise<unknown[]>;
    stream.resume();
    peer.reset();
    const [error] = (await failed) as [{ ErrorCode: number; name: string }];
    assert.deepEqual([error.ErrorCode, error.name], [10054, 'ESocketException']);
    await waitFor(() => log.includes('close'), 'close');
    assert.deepEqual(log, ['error ECONNRESET', 'close']);
    expectDetached(client);
  });

  for (const how of ['Close', 'Abort', 'CloseDelayed', 'Free', 'Release'] as const) {
    it(`${how}() by the application closes the stream without end`, async () => {
      const { client } = await accepted();
      const stream = toStream(client);
      const log = recorded(stream);
      stream.resume();
      client[how]();
      await waitFor(() => log.length > 0, 'close');
      await drained();
      assert.deepEqual(log, ['close']);
      assert.equal(client.State, wsClosed);
      expectDetached(client);
    });
  }

  it('a server that is freed in a data handler takes its streams along', async () => {
    const { server, client, peer } = await accepted();
    const stream = toStream(client);
    const log = recorded(stream);
    stream.on('data', () => server.Free());
    peer.write('x');
    await waitFor(() => log.length > 0, 'close');
    assert.deepEqual(log, ['close']);
    stream.write('too late', () => undefined);
    await drained();
  });

  it('a write after the connection has gone is an error, not an exception', async () => {
    const { client, peer } = await accepted();
    const stream = toStream(client);
    const log = recorded(stream);
    peer.socket.end('0123456789');
    stream.once('readable', () => undefined);
    await waitFor(() => client.isDestroyed || client.State === wsClosed, 'the close');
    stream.write('nobody there');
    await waitFor(() => log.includes('close'), 'close');
    assert.deepEqual(log, ['error ENOTCONN', 'close']);
  });

  it('a signal destroys the stream with AbortError, also one that has fired', async () => {
    for (const when of ['before', 'later']) {
      const { client, peer } = await accepted();
      const control = new AbortController();
      if (when === 'before') control.abort();
      const stream = toStream(client, { signal: control.signal });
      const log = recorded(stream);
      control.abort();
      await waitFor(() => log.length === 2, 'close');
      assert.deepEqual(log, ['error ABORT_ERR', 'close']);
      assert.equal(await peer.closed(), 'reset');
      expectDetached(client);
    }
  });
});
