// Whatever an application does to a connection, in its handler and outside: every byte the peer has
// sent is read once, in order.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { wsoNoReceiveLoop } from '../../lib';
import { check, links, TEST_TIMEOUT_MS } from './properties';
import type { Link } from './properties';

type Op =
  | { op: 'send'; text: string }
  | { op: 'Receive' | 'PeekData' | 'ReceiveTB' | 'Receive later'; count: number }
  | { op: 'LineEnd'; value: string }
  | { op: 'LineMode' | 'NoReceiveLoop'; value: boolean }
  | { op: 'throw' }
  | { op: 'ReceiveStr' | 'ReceiveStrA' | 'Pause' | 'Resume' | 'ProcessMessages' | 'RcvdCount' };
/** What happens outside the handler: an operation, or a turn of Node's loop. */
type Step = Op | 'turn';

interface Scenario {
  handlers: Op[][];
  steps: Step[];
}

/** Thrown by a handler on purpose: the connection goes on. */
class Planned extends Error {}

/** One connection; compares everything read with the stream that was sent, at once. */
class Reading {
  sent = '';
  read = '';
  readonly #link: Link;
  readonly #handlers: readonly Op[][];
  #events = 0;

  constructor(link: Link, handlers: readonly Op[][]) {
    this.#link = link;
    this.#handlers = handlers;
    link.client.LineLimit = 0;
    link.client.OnDataAvailable = () => {
      const ops = this.#handlers[this.#events++] ?? [{ op: 'ReceiveStrA' }];
      for (const op of ops) {
        if (op.op === 'throw') throw new Planned();
        this.run(op);
      }
    };
    const others = link.client.OnBgException;
    link.client.OnBgException = (sender, E, CanClose) => {
      if (E instanceof Planned) CanClose.Value = false;
      else others?.(sender, E, CanClose);
    };
  }

  run(op: Op): void {
    const { client } = this.#link;
    switch (op.op) {
      case 'send': // reaches the kernel inside this call
        this.sent += op.text;
        this.#link.peer.write(op.text);
        return;
      case 'Receive':
        return this.#buffer(op.count, (buffer) => client.Receive(buffer), true);
      case 'Receive later':
        return this.#link.later(() => this.run({ op: 'Receive', count: op.count }));
      case 'PeekData':
        return this.#buffer(op.count, (buffer) => client.PeekData(buffer), false);
      case 'ReceiveTB':
        return this.#took(client.ReceiveTB(op.count).toString('latin1'));
      case 'ReceiveStr':
        return this.#took(client.ReceiveStr());
      case 'ReceiveStrA':
        return this.#took(client.ReceiveStrA());
      case 'LineEnd':
        client.LineEnd = op.value;
        return;
      case 'LineMode':
        client.LineMode = op.value;
        return;
      case 'NoReceiveLoop':
        if (op.value) client.ComponentOptions.add(wsoNoReceiveLoop);
        else client.ComponentOptions.delete(wsoNoReceiveLoop);
        return;
      case 'throw': // nobody would catch it outside a handler
        return;
      case 'RcvdCount':
        assert.ok(client.RcvdCount <= this.sent.length - this.read.length);
        return;
      default:
        client[op.op]();
    }
  }

  /** Reads the rest raw: what was left is reported with the next byte. Then the peer ends. */
  async toTheEnd(): Promise<void> {
    const { client } = this.#link;
    // Of what the core holds, and of what the kernel holds behind it, Receive takes one at a time.
    client.OnDataAvailable = () => this.run({ op: 'Receive', count: 70_000 });
    client.LineMode = false;
    client.Resume();
    this.run({ op: 'send', text: '.' });
    await this.all();
    await this.#link.finish();
  }

  async all(): Promise<void> {
    await this.#link.until(() => this.read.length >= this.sent.length, 'all bytes to be read');
  }

  #buffer(count: number, call: (buffer: Buffer) => number, taken: boolean): void {
    const buffer = Buffer.alloc(count + 2, '#');
    const got = call(buffer.subarray(1, count + 1));
    assert.ok(got >= -1 && got <= count);
    const text = buffer.toString('latin1', 1, 1 + Math.max(got, 0));
    assert.equal(buffer.toString('latin1', 1 + text.length), '#'.repeat(count + 1 - text.length));
    if (taken) this.#took(text);
    else assert.equal(text, this.sent.substr(this.read.length, text.length));
  }

  #took(text: string): void {
    assert.equal(text, this.sent.substr(this.read.length, text.length));
    this.read += text;
  }
}

