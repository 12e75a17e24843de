// LineEnd may be any byte string, and may change between two lines.
import assert from 'node:assert/strict';
import { TWSocketClient } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted, receiveStrings, turns } from './accepted';

/** The lines a client with this LineEnd gets out of the segments. */
async function linesOf(lineEnd: string, segments: string[], count: number): Promise<string[]> {
  const lines: string[] = [];
  const { peer } = await accepted((client) => {
    client.LineMode = true;
    client.LineEnd = lineEnd;
    client.OnDataAvailable = () => {
      lines.push(client.ReceiveStrA());
    };
  });
  for (const segment of segments) {
    peer.write(Buffer.from(segment, 'latin1'));
    await turns();
  }
  await waitFor(() => lines.length >= count, `${count} lines`);
  await drained();
  return lines;
}

describe('LineEnd', () => {
  it("[WSS-60] ';' gives two events for x;y;", async () => {
    assert.deepEqual(await linesOf(';', ['x;y;'], 2), ['x;', 'y;']);
  });

  it('[H-27] gives one event with the terminator alone for an empty line', async () => {
    const lines = await linesOf('\r\n', ['\r\n\r\na\r\n\r\n'], 4);
    assert.deepEqual(lines, ['\r\n', '\r\n', 'a\r\n', '\r\n']);
  });

  it('[H-27] may have one, two or five bytes, NUL and bytes above 127 included', async () => {
    assert.deepEqual(await linesOf('\0', ['a\0\0b', '\0'], 3), ['a\0', '\0', 'b\0']);
    assert.deepEqual(await linesOf('\xff\xfe', ['a\xff', '\xfeb\xff\xfe'], 2), [
      'a\xff\xfe',
      'b\xff\xfe',
    ]);
    assert.deepEqual(await linesOf('<end>', ['a<e', 'n', 'd>b<end', '>'], 2), ['a<end>', 'b<end>']);
  });

  it('[H-27] is found when a part of it comes right before it: aab in aaab', async () => {
    assert.deepEqual(await linesOf('aab', ['aaabxaab'], 2), ['aaab', 'xaab']);
    assert.deepEqual(await linesOf('aab', ['a', 'a', 'a', 'b'], 1), ['aaab']);
    assert.deepEqual(await linesOf('\r\n', ['x\r\r\n'], 1), ['x\r\r\n']);
  });

  it('[H-27] set in the handler applies to the bytes behind the current line', async () => {
    const lines: string[] = [];
    const { peer } = await accepted((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => {
        lines.push(client.ReceiveStr());
        client.LineEnd = lines.length === 1 ? ';' : '\r\n';
      };
    });
    peer.write('a;b\r\nc\r\nd;e;f\r\n');
    await waitFor(() => lines.length === 3, 'three lines');
    assert.deepEqual(lines, ['a;b\r\n', 'c\r\nd;', 'e;f\r\n']);
  });

  it('[H-27] set from outside applies to a line that has already begun', async () => {
    let lines: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.LineMode = true;
      lines = receiveStrings(newClient);
    });
    peer.write('begun');
    await drained();
    client.LineEnd = '.';
    peer.write(' and ended.');
    await waitFor(() => lines.length > 0, 'the line');
    assert.deepEqual(lines, ['begun and ended.']);
  });

  it("switches line mode off as long as it is ''", async () => {
    let parts: string[] = [];
    const { peer } = await accepted((client: TWSocketClient) => {
      client.LineMode = true;
      client.LineEnd = '';
      parts = receiveStrings(client);
    });
    peer.write('raw\r\nbytes');
    await waitFor(() => parts.join('') === 'raw\r\nbytes', 'the bytes');
    assert.deepEqual(parts, ['raw\r\nbytes']);
  });
});
