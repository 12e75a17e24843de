// examples/udpEcho.ts, asked by two Node sockets at a time.

import assert from 'node:assert/strict';
import { type Socket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Example } from './exampleProcess';

describe('examples/udpEcho', function () {
  this.timeout(60_000);

  const peers: Socket[] = [];

  afterEach(() => {
    for (const peer of peers.splice(0)) peer.close();
  });

  /** Sends a datagram; the result is the first one that comes back. */
  async function ask(port: number, data: string | Buffer): Promise<Buffer> {
    const peer = createSocket('udp4');
    peers.push(peer);
    const answer = once(peer, 'message', { signal: AbortSignal.timeout(45_000) });
    peer.send(data, port, '127.0.0.1');
    return ((await answer) as [Buffer])[0];
  }

  it('gives every sender its own datagram back, an empty and a long one too', async () => {
    const server = Example.run('udpEcho', ['0']);
    const port = await server.port();
    const long = Buffer.alloc(65_507, 'abcdefghijk');
    const answers = await Promise.all([ask(port, 'one'), ask(port, ''), ask(port, long)]);

    assert.equal(answers[0].toString(), 'one');
    assert.equal(answers[1].length, 0);
    assert.ok(answers[2].equals(long));
    await server.waitText(`3 bytes from 127.0.0.1:${peers[0]!.address().port}`);
  });
});