const lineEnds = fc.constantFrom('\r\n', '\n', 'ab', 'aab', 'a', '', 'bbbbb');
const operations: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    op: fc.constantFrom('Receive' as const, 'PeekData' as const, 'ReceiveTB' as const),
    count: fc.oneof(fc.nat(12), fc.constant(70_000)),
  }),
  fc.record({ op: fc.constant('LineEnd' as const), value: lineEnds }),
  fc.record({
    op: fc.constantFrom('LineMode' as const, 'LineMode' as const, 'NoReceiveLoop' as const),
    value: fc.boolean(),
  }),
  fc.constantFrom(
    { op: 'throw' as const },
    { op: 'ReceiveStr' as const },
    { op: 'ReceiveStrA' as const },
    { op: 'Pause' as const },
    { op: 'Resume' as const },
    { op: 'ProcessMessages' as const },
    { op: 'RcvdCount' as const },
  ),
);
// ReceiveStr keeps bytes as they are in ASCII only; other bytes are for the second test.
const ascii = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', 'x'), maxLength: 20 });
const binary = fc
  .uint8Array({ maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const large = (unit: string): fc.Arbitrary<string> =>
  fc.nat(30_000).map((count) => unit.repeat(count / unit.length));

function scenarios(texts: fc.Arbitrary<string>, others: fc.Arbitrary<Op>): fc.Arbitrary<Scenario> {
  const send = fc.record({ op: fc.constant('send' as const), text: texts });
  const op = fc.oneof({ weight: 1, arbitrary: send }, { weight: 2, arbitrary: others });
  const turn = { weight: 1, arbitrary: fc.constant('turn' as const) };
  return fc.record({
    handlers: fc.array(fc.array(op, { maxLength: 5 }), { maxLength: 15, size: 'max' }),
    steps: fc.array(fc.oneof({ weight: 5, arbitrary: op }, turn), { maxLength: 25, size: 'max' }),
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function readsAll(link: Link, { handlers, steps }: Scenario): Promise<void> {
  const reading = new Reading(link, handlers);
  for (const step of steps) {
    if (step === 'turn') await turn();
    else reading.run(step);
  }
  await reading.toTheEnd();
  assert.equal(reading.read.length, reading.sent.length);
  assert.equal(link.client.ReadCount, reading.sent.length);
}

describe('Property: any sequence of reads, peeks, pauses and line mode switches', () => {
  it('[H-23] loses and repeats no byte of a text', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    const texts = fc.oneof(
      { weight: 12, arbitrary: ascii },
      { weight: 1, arbitrary: large('xyaab\r\n') },
    );
    const holds = async (scenario: Scenario): Promise<void> => readsAll(await open(), scenario);
    await check(scenarios(texts, operations), holds, { batches: 40 });
  });

  it('[H-23] loses and repeats no byte of binary data', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    const bytes = fc.oneof(
      { weight: 6, arbitrary: binary },
      { weight: 6, arbitrary: ascii },
      { weight: 1, arbitrary: large('\xe2\x82\n\xff') },
    );
    const ops = operations.filter((one) => one.op !== 'ReceiveStr');
    const holds = async (scenario: Scenario): Promise<void> => readsAll(await open(), scenario);
    await check(scenarios(bytes, ops), holds, { batches: 40 });
  });
});

describe('Property: a handler that reads something each time', () => {
  it('[WS-72] is called until everything is read, also when it reads later', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const open = await links();
    const op = fc.record({
      op: fc.constantFrom('Receive' as const, 'ReceiveTB' as const, 'Receive later' as const),
      count: fc.integer({ min: 1, max: 40 }),
      pause: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 9),
    });
    const scenario = fc.record({
      ops: fc.array(op, { minLength: 1 }),
      segments: fc.array(fc.oneof(ascii, binary), { maxLength: 8 }),
    });
    const holds = async ({
      ops,
      segments,
    }: typeof scenario extends fc.Arbitrary<infer T> ? T : never): Promise<void> => {
      const link = await open();
      const reading = new Reading(link, []);
      let events = 0;
      link.client.OnDataAvailable = () => {
        const op = ops[events++ % ops.length]!;
        if (op.pause) {
          reading.run({ op: 'Pause' });
          link.later(() => reading.run({ op: 'Resume' }));
        }
        reading.run(op);
      };
      for (const text of segments) {
        reading.run({ op: 'send', text });
        await turn();
      }
      await reading.all();
      await link.finish();
    };
    await check(scenario, holds, { batches: 30 });
  });
});
