// Nonsense given to the members that take bytes, sizes and directions: an exception or the documented
// result, and the connection goes on as if nothing had been called.

import assert from 'node:assert/strict';
import { ESocketException, wsConnected } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { drained, expectEcho, echo } from '../support';
import { attackedServer } from '../support/bystander';
import { pair } from '../support/pair';

const throws = (): never => {
  throw new Error('raised by the argument');
};

/** Values that are neither bytes nor a size. */
const NONSENSE: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '1.5': () => 1.5,
  '2**53': () => 2 ** 53,
  'a BigInt': () => 10n,
  true: () => true,
  'a text': () => 'text',
  'a symbol': () => Symbol('s'),
  'an object': () => ({}),
  'an array': () => [1, 2],
  'an object without prototype': () => Object.create(null) as unknown,
  'an object that raises': () => ({ toString: throws, valueOf: throws }),
  'an object whose length raises': () => Object.defineProperty({}, 'length', { get: throws }),
  'an ArrayBuffer': () => new ArrayBuffer(8),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'a Uint16Array': () => new Uint16Array(8),
  'an object that pretends to be a Uint8Array': () =>
    Object.setPrototypeOf({ length: 5 }, Uint8Array.prototype) as unknown,
  'a Proxy of a Uint8Array': () => new Proxy(new Uint8Array(8), {}),
};

type Call = (client: TWSocketClient, value: never) => unknown;
const data = (): Buffer => Buffer.alloc(4, 'z');

const BYTES: Record<string, Call> = {
  Receive: (client, value) => client.Receive(value),
  PeekData: (client, value) => client.PeekData(value),
  SendTB: (client, value) => client.SendTB(value),
  PutDataInSendBuffer: (client, value) => client.PutDataInSendBuffer(value),
};
const SIZES: Record<string, Call> = {
  Receive: (client, value) => client.Receive(data(), value),
  PeekData: (client, value) => client.PeekData(data(), value),
  Send: (client, value) => client.Send(data(), value),
  PutDataInSendBuffer: (client, value) => client.PutDataInSendBuffer(data(), value),
};

async function connected(): Promise<Awaited<ReturnType<typeof pair>>> {
  const both = await pair(await attackedServer());
  echo(both.client);
  return both;
}

/** Nothing was sent, and both directions work. */
async function expectUnharmed({ peer, client }: Awaited<ReturnType<typeof pair>>): Promise<void> {
  await drained();
  assert.equal(client.State, wsConnected);
  assert.equal(client.WriteCount + client.BufferedByteCount, 0);
  await expectEcho(peer);
}

describe('Nonsense instead of', () => {
  for (const [member, call] of Object.entries(BYTES)) {
    it(`[H-75] the buffer of ${member} raises and changes nothing`, async () => {
      const both = await connected();
      for (const [what, value] of Object.entries(NONSENSE))
        assert.throws(() => call(both.client, value() as never), Error, what);
      await expectUnharmed(both);
    });
  }

  for (const [member, call] of Object.entries(SIZES)) {
    it(`[H-75] the Len of ${member} raises and changes nothing`, async () => {
      const both = await connected();
      for (const [what, value] of Object.entries(NONSENSE)) {
        if (what === 'undefined' || what === 'null') continue; // the same as no Len
        const expected = what === 'an object that raises' ? Error : /TypeError|RangeError/;
        assert.throws(() => call(both.client, value() as never), expected, what);
      }
      await expectUnharmed(both);
    });
  }

  it('[H-75] a byte for Send raises and sends nothing', async () => {
    const both = await connected();
    for (const value of [-1, 256, 1.5, NaN, Infinity, 2 ** 53])
      assert.throws(() => both.client.Send(value), RangeError, String(value));
    await expectUnharmed(both);
  });

  it('[H-75] a direction for Shutdown raises 10022, and both directions stay open', async () => {
    const both = await connected();
    for (const [what, value] of Object.entries(NONSENSE))
      assert.throws(() => both.client.Shutdown(value() as number), ESocketException, what);
    assert.equal(both.client.LastError, 10022);
    await expectUnharmed(both);
  });

  it('[H-75] a component for FreeNotification raises, and Free still frees', async () => {
    const { client, peer } = await connected();
    for (const [what, value] of Object.entries(NONSENSE))
      assert.throws(() => client.FreeNotification(value() as never), TypeError, what);
    client.Free();
    assert.equal(await peer.closed(), 'end');
  });
});

type Resizable = new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & {
  resize(length: number): void;
};

function detached(): Uint8Array {
  const bytes = new Uint8Array(64);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** A view of a buffer that was made smaller afterwards. */
function resized(begin: number, length?: number): Uint8Array {
  const buffer = new (ArrayBuffer as unknown as Resizable)(64, { maxByteLength: 128 });
  const bytes = new Uint8Array(buffer, begin, length);
  buffer.resize(8);
  return bytes;
}

describe('A Uint8Array without its memory', () => {
  const views = { detached, 'out of bounds': () => resized(32, 16) };
  for (const [what, view] of Object.entries(views)) {
    it(`[H-75] (${what}) has no bytes to send and no room to receive`, async () => {
      const both = await connected();
      const { client } = both;
      assert.equal(client.Send(view()), 0);
      assert.equal(client.SendTB(view()), 0);
      client.PutDataInSendBuffer(view());
      assert.equal(client.Receive(view()), 0);
      for (const call of [
        () => client.Send(view(), 4),
        () => client.Receive(view(), 4),
        () => client.PeekData(view(), 4),
      ])
        assert.throws(call, RangeError);
      await expectUnharmed(both);
    });
  }

  it('[H-75] (shrunk) sends what is left of it; shared memory is sent as well', async () => {
    const { client, peer } = await connected();
    assert.equal(client.Send(resized(0).fill(120)), 8);
    assert.equal(client.Send(new Uint8Array(new SharedArrayBuffer(4)).fill(121)), 4);
    assert.equal((await peer.read(12)).toString('latin1'), 'xxxxxxxxyyyy');
    await expectEcho(peer);
  });
});
