// Names looked up by the package's own threads; the answers come through the pump.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { SetMinMaxIcsAsyncDnsLookupThreads, TIcsWndControl } from '../../lib';
import { cancelLookup, startLookup, startReverseLookup } from '../../lib/pump/lookups';
import { track, waitFor } from '../support';
import { startWorker } from '../support/runScript';

type Version = 0 | 4 | 6;
interface Answer {
  error: number;
  results: string[];
}

/** A name server that does not answer is given up after some time only. */
const RESOLVER_MS = 25_000;

function lookUp(name: string, version: Version): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const id = startLookup(name, version, (error, results) => resolve({ error, results }));
    if (id <= 0) reject(new Error(`not started: ${id}`));
  });
}

function pumpUntil(fact: () => boolean): void {
  const control = track(new TIcsWndControl());
  const deadline = Date.now() + 5000;
  while (!fact() && Date.now() < deadline) control.ProcessMessages();
  assert.ok(fact(), 'no answer within five seconds of pumping');
}

describe('A name lookup', () => {
  it('finds the addresses of localhost', async () => {
    const four = await lookUp('localhost', 4);
    assert.equal(four.error, 0);
    assert.ok(four.results.includes('127.0.0.1'), four.results.join());
    const any = await lookUp('localhost', 0);
    assert.ok(any.results.includes('127.0.0.1') || any.results.includes('::1'));
    assert.equal(new Set(any.results).size, any.results.length);
  });

  it('gives only addresses of the wanted family', async () => {
    assert.deepEqual(await lookUp('::1', 6), { error: 0, results: ['::1'] });
    assert.deepEqual(await lookUp('::1', 0), { error: 0, results: ['::1'] });
    const wrong = await lookUp('::1', 4);
    assert.ok(wrong.error >= 11001 && wrong.error <= 11004, String(wrong.error));
    assert.deepEqual(wrong.results, []);
    const six = await lookUp('localhost', 6); // not every machine has one
    assert.ok(six.results.every((text) => text.includes(':')));
    assert.equal(six.error === 0, six.results.length > 0);
  });

  it('of a name that does not exist ends with a Windows resolver error', async () => {
    let answer: Answer | undefined;
    // The leading hyphen makes the system refuse it without asking a name server.
    startLookup('-no-such-name.invalid', 4, (error, results) => (answer = { error, results }));
    await waitFor(() => answer !== undefined, 'the answer', RESOLVER_MS);
    assert.ok([11001, 11002].includes(answer!.error), String(answer!.error));
    assert.deepEqual(answer!.results, []);
  });

  it('of what can be no name is WSAHOST_NOT_FOUND, later like every answer', async () => {
    for (const name of ['', 'local\0host', '127.0.0.1\0', 'a'.repeat(10_000), 'é'.repeat(10_000)])
      assert.deepEqual(await lookUp(name, 0), { error: 11001, results: [] }, name.slice(0, 12));
  });

  it('never answers from inside startLookup', async () => {
    const log: string[] = [];
    startLookup('', 0, () => log.push('answer'));
    log.push('started');
    await waitFor(() => log.length === 2, 'the answer');
    assert.deepEqual(log, ['started', 'answer']);
  });
});

describe('A reverse lookup', () => {
  it('gives the name of an address or a resolver error', async () => {
    let answer: Answer | undefined;
    startReverseLookup('127.0.0.1', (error, results) => (answer = { error, results }));
    await waitFor(() => answer !== undefined, 'the answer', RESOLVER_MS);
    if (answer!.error === 0) assert.match(answer!.results.join(), /^[\w.-]+$/);
    else assert.ok(answer!.error >= 11001 && answer!.error <= 11004);
  });

  it('of a text that is no address is refused at once', () => {
    for (const text of ['', 'localhost', '127.0.0.1\0', '1.2.3', '::g'])
      assert.ok(startReverseLookup(text, () => assert.fail('answered')) < 0, text);
  });
});

