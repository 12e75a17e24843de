// However a text is cut into segments on its way, the lines are the same.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { connect, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { turns } from './accepted';

/** Sends the segments to a line server and returns the lines, the unterminated rest included. */
async function lineServer(lineEnd: string): Promise<(segments: Buffer[]) => Promise<string[]>> {
  const server = await attackedServer();
  let session = { lines: [] as string[], connected: false, closed: false };
  server.OnClientConnect = (_server, client) => {
    const current = session;
    current.connected = true;
    client.LineMode = true;
    client.LineEnd = lineEnd;
    client.OnDataAvailable = () => {
      current.lines.push(client.ReceiveStr());
    };
    client.OnSessionClosed = () => {
      current.closed = true;
    };
  };
  return async (segments) => {
    const current = { lines: [] as string[], connected: false, closed: false };
    session = current;
    const peer = await connect(server);
    peer.socket.setNoDelay(true);
    await waitFor(() => current.connected, 'the connection');
    for (const segment of segments.slice(0, -1)) {
      peer.write(segment);
      await turns();
    }
    peer.socket.end(segments.at(-1) ?? '');
    await waitFor(() => current.closed, 'OnSessionClosed');
    return current.lines;
  };
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  const segments: Buffer[] = [];
  let start = 0;
  for (const end of ends.sort((a, b) => a - b)) {
    if (end > start) segments.push(bytes.subarray(start, end));
    start = Math.max(start, end);
  }
  return segments;
}

function expectedLines(text: string, lineEnd: string): string[] {
  const lines = text.split(lineEnd).map((line) => line + lineEnd);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, -lineEnd.length);
  return lines.filter((line) => line !== '');
}

describe('The lines of a text', () => {
  it('[H-20] are the same when every byte comes as a segment of its own', async () => {
    const text = 'one\r\n\r\ntwo € 😀\r\n\r\r\nrest';
    const bytes = Buffer.from(text);
    const send = await lineServer('\r\n');
    const single = cut(bytes, [...bytes.keys()]);
    assert.equal(single.length, bytes.length);
    assert.deepEqual(await send(single), expectedLines(text, '\r\n'));
  });

  it('[H-20] are the same when CR and LF come apart, or the terminator in three segments', async () => {
    const crlf = ['a\r', '\nb\r', '\n'].map((part) => Buffer.from(part));
    assert.deepEqual(await (await lineServer('\r\n'))(crlf), ['a\r\n', 'b\r\n']);
    const three = ['x-', '=', '-y-=', '-'].map((part) => Buffer.from(part));
    assert.deepEqual(await (await lineServer('-=-'))(three), ['x-=-', 'y-=-']);
  });

  it('[H-20] are the same for any text cut at any places', async function () {
    this.timeout(60_000);
    const send = await lineServer('\r\n');
    const unit = fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
      { weight: 3, arbitrary: fc.constant('\r\n') },
      { weight: 1, arbitrary: fc.constantFrom('\r', '\n', '\r\r', '\0', '😀') },
    );
    const texts = fc.array(unit, { maxLength: 20 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(500), { maxLength: 12 }), async (text, places) => {
        const lines = await send(cut(Buffer.from(text), places));
        assert.deepEqual(lines, expectedLines(text, '\r\n'));
      }),
      { numRuns: 60 },
    );
  });

  it('[H-27] are the same for any LineEnd, those that repeat a part of themselves included', async function () {
    this.timeout(60_000);
    const ends = ['\n', 'aa', 'aab', 'abab', 'abaab'];
    const servers = new Map<string, Awaited<ReturnType<typeof lineServer>>>();
    for (const lineEnd of ends) servers.set(lineEnd, await lineServer(lineEnd));
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'a', '\n'), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ends),
        texts,
        fc.array(fc.nat(80), { maxLength: 8 }),
        async (lineEnd, text, places) => {
          const lines = await servers.get(lineEnd)!(cut(Buffer.from(text), places));
          assert.deepEqual(lines, expectedLines(text, lineEnd));
        },
      ),
      { numRuns: 60 },
    );
  });
});
