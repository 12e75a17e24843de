// Assigning a descriptor to HSocket that cannot be adopted: a documented exception, and the socket
// stays as it was.

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { ESocketException, TWSocket, wsClosed, wsConnected } from '../../lib';
import { connect, onCleanup, track } from '../support';
import { attackedServer } from '../support/bystander';
import { pair } from '../support/pair';

function fileDescriptor(): number {
  const fd = openSync(__filename, 'r');
  onCleanup(() => closeSync(fd));
  return fd;
}

function closedDescriptor(): number {
  const fd = openSync(__filename, 'r');
  closeSync(fd);
  return fd;
}

interface Case {
  what: string;
  code: number;
  text: string;
  descriptor: () => number | Promise<number>;
}

const CASES: Case[] = [
  { what: '0', code: 10022, text: 'Invalid argument', descriptor: () => 0 },
  { what: '-1', code: 10022, text: 'Invalid argument', descriptor: () => -1 },
  {
    what: 'a closed descriptor',
    code: 10009,
    text: 'Bad file number',
    descriptor: closedDescriptor,
  },
  {
    what: 'the descriptor of a file',
    code: 10038,
    text: 'Socket operation on non-socket',
    descriptor: fileDescriptor,
  },
  {
    what: 'the descriptor of another TWSocketClient',
    code: 10022,
    text: 'Invalid argument',
    descriptor: async () => (await pair(await attackedServer())).client.HSocket,
  },
  {
    what: 'the descriptor of a listening TWSocketServer',
    code: 10022,
    text: 'Invalid argument',
    descriptor: async () => (await attackedServer()).HSocket,
  },
];

const message = ({ code, text }: Case): string => `${text} (#${code} in Dup)`;

describe('HSocket assigned with a descriptor that cannot be adopted', () => {
  for (const one of CASES) {
    it(`[H-75] ${one.what}: ${one.code} in Dup, the socket stays closed`, async () => {
      const socket = track(new TWSocket());
      let changes = 0;
      socket.OnChangeState = () => void changes++;
      const descriptor = await one.descriptor();
      assert.throws(
        () => {
          socket.HSocket = descriptor;
        },
        (error) => {
          assert.ok(error instanceof ESocketException);
          assert.equal(error.message, message(one));
          assert.equal(error.ErrorCode, one.code);
          assert.equal(error.Func, 'Dup');
          return true;
        },
      );
      assert.equal(socket.State, wsClosed);
      assert.equal(socket.HSocket, -1);
      assert.equal(socket.LastError, one.code);
      assert.equal(changes, 0);
    });

    it(`[H-75] ${one.what}: a connected socket keeps its connection`, async () => {
      const { peer, client } = await pair(await attackedServer());
      const before = client.HSocket;
      const descriptor = await one.descriptor();
      assert.throws(() => client.Dup(descriptor), { message: message(one) });
      assert.equal(client.State, wsConnected);
      assert.equal(client.HSocket, before);
      client.SendStr('still connected');
      await peer.waitText('still connected');
    });
  }

  it('[H-75] the owner of a descriptor that was offered elsewhere goes on working', async () => {
    const server = await attackedServer();
    const { peer, client } = await pair(server);
    const thief = track(new TWSocket());
    for (const descriptor of [client.HSocket, server.HSocket]) {
      assert.throws(() => thief.Dup(descriptor), ESocketException);
    }
    client.SendStr('mine');
    await peer.waitText('mine');
    const next = await connect(server);
    assert.equal(next.isClosed, false);
  });

  it('[H-75] nonsense numbers are refused as well', () => {
    const socket = track(new TWSocket());
    for (const nonsense of [-2, 2 ** 31, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      assert.throws(() => {
        socket.HSocket = nonsense;
      }, ESocketException);
      assert.equal(socket.State, wsClosed);
    }
  });

  it('[H-75] with OnError assigned nothing is raised and the state is unchanged (D16)', () => {
    const socket = track(new TWSocket());
    let errors = 0;
    socket.OnError = () => void errors++;
    socket.HSocket = fileDescriptor();
    assert.equal(errors, 1);
    assert.equal(socket.LastError, 10038);
    assert.equal(socket.State, wsClosed);
    assert.equal(socket.HSocket, -1);
  });
});