describe('Many lookups', () => {
  it('are each answered once, with their own answer', async () => {
    const answers: string[][] = Array.from({ length: 1000 }, () => []);
    answers.forEach((got, i) =>
      startLookup(`10.1.${i >> 8}.${i & 255}`, 4, (error, results) => got.push(...results)),
    );
    await waitFor(() => answers.every((got) => got.length > 0), '1000 answers');
    answers.forEach((got, i) => assert.deepEqual(got, [`10.1.${i >> 8}.${i & 255}`]));
  });

  it('beyond the limit are refused; those that were started are answered', async () => {
    let answered = 0;
    const ids: number[] = [];
    for (let i = 0; i < 9000; i++) ids.push(startLookup('', 0, () => answered++));
    const started = ids.filter((id) => id > 0);
    assert.equal(new Set(started).size, started.length);
    assert.ok(started.length >= 4096 && started.length <= 8192, `${started.length} started`);
    await waitFor(() => answered === started.length, 'all answers');
    assert.equal((await lookUp('127.0.0.1', 4)).error, 0);
    assert.equal(answered, started.length);
  });
});

describe('cancelLookup', () => {
  it('lets no answer through, whether the lookup waits, runs or has arrived', async () => {
    const wrong = (): never => assert.fail('answered');
    const ids = Array.from({ length: 500 }, () => startLookup('127.0.0.1', 4, wrong));
    for (const id of ids) assert.equal(cancelLookup(id), true);
    for (const id of ids) assert.equal(cancelLookup(id), false);
    assert.equal(cancelLookup(0), false);
    for (let i = 0; i < 20; i++) await lookUp('127.0.0.1', 4);
  });

  it('in the answer of another one of the same batch takes effect at once', async () => {
    const answered: number[] = [];
    const ids: number[] = [];
    for (let i = 0; i < 100; i++) {
      const id = startLookup('', 0, () => {
        answered.push(id);
        for (const other of ids) if (other !== id) cancelLookup(other);
      });
      ids.push(id);
    }
    await waitFor(() => answered.length > 0, 'the first answer');
    await lookUp('127.0.0.1', 4);
    assert.equal(answered.length, 1);
  });

  it('of an answered lookup is without effect', async () => {
    let id = 0;
    await new Promise<void>((resolve) => {
      id = startLookup('127.0.0.1', 4, () => {
        assert.equal(cancelLookup(id), false);
        resolve();
      });
    });
    assert.equal(cancelLookup(id), false);
  });
});

describe('Lookups and pumping by hand', () => {
  it('answers arrive inside ProcessMessages', () => {
    const got: string[] = [];
    startLookup('10.0.0.1', 4, (error, results) => got.push(...results));
    pumpUntil(() => got.length > 0);
    assert.deepEqual(got, ['10.0.0.1']);
  });

  it('an answer may pump for the next ones, and start more', () => {
    let inner = 0;
    let done = false;
    startLookup('', 0, () => {
      for (let i = 0; i < 10; i++) startLookup('', 0, () => inner++);
      pumpUntil(() => inner === 10);
      done = true;
    });
    pumpUntil(() => done);
    assert.equal(inner, 10);
  });

  it('more answers than the event queue holds all arrive', () => {
    let answered = 0;
    for (let i = 0; i < 4000; i++) assert.ok(startLookup('', 0, () => answered++) > 0);
    pumpUntil(() => answered >= 4000);
    assert.equal(answered, 4000);
  });

  it('a MessageLoop of a worker wakes for an answer and returns when told by it', async () => {
    const worker = startWorker('lookupWorker', { names: ['10.0.0.1'], loop: true });
    const texts: string[] = [];
    worker.on('message', (text: string) => texts.push(text));
    await once(worker, 'exit');
    assert.deepEqual(texts, ['started', '0 10.0.0.1', 'returned']);
  });
});

describe('SetMinMaxIcsAsyncDnsLookupThreads', () => {
  it('takes any number; lookups go on with one thread at least', async () => {
    const limits: [number, number][] = [
      [0, 0],
      [5, 1],
      [-1, -1],
      [1e9, 1e9],
      [Infinity, 2.5],
    ];
    for (const [min, max] of limits) {
      SetMinMaxIcsAsyncDnsLookupThreads(min, max);
      assert.equal((await lookUp('127.0.0.1', 4)).error, 0, `${min} ${max}`);
    }
    SetMinMaxIcsAsyncDnsLookupThreads(0, 4);
  });

  it('refuses what is no number', () => {
    assert.throws(() => SetMinMaxIcsAsyncDnsLookupThreads(0, NaN), RangeError);
    assert.throws(() => SetMinMaxIcsAsyncDnsLookupThreads('1' as never, 2), /MinThreads/);
  });
});
