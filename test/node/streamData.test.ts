// toStream: bytes in, bytes out, and who may read.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';
import { TWSocket } from '../../lib';
import { events, lines, toStream } from '../../lib/node';
import { drained, newServer, startServer, track, waitFor } from '../support';
import { pair } from '../support/pair';
import { accepted, acceptedByHand, pattern } from '../socket/accepted';

const MIB = 1024 * 1024;

describe('toStream(socket)', () => {
  it('echoes 8 MiB through pipe, every byte in its place', async () => {
    const data = pattern(8 * MIB);
    const { peer } = await accepted((client) => {
      const stream = toStream(client);
      stream.pipe(stream);
    });
    peer.write(data);
    assert.ok((await peer.read(data.length)).equals(data));
  });

  it('works with pipeline, and for a socket accepted by hand', async () => {
    const data = pattern(MIB);
    const { client, peer } = await acceptedByHand();
    await pipeline(Readable.from([data]), createGzip(), toStream(client));
    assert.equal(await peer.closed(), 'end');
    assert.ok(gunzipSync(peer.bytes()).equals(data));
  });

  it('loses nothing that arrived before it was made, unread or paused', async () => {
    const server = startServer();
    const paused = await pair(server);
    paused.client.Pause();
    paused.peer.write('held back');
    const ignored = await pair(server);
    let events = 0;
    ignored.client.OnDataAvailable = () => void events++;
    ignored.peer.write('ignored');
    await waitFor(() => events === 1, 'the event');
    await drained();
    ignored.client.OnDataAvailable = null;
    for (const [{ client }, text] of [
      [paused, 'held back'],
      [ignored, 'ignored'],
    ] as const) {
      let got = '';
      toStream(client).on('data', (chunk: Buffer) => (got += chunk.toString()));
      await waitFor(() => got === text, text);
    }
  });

  it('loses nothing that line mode has buffered', async () => {
    const { peer, client } = await pair(startServer());
    client.LineMode = true;
    let line = '';
    client.OnDataAvailable = () => {
      line = client.ReceiveStr();
      client.Pause();
    };
    peer.write('header\r\nbody, first\r\nand rest');
    await waitFor(() => line !== '', 'the header');
    client.OnDataAvailable = null;
    let got = '';
    toStream(client).on('data', (chunk: Buffer) => (got += chunk.toString()));
    await waitFor(() => got === 'body, first\r\nand rest', 'the rest');
    assert.equal(client.LineMode, false);
  });

  it('is refused beside another reader, and changes nothing then', async () => {
    const { peer, client } = await pair(startServer());
    client.OnDataAvailable = () => void client.SendStr(client.ReceiveStr());
    assert.throws(() => toStream(client), { code: 'EREADER' });
    client.OnDataAvailable = null;
    const listener = (): void => void client.SendStr(client.ReceiveStr());
    events(client).on('DataAvailable', listener);
    assert.throws(() => toStream(client), { code: 'EREADER' });
    peer.write('alive');
    await peer.waitText('alive');
    events(client).off('DataAvailable', listener);
    toStream(client);
    assert.throws(() => toStream(client), { code: 'EREADER' });
    assert.throws(() => lines(client), { code: 'EREADER' });
  });

  it('is refused for a socket that is not connected', () => {
    assert.throws(() => toStream(track(new TWSocket())), { ErrorCode: 10057 });
    assert.throws(() => toStream(startServer()), { ErrorCode: 10057 });
    const freed = newServer();
    freed.Free();
    assert.throws(() => toStream(freed), { ErrorCode: 10057 });
  });

  it('takes small writes in order, as text too, and tells when each is done', async () => {
    const { client, peer } = await accepted();
    const stream = toStream(client);
    const done: number[] = [];
    for (let i = 0; i < 500; i++) stream.write(`${i};`, () => void done.push(i));
    const all = Array.from({ length: 500 }, (_, i) => i);
    const text = all.map((i) => `${i};`).join('');
    assert.equal((await peer.read(text.length)).toString(), text);
    await waitFor(() => done.length === 500, 'the callbacks');
    assert.deepEqual(done, all);
  });
});
