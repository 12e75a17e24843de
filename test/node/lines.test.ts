// for await over the lines of a connection.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { wsConnected } from '../../lib';
import { events, lines, toStream } from '../../lib/node';
import { drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';
import { accepted } from '../socket/accepted';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function all(from: AsyncIterable<string>, pause = false): Promise<string[]> {
  const got: string[] = [];
  for await (const line of from) {
    got.push(line);
    if (pause) await turn();
  }
  return got;
}

describe('lines(client)', () => {
  for (const pace of ['quick', 'slow']) {
    it(`gives lines without their end to a ${pace} loop, the last incomplete one too`, async () => {
      const { client, peer } = await accepted();
      const reading = all(lines(client), pace === 'slow');
      peer.write('one\r\n\r\nthree\r\n');
      peer.socket.write('gr\u00fc\u00dfe, \u4f60\u597d\r\n', 'utf8');
      await drained();
      peer.socket.end('last');
      const expected = ['one', '', 'three', 'gr\u00fc\u00dfe, \u4f60\u597d', 'last'];
      assert.deepEqual(await reading, expected);
      assert.deepEqual(events(client).eventNames(), []);
    });
  }

  it('gives 100,000 lines to a loop that waits now and then, in order', async () => {
    const { client, peer } = await accepted();
    const count = 100_000;
    const text = Array.from({ length: count }, (_, i) => `line ${i}\r\n`).join('');
    peer.socket.end(text);
    let next = 0;
    for await (const line of lines(client)) {
      assert.equal(line, `line ${next++}`);
      if (next % 997 === 0) await turn();
    }
    assert.equal(next, count);
  });

  it('finds an end of several bytes that are not ASCII, and lines longer than one read', async () => {
    const { client, peer } = await accepted((newClient) => {
      newClient.LineEnd = '\xa7\r';
      newClient.LineLimit = 0;
    });
    const reading = all(lines(client));
    const long = 'x'.repeat(300_000);
    peer.write(`a\xa7\r${long}\xa7\rrest\xa7`);
    peer.end();
    const got = await reading;
    assert.deepEqual([got[0], got[1] === long, got[2]], ['a', true, 'rest\ufffd']);
  });

  it('takes a long line with the default end in one piece', async () => {
    const { client, peer } = await accepted((newClient) => (newClient.LineLimit = 0));
    const reading = all(lines(client));
    const long = '\u00fc'.repeat(200_000);
    peer.write(Buffer.from(`${long}\r\nshort\r\n`));
    peer.end();
    const got = await reading;
    assert.deepEqual([got[0] === long, got[1], got.length], [true, 'short', 2]);
  });

  it('reads nothing in advance: a paused connection and a bounded memory', async () => {
    const { client, peer } = await accepted();
    const iterator = lines(client);
    const line = `${'x'.repeat(1000)}\r\n`;
    peer.write(line.repeat(20_000));
    await iterator.next();
    await drained();
    const { ReadCount } = client;
    assert.ok(ReadCount < 1_000_000, `${ReadCount} bytes were read`);
    await drained();
    assert.equal(client.ReadCount, ReadCount);
    let count = 1;
    for await (const next of iterator) {
      assert.equal(next.length, 1000);
      if (++count === 20_000) break;
    }
  });

  it('leaves everything behind the last line to the next reader after break', async () => {
    const { client, peer } = await accepted();
    peer.write('header\r\n\r\nbody line\r\nbody end');
    for await (const line of lines(client)) if (line === '') break;
    assert.equal(client.LineMode, false);
    let got = '';
    toStream(client).on('data', (chunk: Buffer) => (got += chunk.toString()));
    await waitFor(() => got === 'body line\r\nbody end', 'the body');
  });

  it('after break a connection that nobody reads notices its end', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    peer.write('a\r\nb\r\nc');
    for await (const line of lines(client)) {
      assert.equal(line, 'a');
      break;
    }
    assert.deepEqual(events(client).eventNames(), []);
    peer.end();
    await waitFor(() => server.ClientCount === 0, 'the client to go');
  });

  it('throws when a line passes LineLimit, behind the lines before it', async () => {
    const { client, peer } = await accepted((newClient) => (newClient.LineLimit = 100));
    const got: string[] = [];
    const reading = (async () => {
      for await (const line of lines(client)) got.push(line);
    })();
    peer.write('good\r\n');
    await waitFor(() => got.length === 1, 'the line');
    peer.write('x'.repeat(500));
    await assert.rejects(reading, { name: 'ESocketException', ErrorCode: 10040 });
    assert.deepEqual(got, ['good']);
    assert.equal(client.State, wsConnected);
    assert.deepEqual(events(client).eventNames(), []);
  });

  it('throws when the connection is reset', async () => {
    const { client, peer } = await accepted();
    const reading = all(lines(client));
    peer.write('x\r\n');
    await drained();
    peer.reset();
    await assert.rejects(reading, { name: 'ESocketException', ErrorCode: 10054 });
  });

  for (const how of ['Close', 'Abort', 'CloseDelayed', 'Free', 'Release'] as const) {
    it(`ends when the loop calls ${how}()`, async () => {
      const { client, peer } = await accepted();
      peer.write('quit\r\nnot read\r\n');
      const got: string[] = [];
      for await (const line of lines(client)) {
        got.push(line);
        client[how]();
        await drained();
      }
      assert.deepEqual(got, ['quit']);
    });
  }

  it('with HalfClose ends at the FIN of the peer, and the answer can be sent', async () => {
    const { client, peer } = await accepted((newClient) => (newClient.HalfClose = true));
    peer.socket.end('question\r\nrest');
    assert.deepEqual(await all(lines(client)), ['question', 'rest']);
    client.SendLine('answer');
    assert.equal(await peer.line(), 'answer');
    client.Close();
  });

  it('throws AbortError when the signal fires, and leaves nothing on it', async () => {
    const { client } = await accepted();
    const control = new AbortController();
    const { signal } = control;
    const reading = all(lines(client, { signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    control.abort();
    await assert.rejects(reading, { name: 'AbortError' });
    await assert.rejects(all(lines(client, { signal })), { name: 'AbortError' });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.equal(client.State, wsConnected);
    assert.deepEqual(events(client).eventNames(), []);
  });

  it('is refused for a second reader, a closed connection and an empty LineEnd', async () => {
    const { client } = await accepted();
    client.LineEnd = '';
    assert.throws(() => lines(client), { code: 'ELINEEND' });
    client.LineEnd = '\n';
    const first = lines(client);
    assert.throws(() => lines(client), { code: 'EREADER' });
    await first.return();
    await lines(client).return();
    client.Close();
    assert.throws(() => lines(client), { ErrorCode: 10057 });
  });
});
