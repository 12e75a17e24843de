// SpinMicroseconds: the thread polls its sockets for a while before it sleeps. It changes nothing
// but latency, belongs to the thread, and ends when nothing happens.

import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { connect, pollsDuring, echo, expectEcho, startServer, track } from '../support';

describe('SpinMicroseconds', () => {
  afterEach(() => {
    new TWSocket().SpinMicroseconds = 0;
  });

  it('is 0 by default; a value is read back and holds for every component of the thread', () => {
    const one = track(new TWSocket());
    const other = track(new TWSocket());
    assert.equal(one.SpinMicroseconds, 0);

    one.SpinMicroseconds = 50;

    assert.equal(one.SpinMicroseconds, 50);
    assert.equal(other.SpinMicroseconds, 50);
    assert.equal(startServer().SpinMicroseconds, 50);
    one.Free();
    assert.equal(other.SpinMicroseconds, 50, 'it outlives the component that set it');
  });

  for (const microseconds of [1, 50, 100_000]) {
    it(`${microseconds}: clients are served, Node’s timers live`, async () => {
      const server = startServer({ SpinMicroseconds: microseconds });
      server.OnClientConnect = (_Sender, Client) => echo(Client);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      try {
        const peers = await Promise.all([1, 2, 3].map(() => connect(server)));
        for (let round = 0; round < 20; round++) for (const peer of peers) await expectEcho(peer);
        server.SpinMicroseconds = 0;
        for (const peer of peers) await expectEcho(peer);
      } finally {
        clearInterval(timer);
      }
      assert.ok(ticks > 0);
    });
  }

  it('50: an idle server sleeps', async () => {
    const server = startServer({ SpinMicroseconds: 50 });
    server.OnClientConnect = (_Sender, Client) => echo(Client);
    await expectEcho(await connect(server));
    const polls = await pollsDuring(300);
    assert.ok(polls < 50, `the idle server polls ${polls} times`);
  });
});
