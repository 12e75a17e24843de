// DnsLookup by itself: literals, names, cancelling.

import assert from 'node:assert/strict';
import { TWSocket, sfAny, sfAnyIPv4, sfAnyIPv6, sfIPv4, sfIPv6, wsClosed } from '../../lib';
import { drained, raised, track, waitFor } from '../support';

interface Lookup {
  socket: TWSocket;
  done: number[];
}

function newLookup(props: Partial<TWSocket> = {}): Lookup {
  const socket = Object.assign(track(new TWSocket()), props);
  const done: number[] = [];
  socket.OnDnsLookupDone = (_Sender, ErrCode) => {
    done.push(ErrCode);
  };
  return { socket, done };
}

describe('DnsLookup', () => {
  it('[WS-32] of an IPv4 literal is answered before the call returns', async () => {
    const { socket, done } = newLookup();
    socket.DnsLookup(' 127.0.0.1 ');

    assert.deepEqual(done, [0]);
    assert.equal(socket.DnsResult, '127.0.0.1');
    assert.equal(socket.DnsResultList.Count, 1);
    await drained();
    assert.deepEqual(done, [0]);
    assert.equal(socket.State, wsClosed);
  });

  for (const family of [sfIPv6, sfAny, sfAnyIPv4, sfAnyIPv6]) {
    it(`[WS-32] of an IPv6 literal with family ${family} too`, () => {
      const { socket, done } = newLookup({ SocketFamily: family });
      socket.DnsLookup('::1');
      assert.deepEqual(done, [0]);
      assert.equal(socket.DnsResult, '::1');
    });
  }

  for (const [literal, family] of [
    ['::1', sfIPv4],
    ['127.0.0.1', sfIPv6],
  ] as const) {
    it(`[WS-32] of ${literal} with the other family only is an error, not that address`, async () => {
      const { socket, done } = newLookup({ SocketFamily: family });
      socket.DnsLookup(literal);
      await waitFor(() => done.length === 1, 'the answer');
      assert.notEqual(done[0], 0);
      assert.equal(socket.DnsResult, '');
      assert.equal(socket.DnsResultList.Count, 0);
    });
  }

  for (const empty of ['', '   ']) {
    it(`[WS-33] of '${empty}' raises, and OnDnsLookupDone(10022) fires`, () => {
      const { socket, done } = newLookup();
      const error = raised(() => socket.DnsLookup(empty));
      assert.equal(error.message, 'DNS lookup: invalid host name.');
      assert.equal(error.ErrorCode, 10022);
      assert.deepEqual(done, [10022]);
    });
  }

  it('[WS-33] with OnError does not raise', () => {
    const { socket, done } = newLookup();
    socket.OnError = () => done.push(-1);
    socket.DnsLookup('');
    assert.deepEqual(done, [-1, 10022]);
    assert.equal(socket.LastError, 10022);
  });

  it('[WS-34] CancelDnsLookup: OnDnsLookupDone(10004) at once and no answer later', async () => {
    const { socket, done } = newLookup();
    socket.DnsLookup('localhost');
    assert.deepEqual(done, []);

    socket.CancelDnsLookup();
    assert.deepEqual(done, [10004]);

    // A second lookup answers: had the first not been dropped, it would have been before.
    socket.DnsLookup('localhost');
    await waitFor(() => done.length > 1, 'the second answer');
    await drained();
    assert.deepEqual(done, [10004, 0]);
  });

  it('[WS-34] CancelDnsLookup without a lookup does nothing', () => {
    const { socket, done } = newLookup();
    socket.CancelDnsLookup();
    assert.deepEqual(done, []);
    assert.equal(socket.State, wsClosed);
  });

  it('[WS-34] Close cancels too', () => {
    const { socket, done } = newLookup();
    socket.DnsLookup('localhost');
    socket.Close();
    assert.deepEqual(done, [10004]);
  });

  it('a second DnsLookup drops the first silently', async () => {
    const { socket, done } = newLookup();
    socket.DnsLookup('localhost');
    socket.DnsLookup('127.0.0.2');
    assert.deepEqual(done, [0]);
    await drained();
    assert.deepEqual(done, [0]);
    assert.equal(socket.DnsResult, '127.0.0.2');
    assert.equal(socket.DnsResultList.Count, 1);
  });

  it('of localhost answers later, with a literal', async () => {
    const { socket, done } = newLookup();
    socket.DnsLookup('localhost');
    assert.deepEqual(done, []);
    await waitFor(() => done.length === 1, 'the answer');
    assert.deepEqual(done, [0]);
    assert.equal(socket.DnsResult, '127.0.0.1');
    assert.equal(socket.DnsResultList.Count, 1);
    assert.equal(socket.State, wsClosed);
  });

  it('a socket freed during a lookup hears nothing more', async () => {
    const { socket, done } = newLookup();
    socket.DnsLookup('localhost');
    socket.Free();
    const other = newLookup();
    other.socket.DnsLookup('localhost');
    await waitFor(() => other.done.length === 1, 'the answer of another socket');
    await drained();
    assert.deepEqual(done, []);
  });

  it('200 lookups of 200 sockets at once are all answered', async () => {
    const lookups = Array.from({ length: 200 }, () => newLookup());
    for (const { socket } of lookups) socket.DnsLookup('localhost');
    await waitFor(() => lookups.every(({ done }) => done.length === 1), 'all answers', 20_000);
    for (const { done } of lookups) assert.deepEqual(done, [0]);
  });

  it('an exception in OnDnsLookupDone goes to OnBgException', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      const { socket } = newLookup();
      const caught: unknown[] = [];
      const boom = new Error('boom');
      socket.OnDnsLookupDone = () => {
        throw boom;
      };
      socket.OnBgException = (_Sender, E) => {
        caught.push(E);
      };
      socket.DnsLookup(host);
      await waitFor(() => caught.length === 1, 'OnBgException');
      assert.deepEqual(caught, [boom]);
    }
  });
});

describe('ReverseDnsLookup', () => {
  for (const text of ['', 'localhost', '1.2.3']) {
    it(`of '${text}' raises, and OnDnsLookupDone(10022) fires`, () => {
      const { socket, done } = newLookup();
      const { message } = raised(() => socket.ReverseDnsLookup(text));
      assert.equal(message, 'Reverse DNS Lookup: Invalid host name.');
      assert.deepEqual(done, [10022]);
    });
  }

  it('of 127.0.0.1 gives a name, later', async () => {
    const { socket, done } = newLookup();
    socket.ReverseDnsLookup('127.0.0.1');
    assert.deepEqual(done, []);
    await waitFor(() => done.length === 1, 'the answer');
    assert.deepEqual(done, [0]);
    assert.match(socket.DnsResult, /[a-z]/);
  });
});
