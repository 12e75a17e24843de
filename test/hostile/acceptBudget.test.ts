// AcceptBudget: while hundreds of connections wait, a client that talks is served in every turn of
// the loop, not behind all of them.

import assert from 'node:assert/strict';
import { wsListening } from '../../lib';
import { connect, echo, expectEcho, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

const FLOOD = 300;

/** The connections taken between two messages of the active client, while 300 are waiting. */
async function acceptsBetweenMessages(AcceptBudget?: number): Promise<number[]> {
  const server = startServer(AcceptBudget === undefined ? {} : { AcceptBudget });
  const { peer, client } = await pair(server);
  const between: number[] = [];
  let accepted = 0;
  let sinceLast = 0;
  server.OnClientConnect = () => {
    accepted++;
    sinceLast++;
  };
  client.OnDataAvailable = () => {
    between.push(sinceLast);
    sinceLast = 0;
    client.SendStr(client.ReceiveStr());
  };
  // The peer answers each echo at once: it has a message for every turn.
  peer.socket.on('data', () => peer.write('x'));

  server.Pause();
  for (let i = 0; i < FLOOD; i++) await connect(server);
  peer.write('x');
  await waitFor(() => between.length > 10, 'the active client to be served before the flood');
  between.length = sinceLast = 0;
  server.Resume();
  await waitFor(() => accepted === FLOOD, 'the flood to be accepted');
  between.push(sinceLast);
  peer.socket.removeAllListeners('data');
  assert.equal(server.ClientCount, FLOOD + 1);
  return between;
}

describe('AcceptBudget', function () {
  this.timeout(20_000);

  for (const budget of [1, 4, 32]) {
    it(`[H-06] ${budget}: the active client is served in every turn of the flood`, async () => {
      const between = await acceptsBetweenMessages(budget);

      // A turn may fall between a message and its echo, so a second one can go by.
      const most = Math.max(...between);
      assert.ok(most <= 3 * budget, `${most} connections were taken before the active client`);
      assert.ok(between.length >= FLOOD / (3 * budget), `${between.length} messages`);
    });
  }

  it('[H-06] is 256 by default: the whole budget goes by in one turn', async () => {
    assert.equal(startServer().AcceptBudget, 256);

    const between = await acceptsBetweenMessages();

    assert.ok(Math.max(...between) >= FLOOD / 2, between.join(' '));
  });

  it('[H-06] can be changed while connections wait', async () => {
    const server = startServer({ AcceptBudget: 1 });
    server.OnClientConnect = (_Sender, Client) => {
      server.AcceptBudget = 50;
      echo(Client);
    };
    const peers = await Promise.all(Array.from({ length: 100 }, () => connect(server)));
    for (const peer of peers) await expectEcho(peer);
    assert.equal(server.State, wsListening);
    assert.equal(server.ClientCount, 100);
  });
});
