// Whatever way an application sends, and however slowly the peer reads: everything accepted arrives,
// in order, and the counters say so at every moment.

import assert from 'node:assert/strict';
import { connect as netConnect } from 'node:net';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { ESocketException } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { onCleanup, portOf, startServer, waitFor } from '../support';
import { pattern } from '../socket/accepted';
import { check, DEADLINE_MS, TEST_TIMEOUT_MS } from './properties';

const BYTES = pattern(200 * 1024);
const ENDS = ['Shutdown', 'CloseDelayed', 'Shutdown, CloseDelayed'] as const;
const BY_SIZE = ['Send', 'SendTB', 'PutDataInSendBuffer', 'SendStrA'] as const;
const BY_TEXT = ['SendStr', 'SendLine', 'PutStringInSendBuffer', 'Text'] as const;

type Op =
  | { op: (typeof BY_SIZE)[number]; size: number }
  | { op: (typeof BY_TEXT)[number]; text: string; times: number }
  | { op: 'byte'; value: number }
  | { op: 'LineEnd'; value: string }
  | { op: 'CoalesceSends'; value: boolean }
  | { op: 'ProcessMessages' };

interface Scenario {
  /** Each group runs in one go: in the handler of a byte the peer sends, or outside. */
  groups: { inHandler: boolean; ops: Op[] }[];
  end: (typeof ENDS)[number];
  reader: { chunk: number; pauses: number[] };
  /** The kernel takes little at once, so that the send queue is used. */
  smallBuffer: boolean;
}

/** A peer that takes at most `chunk` bytes at a time and rests for so many turns in between. */
class SlowPeer {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  ended = false;
  #reads = 0;

  constructor(port: number, { chunk, pauses }: Scenario['reader']) {
    const rest = (turns: number): void => {
      if (turns <= 0) this.socket.resume();
      else setImmediate(() => rest(turns - 1));
    };
    const callback = (count: number, buffer: Uint8Array): boolean => {
      this.chunks.push(Buffer.from(buffer.subarray(0, count)));
      const turns = pauses[this.#reads++ % Math.max(pauses.length, 1)] ?? 0;
      if (turns > 0) rest(turns);
      return turns === 0;
    };
    const onread = { buffer: Buffer.alloc(chunk), callback };
    const options = { port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true, onread };
    this.socket = netConnect(options as Parameters<typeof netConnect>[0] & object);
    this.socket.on('end', () => (this.ended = true));
    onCleanup(() => this.socket.destroy());
  }
}

/** Sends by any member and keeps the account. */
class Sending {
  readonly expected: Buffer[] = [];
  accepted = 0;
  reported = 0;
  readonly #client: TWSocketClient;

  constructor(client: TWSocketClient) {
    this.#client = client;
    client.OnSendData = (_sender, count) => {
      assert.ok(count > 0);
      this.reported += count;
    };
  }

  run(op: Op): void {
    switch (op.op) {
      case 'LineEnd':
        this.#client.LineEnd = op.value;
        break;
      case 'CoalesceSends':
        this.#client.CoalesceSends = op.value;
        break;
      case 'ProcessMessages':
        this.#client.ProcessMessages();
        break;
      case 'byte':
        this.#sent(this.#client.Send(op.value), Buffer.from([op.value]));
        break;
      default:
        if ('size' in op) this.#sendBytes(op.op, op.size);
        else this.#sendText(op.op, op.text.repeat(op.times));
    }
    this.balance();
  }

  balance(): void {
    const client = this.#client;
    assert.equal(client.WriteCount + client.BufferedByteCount, this.accepted);
    assert.equal(client.WriteCount, this.reported);
    assert.equal(client.AllSent, client.BufferedByteCount === 0);
  }

  // The buffer is overwritten at once: whoever sends may use it again.
  #sendBytes(how: (typeof BY_SIZE)[number], size: number): void {
    const client = this.#client;
    const data = BYTES.subarray(size % 7, size);
    const copy = Buffer.from(data);
    if (how === 'PutDataInSendBuffer') client.PutDataInSendBuffer(copy);
    const result =
      how === 'PutDataInSendBuffer'
        ? copy.length
        : how === 'SendStrA'
          ? client.SendStrA(copy.toString('latin1'))
          : client[how](copy);
    copy.fill(0);
    this.#sent(result, data);
  }

