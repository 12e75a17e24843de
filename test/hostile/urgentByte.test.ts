// A peer sends urgent (out-of-band) bytes: the system keeps them out of the stream, and the bytes
// around them arrive complete and in order, also when a FIN follows at once.

import assert from 'node:assert/strict';
import type { TWSocketClient, TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, portOf, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';
import { python, skipWithoutPython } from '../support/python';

// Arguments: port, then texts; one beginning with "!" is sent as urgent data. At the end the peer
// closes its sending side and tells how the server ended its own.
const SENDER = `
import socket, sys
s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for text in sys.argv[2:]:
    if text.startswith('!'):
        s.send(text[1:].encode(), socket.MSG_OOB)
    else:
        s.sendall(text.encode())
s.shutdown(socket.SHUT_WR)
s.settimeout(10)
try:
    while s.recv(4096):
        pass
    print('FIN')
except ConnectionResetError:
    print('RST')
`;

interface Received {
  server: TWSocketServer;
  texts: string[];
  endings: number[];
  /** How the server ended its side: FIN or RST. */
  ended: string;
}

type Reader = (Client: TWSocketClient) => string;

/** How a handler may read. */
const READERS: Record<string, Reader> = {
  ReceiveStr: (Client) => Client.ReceiveStr(),
  ReceiveStrA: (Client) => Client.ReceiveStrA(),
  ReceiveTB: (Client) => Client.ReceiveTB().toString('latin1'),
  Receive: (Client) => {
    const bytes = Buffer.alloc(1024);
    return bytes.toString('latin1', 0, Math.max(Client.Receive(bytes), 0));
  },
  'Receive of two bytes': (Client) => {
    const bytes = Buffer.alloc(2);
    return bytes.toString('latin1', 0, Math.max(Client.Receive(bytes), 0));
  },
};

async function startReceiving(
  read: Reader,
  prepare: (Client: TWSocketClient) => void,
): Promise<Received> {
  const received: Received = {
    server: await attackedServer(),
    texts: [],
    endings: [],
    ended: '',
  };
  received.server.OnClientConnect = (_Sender, Client) => {
    prepare(Client);
    Client.OnDataAvailable = () => void received.texts.push(read(Client));
    Client.OnSessionClosed = (_Socket, Error) => void received.endings.push(Error);
  };
  return received;
}

/** The peer sends its parts while the server looks, or before it looks for the first time. */
async function receiveParts(
  parts: string[],
  late: boolean,
  read: Reader,
  prepare: (Client: TWSocketClient) => void = () => undefined,
): Promise<Received> {
  const received = await startReceiving(read, (Client) => {
    prepare(Client);
    if (late) Client.Pause();
  });
  const { server } = received;
  const sent = python(SENDER, String(portOf(server)), ...parts);
  if (late) {
    await waitFor(() => visitors(server).length === 1, 'the client');
    const size = parts.join('').length;
    // The kernel reports only what lies before the urgent byte, so time must tell.
    await new Promise((resolve) => setTimeout(resolve, 100 + size));
    visitors(server)[0]!.Resume();
  }
  await waitFor(() => received.endings.length === 1, 'the end of the session', 8000);
  received.ended = (await sent).trim();
  return received;
}

const SEQUENCES: Record<string, [parts: string[], inLine: string]> = {
  'in the middle': [['abc', '!X', 'def'], 'abcdef'],
  'as the first byte': [['!X', 'abcdef'], 'abcdef'],
  'as the last byte': [['abcdef', '!X'], 'abcdef'],
  'at the end of a longer urgent send': [['abc', '!deX', 'f'], 'abcdef'],
};

describe('An urgent byte', function () {
  this.timeout(30_000);
  before(skipWithoutPython);

  for (const [where, [parts, inLine]] of Object.entries(SEQUENCES)) {
    for (const late of [false, true]) {
      const when = late ? ', all of it and the FIN there before the first read' : '';
      it(`[H-30] ${where}${when}: the other bytes arrive, then OnSessionClosed(0)`, async () => {
        const { texts, endings, ended } = await receiveParts(parts, late, READERS['ReceiveStr']!);
        assert.equal(texts.join(''), inLine);
        assert.deepEqual(endings, [0]);
        assert.equal(ended, 'FIN');
      });
    }
  }

  for (const [name, read] of Object.entries(READERS)) {
    it(`[H-30] read with ${name}, all of it there before the first read`, async () => {
      const { texts, endings } = await receiveParts(['abc', '!X', 'def'], true, read);
      assert.equal(texts.join(''), 'abcdef');
      assert.deepEqual(endings, [0]);
    });
  }

  for (const late of [false, true]) {
    it(`[H-30] in a line (${late ? 'read late' : 'read at once'}): LineMode joins what is around it`, async () => {
      const { texts, endings } = await receiveParts(
        ['one\r\ntw', '!X', 'o\r\nthree\r\n'],
        late,
        READERS['ReceiveStr']!,
        (Client) => {
          Client.LineMode = true;
        },
      );
      assert.deepEqual(texts, ['one\r\n', 'two\r\n', 'three\r\n']);
      assert.deepEqual(endings, [0]);
    });
  }

  it('[H-30] of one client does not disturb another', async () => {
    const server = await attackedServer({ OnClientConnect: (_Sender, Client) => echo(Client) });
    const peer = await connect(server);
    await expectEcho(peer);
    await python(SENDER, String(portOf(server)), 'abc', '!X', 'def');
    await expectEcho(peer);
    await waitFor(() => visitors(server).length === 1, 'the sender to leave');
  });
});
