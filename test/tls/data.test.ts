// Data over TLS: every way to read it, and what limits sending.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { TSslWSocketClient } from '../../lib';
import { cpuShare, drained, expectEcho, waitFor } from '../support';
import { bystand, isWatched, visitors } from '../support/bystander';
import { clientOf, echoServer, startTlsServer, tlsPeer, type TlsPeer } from '../support/tls';

const MIB = 1024 * 1024;

type Setup = (client: TSslWSocketClient) => void;

/** A connection whose client was prepared by `setup` before the handshake. */
async function session(setup: Setup): Promise<{ peer: TlsPeer; client: TSslWSocketClient }> {
  const server = startTlsServer({
    OnClientConnect: (_server, client) => setup(client as TSslWSocketClient),
  });
  if (isWatched()) await bystand(server);
  const peer = await tlsPeer(server);
  await waitFor(() => visitors(server).length === 1 && clientOf(server).SslOK, 'the handshake');
  return { peer, client: clientOf(server) };
}

describe('Data over TLS', () => {
  it('is delivered line by line, whatever the records are', async () => {
    const lines: string[] = [];
    const { peer } = await session((client) => {
      client.LineMode = true;
      client.OnDataAvailable = () => void lines.push(client.ReceiveStr());
    });
    for (const text of ['on', 'e\r', '\ntwo\r\nthr', 'ee\r\n']) {
      peer.write(text);
      await drained();
    }
    await waitFor(() => lines.length === 3, 'three lines');
    assert.deepEqual(lines, ['one\r\n', 'two\r\n', 'three\r\n']);
  });

  it('may be a line longer than what is decrypted ahead', async () => {
    const line = `${'x'.repeat(300_000)}\r\n`;
    let got = '';
    const { peer } = await session((client) => {
      client.LineMode = true;
      client.LineLimit = 0;
      client.OnDataAvailable = () => (got += client.ReceiveStr());
    });
    peer.write(line);
    await waitFor(() => got.length === line.length, 'the line');
  });

  it('meets LineLimit', async () => {
    const exceeded: number[] = [];
    const { peer } = await session((client) => {
      client.LineMode = true;
      client.OnLineLimitExceeded = (_s, count) => void exceeded.push(count);
    });
    peer.write('x'.repeat(70_000));
    await waitFor(() => exceeded.length === 1, 'OnLineLimitExceeded');
  });

  it('can be looked at by PeekData and RcvdCount, and read in parts', async () => {
    const seen: string[] = [];
    const { peer } = await session((client) => {
      client.OnDataAvailable = () => {
        if (client.RcvdCount < 6) return;
        const buffer = Buffer.alloc(4);
        assert.equal(client.PeekData(buffer), 4);
        assert.equal(client.Receive(buffer, 3), 3);
        seen.push(buffer.toString('latin1', 0, 3), client.ReceiveStr());
      };
    });
    peer.write('abc');
    await drained();
    peer.write('def');
    await waitFor(() => seen.length > 0, 'the data');
    assert.deepEqual(seen, ['abc', 'def']);
  });

  it('keeps a character together that two records share', async () => {
    const parts: string[] = [];
    const { peer } = await session((client) => {
      client.OnDataAvailable = () => void parts.push(client.ReceiveStr());
    });
    peer.write(Buffer.from([0x61, 0xc3]));
    await waitFor(() => parts.length > 0, 'the first part');
    peer.write(Buffer.from([0xa9]));
    await waitFor(() => parts.join('') === 'aé', 'the character');
  });

  it('waits during Pause, and comes after Resume', async () => {
    let got = 0;
    const { peer, client } = await session((c) => {
      c.OnDataAvailable = () => (got += c.ReceiveTB().length);
    });
    client.Pause();
    peer.write(Buffer.alloc(MIB));
    await drained();
    await waitFor(() => peer.socket.writableLength > 0 || got === 0, 'back-pressure');
    assert.equal(got, 0);
    client.Resume();
    await waitFor(() => got === MIB, 'all data');
  });

  it('stops the peer when nobody reads, costs no CPU then, and goes on later', async () => {
    const { peer, client } = await session((c) => {
      c.OnDataAvailable = () => undefined;
    });
    const data = randomBytes(12 * MIB);
    peer.write(data);
    await waitFor(() => client.RcvdCount >= 64 * 1024, 'input');
    await drained();
    assert.ok(client.RcvdCount < 200_000, `decrypted ahead: ${client.RcvdCount}`);
    assert.ok(peer.socket.writableLength > 0);
    // The peer, in this process too, may still be encrypting what it wrote.
    let share = 1;
    for (let tries = 0; share >= 0.5 && tries < 10; tries++) share = await cpuShare(300);
    assert.ok(share < 0.5, 'it spins');
    const hash = createHash('sha256');
    let size = 0;
    const take = (): void => {
      for (let got = client.ReceiveTB(); got.length > 0; got = client.ReceiveTB()) {
        hash.update(got);
        size += got.length;
      }
    };
    client.OnDataAvailable = take;
    take();
    await waitFor(() => size === data.length, 'all data', 20_000);
    assert.equal(hash.digest('hex'), createHash('sha256').update(data).digest('hex'));
  });

  it('can be read outside of its event', async () => {
    const { peer, client } = await session((c) => {
      c.OnDataAvailable = () => undefined;
    });
    peer.write(Buffer.alloc(2 * MIB));
    let got = 0;
    await waitFor(() => (got += client.ReceiveTB().length) === 2 * MIB, 'all data', 20_000);
  });

  it('[H-101] is the same after 100 MB through a reader that pauses', async () => {
    const hash = createHash('sha256');
    let size = 0;
    let highest = 0;
    const { peer, client } = await session((c) => {
      const buffer = Buffer.alloc(50_000);
      let calls = 0;
      c.OnDataAvailable = () => {
        highest = Math.max(highest, c.RcvdCount);
        const got = c.Receive(buffer);
        if (got <= 0) return;
        hash.update(buffer.subarray(0, got));
        size += got;
        if (++calls % 100 > 0) return;
        c.Pause();
        setImmediate(() => c.Resume());
      };
    });
    const block = randomBytes(4 * MIB);
    const wanted = createHash('sha256');
    for (let i = 0; i < 25; i++) {
      wanted.update(block);
      if (!peer.socket.write(block))
        await new Promise((resolve) => peer.socket.once('drain', resolve));
    }
    await waitFor(() => size === 25 * block.length, 'all data', 25_000);
    assert.equal(hash.digest('hex'), wanted.digest('hex'));
    assert.ok(highest < MIB, `decrypted ahead: ${highest}`);
    assert.equal(client.SslOK, true);
  });

  it('obeys SendQueueLimit and tells OnSendQueueHigh and OnSendQueueLow', async () => {
    const told: string[] = [];
    const { peer, client } = await session((c) => {
      c.OnDataAvailable = () => void c.ReceiveStr();
    });
    client.SendQueueLimit = 16 * MIB;
    client.OnSendQueueHigh = () => void told.push('high');
    client.OnSendQueueLow = () => void told.push('low');
    peer.socket.pause();
    const block = Buffer.alloc(MIB);
    let sent = 0;
    assert.throws(() => {
      for (; sent < 64; sent++) client.Send(block);
    }, /10055/);
    assert.ok(sent >= 15);
    assert.ok(client.BufferedByteCount <= 16 * MIB + MIB);
    assert.equal(client.AllSent, false);
    assert.deepEqual(told, ['high']);
    peer.socket.resume();
    await peer.read(sent * MIB);
    await waitFor(() => client.AllSent && told.length === 2, told.join());
    assert.deepEqual(told, ['high', 'low']);
    assert.equal(client.BufferedByteCount, 0);
  });

  it('fires OnDataSent once for a Send, and never for the handshake alone', async () => {
    let sent = 0;
    const { peer, client } = await session((c) => {
      c.OnDataSent = () => sent++;
    });
    await waitFor(() => sent === 1, 'the one of the fresh connection');
    client.SendStr('x');
    await peer.read(1);
    await waitFor(() => sent === 2, 'OnDataSent');
    await drained();
    assert.equal(sent, 2);
  });

  it('is not cut by DeleteBufferedData', async () => {
    const { peer, client } = await session((c) => {
      c.OnDataAvailable = () => c.SendStr(c.ReceiveStr());
    });
    peer.socket.pause();
    client.Send(Buffer.alloc(8 * MIB));
    client.DeleteBufferedData();
    peer.socket.resume();
    await peer.read(8 * MIB);
    await expectEcho(peer);
  });

  it('goes out by Flush', async () => {
    const { peer, client } = await session(() => undefined);
    client.Send(Buffer.alloc(MIB));
    const done = peer.read(MIB);
    await done;
    client.Flush();
    assert.equal(client.AllSent, true);
  });

  it('is echoed for 50 connections at once', async () => {
    const server = echoServer();
    const peers = await Promise.all(Array.from({ length: 50 }, () => tlsPeer(server)));
    await Promise.all(peers.map((peer, i) => expectEcho(peer, `I am number ${i}`)));
  });
});
