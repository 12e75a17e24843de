// Bytes that arrive while the core holds earlier ones: the handler reads those, and the new ones,
// which the kernel has told of already and does not tell of again, are still delivered.
import assert from 'node:assert/strict';
import { type TWSocketClient, wsoNoReceiveLoop } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';

type Accepted = Awaited<ReturnType<typeof accepted>>;

/** The core holds `begun`, which the handler has ignored; `read` is the handler from now on. */
async function withBuffered(
  begun: string,
  read: (client: TWSocketClient, parts: string[]) => void,
): Promise<Accepted & { parts: string[] }> {
  const parts: string[] = [];
  let ignored = 0;
  const all = await accepted((client) => {
    client.LineMode = true;
    client.OnDataAvailable = () => void ignored++;
  });
  all.peer.write(begun);
  await waitFor(() => all.client.ReadCount === begun.length, 'the begun line is taken');
  all.client.LineMode = false;
  await waitFor(() => ignored === 1, 'the handler ignores it');
  all.client.OnDataAvailable = () => read(all.client, parts);
  return { ...all, parts };
}

function receive(client: TWSocketClient, size: number): string {
  const part = Buffer.alloc(size);
  return part.toString('latin1', 0, Math.max(client.Receive(part), 0));
}

describe('Bytes that arrive behind buffered ones', () => {
  it('[WS-47] are delivered with wsoNoReceiveLoop', async () => {
    const { client, peer, parts } = await withBuffered('begun', (_client, list) =>
      list.push(receive(_client, 100)),
    );
    client.ComponentOptions.add(wsoNoReceiveLoop);
    peer.write('1');
    await waitFor(() => parts.join('') === 'begun1', 'the byte behind');
    peer.write('2');
    await waitFor(() => parts.join('') === 'begun12', 'the next byte');
    await drained();
    assert.deepEqual(parts, ['begun', '1', '2']);
  });

  it('are delivered when the handler throws behind its Receive', async () => {
    let thrown = 0;
    const { client, peer, parts } = await withBuffered('begun', (_client, list) => {
      list.push(receive(_client, 100));
      if (list.length === 1) throw new Error('behind the first Receive');
    });
    client.OnBgException = (_sender, _error, CanClose) => {
      thrown++;
      CanClose.Value = false;
    };
    peer.write('1');
    await waitFor(() => parts.join('') === 'begun1', 'the byte behind');
    assert.equal(thrown, 1);
  });

  it('are delivered when the buffer ends with the last call of an event', async () => {
    const { peer, parts } = await withBuffered('x'.repeat(64), (_client, list) =>
      list.push(receive(_client, 1)),
    );
    peer.write('1');
    await waitFor(() => parts.length === 65, 'the byte behind');
    assert.equal(parts.join(''), `${'x'.repeat(64)}1`);
  });

  it('are delivered behind an incomplete character', async () => {
    const parts: string[] = [];
    const { client, peer } = await accepted((_client) => {
      _client.ComponentOptions.add(wsoNoReceiveLoop);
      _client.OnDataAvailable = () => parts.push(_client.ReceiveStr());
    });
    peer.write(Buffer.from('a\xe2', 'latin1'));
    await waitFor(() => parts.length === 1, 'the complete part');
    assert.deepEqual(parts, ['a']);
    client.OnDataAvailable = () => parts.push(receive(client, 100));
    peer.write(Buffer.from('\x82\xac', 'latin1'));
    await waitFor(() => parts.join('') === 'a\xe2\x82\xac', 'the rest of the character');
  });

  it('are delivered as lines when two handlers have thrown', async () => {
    const lines: string[] = [];
    let thrown = 0;
    const { client, peer } = await accepted((_client) => {
      _client.LineMode = true;
      _client.OnBgException = (_sender, _error, CanClose) => {
        thrown++;
        CanClose.Value = false;
      };
      _client.OnDataAvailable = () => {
        throw new Error('reads nothing');
      };
    });
    peer.write('one\r\n');
    await waitFor(() => thrown === 1, 'the first exception');
    peer.write('two\r\n');
    await waitFor(() => thrown === 2, 'the second exception');
    client.OnDataAvailable = () => lines.push(client.ReceiveStr());
    peer.write('three\r\n');
    await waitFor(() => lines.length === 3, 'all lines');
    assert.deepEqual(lines, ['one\r\n', 'two\r\n', 'three\r\n']);
  });
});
