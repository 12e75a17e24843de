// Receiving datagrams: one call, one datagram.

import assert from 'node:assert/strict';
import { TSockAddr, wsConnected, wsoNoReceiveLoop } from '../../lib';
import type { TWSocket } from '../../lib';
import { drained, waitFor } from '../support';
import { listenUdp, nodeUdp } from './udp';
import type { NodeUdp } from './udp';

const MAX = 65507;

async function pairUdp(prepare: (socket: TWSocket) => void = () => undefined) {
  const socket = listenUdp();
  prepare(socket);
  const peer = await nodeUdp();
  const port = Number(socket.GetXPort());
  return { socket, peer, send: (data: string | Buffer) => peer.send(data, port) };
}

/** Sends each text as one datagram, in order. */
async function sendAll(peer: NodeUdp, socket: TWSocket, texts: readonly string[]): Promise<void> {
  for (const text of texts) await peer.send(text, Number(socket.GetXPort()));
}

describe('Receiving datagrams', () => {
  it('ReceiveFrom gives each datagram with its sender', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      const from = new TSockAddr();
      const buffer = Buffer.alloc(100);
      receiver.OnDataAvailable = () => {
        const size = receiver.ReceiveFrom(buffer, buffer.length, from);
        seen.push(`${buffer.toString('latin1', 0, size)} ${from.Addr}:${from.Port}`);
      };
    });
    const other = await nodeUdp('127.0.0.2');
    await sendAll(peer, socket, ['a', 'bb']);
    await other.send('ccc', Number(socket.GetXPort()), '127.0.0.1');
    await waitFor(() => seen.length === 3, 'three datagrams');

    assert.deepEqual(seen, [
      `a 127.0.0.1:${peer.port}`,
      `bb 127.0.0.1:${peer.port}`,
      `ccc 127.0.0.2:${other.port}`,
    ]);
    assert.equal(socket.ReadCount, 6);
  });

  const readers: [string, (socket: TWSocket) => string][] = [
    [
      'Receive',
      (socket) => {
        const buffer = Buffer.alloc(100);
        return buffer.toString('utf8', 0, socket.Receive(buffer));
      },
    ],
    [
      'ReceiveFrom without a sender',
      (socket) => {
        const buffer = Buffer.alloc(100);
        return buffer.toString('utf8', 0, socket.ReceiveFrom(buffer, 100));
      },
    ],
    ['ReceiveStr', (socket) => socket.ReceiveStr()],
    ['ReceiveTB', (socket) => socket.ReceiveTB().toString()],
    [
      'ReceiveTB after PeekData and RcvdCount',
      (socket) => {
        const buffer = Buffer.alloc(100);
        const peeked = socket.PeekData(buffer);
        assert.equal(socket.RcvdCount, peeked);
        const text = socket.ReceiveTB().toString();
        assert.equal(buffer.toString('utf8', 0, peeked), text);
        return text;
      },
    ],
  ];
  for (const [name, read] of readers) {
    it(`${name}: datagrams keep their limits, empty ones and umlauts too`, async () => {
      const seen: string[] = [];
      const { socket, peer } = await pairUdp((receiver) => {
        receiver.OnDataAvailable = () => seen.push(read(receiver));
      });
      const texts = ['one', '', 'zwei ä', '', '', 'x'];
      await sendAll(peer, socket, texts);
      await waitFor(() => seen.length >= texts.length, 'all datagrams');
      await drained();

      assert.deepEqual(seen, texts);
      assert.equal(socket.ReadCount, Buffer.byteLength(texts.join('')));
    });
  }

  it('ReceiveStrA gives one character per byte', async () => {
    let text = '';
    const { send } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => {
        text = receiver.ReceiveStrA();
      };
    });
    const bytes = Buffer.from([0, 1, 0x80, 0xff, 0xc3]);
    await send(bytes);
    await waitFor(() => text.length === 5, 'the datagram');
    assert.deepEqual(Buffer.from(text, 'latin1'), bytes);
  });

  it('a handler that reads until nothing is left gets -1 and 10035 at the end', async () => {
    const seen: string[] = [];
    const errors: number[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      const buffer = Buffer.alloc(100);
      receiver.OnDataAvailable = () => {
        let size: number;
        while ((size = receiver.ReceiveFrom(buffer, 100)) >= 0)
          seen.push(buffer.toString('latin1', 0, size));
        errors.push(receiver.LastError);
      };
    });
    for (let round = 0; round < 3; round++) {
      await sendAll(peer, socket, ['a', '', 'b']);
      await waitFor(() => seen.length === 3 * (round + 1), 'the datagrams');
    }
    assert.deepEqual(seen.slice(0, 3), ['a', '', 'b']);
    assert.ok(errors.length >= 3);
    assert.ok(errors.every((error) => error === 10035));
  });

  it(`${MAX} bytes arrive whole`, async () => {
    let got: Buffer | null = null;
    const { send } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => {
        got = receiver.ReceiveTB();
      };
    });
    const data = Buffer.alloc(MAX, 'abcdefghijk');
    await send(data);
    await waitFor(() => got !== null, 'the datagram');
    assert.ok(data.equals(got!));
  });

  for (const name of ['Receive', 'ReceiveFrom'] as const) {
    it(`${name} with a buffer too small: -1 and 10040, what fits is there, the rest is gone`, async () => {
      const lines: string[] = [];
      const { socket, peer } = await pairUdp((receiver) => {
        const buffer = Buffer.alloc(4);
        const from = new TSockAddr();
        receiver.OnDataAvailable = () => {
          const size =
            name === 'Receive' ? receiver.Receive(buffer) : receiver.ReceiveFrom(buffer, 4, from);
          lines.push(`${size} ${receiver.LastError} ${buffer.toString('latin1')} ${from.Port}`);
        };
      });
      const port = name === 'Receive' ? 0 : peer.port;
      await sendAll(peer, socket, ['too long', 'four', 'too long again', 'last']);
      await waitFor(() => lines.length >= 4, 'four datagrams');

      assert.deepEqual(lines, [
        `-1 10040 too  ${port}`,
        `4 0 four ${port}`,
        `-1 10040 too  ${port}`,
        `4 0 last ${port}`,
      ]);
      assert.equal(socket.State, wsConnected);
    });
  }

  it('wsoNoReceiveLoop: one datagram per event, all of them in order', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.ComponentOptions.add(wsoNoReceiveLoop);
      receiver.OnDataAvailable = () => seen.push(receiver.ReceiveStr());
    });
    const texts = Array.from({ length: 100 }, (_, i) => `number ${i}`);
    await sendAll(peer, socket, texts);
    await waitFor(() => seen.length === texts.length, 'all datagrams');
    assert.deepEqual(seen, texts);
  });

  it('PeekData leaves the datagram, for any number of looks', async () => {
    const seen: number[] = [];
    const { socket, send } = await pairUdp((receiver) => {
      const buffer = Buffer.alloc(10);
      receiver.OnDataAvailable = () => {
        for (let look = 0; look < 3; look++) seen.push(receiver.PeekData(buffer));
        seen.push(receiver.ReadCount);
        seen.push(receiver.Receive(buffer));
        seen.push(receiver.PeekData(buffer));
      };
    });
    await send('hello');
    await waitFor(() => seen.length >= 6, 'the datagram');
    assert.deepEqual(seen, [5, 5, 5, 0, 5, -1]);
    assert.equal(socket.ReadCount, 5);
  });

  it('without a handler datagrams are thrown away and counted', async () => {
    const { socket, peer } = await pairUdp();
    await sendAll(peer, socket, ['abc', '', 'de', '']);
    await waitFor(() => socket.ReadCount === 5, 'the count');
    assert.equal(socket.RcvdCount, 0);

    let text = '';
    socket.OnDataAvailable = () => {
      text = socket.ReceiveStr();
    };
    await peer.send('now', Number(socket.GetXPort()));
    await waitFor(() => text === 'now', 'a datagram');
  });

  it('Pause keeps datagrams in the kernel; Resume reports them without a new one', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => seen.push(receiver.ReceiveStr());
    });
    socket.Pause();
    await sendAll(peer, socket, ['a', 'b']);
    await drained();
    assert.deepEqual(seen, []);

    socket.Resume();
    await waitFor(() => seen.length === 2, 'both');
    assert.deepEqual(seen, ['a', 'b']);
  });

  it('Pause inside the handler stops behind that datagram', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => {
        seen.push(receiver.ReceiveStr());
        receiver.Pause();
      };
    });
    await sendAll(peer, socket, ['a', 'b', 'c']);
    for (const expected of ['a', 'ab', 'abc']) {
      await waitFor(() => seen.join('') === expected, expected);
      await drained();
      assert.equal(seen.join(''), expected);
      socket.Resume();
    }
  });

  it('ThreadDetach and ThreadAttach lose nothing', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => seen.push(receiver.ReceiveStr());
    });
    socket.ThreadDetach();
    await sendAll(peer, socket, ['a', 'b']);
    await drained();
    assert.deepEqual(seen, []);
    socket.ThreadAttach();
    await waitFor(() => seen.length === 2, 'both');
  });

  it('reading later, outside the event, is told of what follows', async () => {
    const seen: string[] = [];
    let events = 0;
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => {
        if (++events > 1) seen.push(receiver.ReceiveStr());
      };
    });
    await sendAll(peer, socket, ['a', 'b', 'c']);
    await waitFor(() => events >= 1, 'the event');
    await drained();
    seen.push(socket.ReceiveStr());
    await waitFor(() => seen.length === 3, 'the others');
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  it('LineMode means nothing to datagrams and hides none', async () => {
    const seen: string[] = [];
    const { socket, peer } = await pairUdp((receiver) => {
      receiver.OnDataAvailable = () => seen.push(receiver.ReceiveStr());
    });
    socket.LineMode = true;
    await sendAll(peer, socket, ['one\r\ntwo', 'three\r\n']);
    await waitFor(() => seen.length === 2, 'both');
    assert.deepEqual(seen, ['one\r\ntwo', 'three\r\n']);
  });
});