  #sendText(how: (typeof BY_TEXT)[number], text: string): void {
    const client = this.#client;
    const ends = how === 'SendLine' && text !== '';
    const end = Buffer.from(ends ? client.LineEnd : '', 'latin1');
    const bytes = Buffer.concat([Buffer.from(text), end]);
    if (how === 'Text') client.Text = text;
    this.#sent(how === 'Text' ? bytes.length : client[how](text), bytes);
  }

  #sent(result: number, bytes: Buffer): void {
    assert.equal(result, bytes.length);
    this.expected.push(bytes);
    this.accepted += bytes.length;
  }
}

const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.nat(300) },
  { weight: 2, arbitrary: fc.nat(9000) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: BYTES.length }) },
);
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constantFrom(...BY_SIZE), size: sizes }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom(...BY_TEXT),
      text: fc.string({ unit: 'binary', maxLength: 10 }),
      times: fc.oneof(fc.constant(1), fc.nat(100), fc.nat(3000)),
    }),
  },
  fc.record({ op: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({
    op: fc.constant('LineEnd' as const),
    value: fc.constantFrom('\r\n', '\n', '\xff\xc3', ''),
  }),
  fc.record({ op: fc.constant('CoalesceSends' as const), value: fc.boolean() }),
  fc.constant({ op: 'ProcessMessages' as const }),
);
const scenarios: fc.Arbitrary<Scenario> = fc.record({
  groups: fc.array(
    fc.record({ inHandler: fc.boolean(), ops: fc.array(op, { maxLength: 8, size: 'max' }) }),
    { maxLength: 6, size: 'max' },
  ),
  end: fc.constantFrom(...ENDS),
  reader: fc.record({
    chunk: fc.constantFrom(65_536, 8192, 1000),
    pauses: fc.array(fc.nat(4), { maxLength: 4 }),
  }),
  smallBuffer: fc.boolean(),
});

function endOutput(client: TWSocketClient, end: Scenario['end']): void {
  if (end !== 'CloseDelayed') {
    client.Shutdown(1);
    assert.throws(() => client.SendStr('too late'), ESocketException);
  }
  if (end !== 'Shutdown') client.CloseDelayed();
}

describe('Property: any sequence of sends', () => {
  it('arrives complete and in order, and is counted right', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const server = startServer();
    const clients = new Map<string, TWSocketClient>();
    server.OnClientConnect = (_server, client) => {
      clients.set(client.PeerPort, client);
    };

    await check(
      scenarios,
      async ({ groups, end, reader, smallBuffer }) => {
        const peer = new SlowPeer(portOf(server), reader);
        const arrived = (): TWSocketClient | undefined =>
          clients.get(String(peer.socket.localPort));
        await waitFor(() => arrived() !== undefined, 'the client', DEADLINE_MS);
        const client = arrived()!;
        if (smallBuffer) client.SocketSndBufSize = 4096;
        const sending = new Sending(client);
        let problem: unknown;
        let done = 0;
        client.OnBgException = (_sender, E) => {
          problem = E;
        };
        client.OnDataAvailable = () => {
          client.Receive(Buffer.alloc(1));
          for (const one of groups[done]!.ops) sending.run(one);
          done++;
        };
        for (const group of groups) {
          if (group.inHandler) {
            const before = done;
            peer.socket.write('!');
            await waitFor(() => done > before || problem !== undefined, 'the handler', DEADLINE_MS);
          } else {
            for (const one of group.ops) sending.run(one);
            done++;
          }
          if (problem !== undefined) throw problem;
          sending.balance();
        }
        endOutput(client, end);
        await waitFor(() => peer.ended, 'the end of the output', 3 * DEADLINE_MS);
        const expected = Buffer.concat(sending.expected);
        const received = Buffer.concat(peer.chunks);
        assert.equal(received.length, expected.length);
        assert.equal(Buffer.compare(received, expected), 0, 'the bytes differ');
        assert.equal(client.WriteCount, expected.length);
        assert.equal(client.DroppedByteCount, 0);
        peer.socket.destroy();
      },
      { batches: 25, together: 6 },
    );
  });
});
