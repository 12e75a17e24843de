// Values that are no texts, given to the members that send text: sent as String() shows them, or the
// value's own exception; the connection goes on. And handlers that throw such values.

import assert from 'node:assert/strict';
import { wsConnected } from '../../lib';
import type { TWSocketClient } from '../../lib';
import { connect, drained, echo, expectEcho, startServer, waitFor } from '../support';
import { attackedServer } from '../support/bystander';
import { pair, tryConnect } from '../support/pair';

type Call = (client: TWSocketClient, value: string) => unknown;
const MEMBERS: Record<string, Call> = {
  SendStr: (client, value) => client.SendStr(value),
  SendStrA: (client, value) => client.SendStrA(value),
  SendLine: (client, value) => client.SendLine(value),
  PutStringInSendBuffer: (client, value) => {
    const result = client.PutStringInSendBuffer(value);
    client.Flush();
    return result;
  },
};
const VALUES = [undefined, null, NaN, 10n, true, Symbol('s'), {}, [1, 2], new Uint8Array(2)];
const RAISING = [
  Object.create(null) as unknown,
  {
    toString: () => {
      throw new Error('raised by toString');
    },
  },
];

describe('A value that is no text', () => {
  for (const [member, call] of Object.entries(MEMBERS)) {
    it(`[H-75] is sent by ${member} as String() shows it`, async () => {
      const { peer, client } = await pair(await attackedServer());
      const end = member === 'SendLine' ? client.LineEnd : '';
      for (const value of VALUES) {
        const text = String(value) + end;
        assert.equal(call(client, value as string), text.length);
        assert.equal((await peer.read(text.length)).toString('latin1'), text);
      }
      assert.equal(client.State, wsConnected);
    });

    it(`[H-75] and cannot become one raises in ${member} and sends nothing`, async () => {
      const { peer, client } = await pair(await attackedServer());
      echo(client);
      for (const value of RAISING) assert.throws(() => call(client, value as string));
      await drained();
      assert.equal(client.WriteCount + client.BufferedByteCount, 0);
      await expectEcho(peer);
    });
  }
});

const HANDLERS: Record<string, (client: TWSocketClient, value: unknown) => void> = {
  OnDataAvailable: (client, value) => {
    client.OnDataAvailable = () => {
      throw value;
    };
  },
  'OnDataAvailable, asynchronously,': (client, value) => {
    client.OnDataAvailable = async () => {
      await Promise.resolve();
      throw value;
    };
  },
  OnDataSent: (client, value) => {
    client.OnDataSent = () => {
      throw value;
    };
    client.OnDataAvailable = () => void client.Send(client.ReceiveTB());
  },
};

describe('A value without text', () => {
  for (const [handler, assign] of Object.entries(HANDLERS)) {
    it(`thrown in ${handler} aborts the connection, and the server goes on`, async () => {
      const server = startServer();
      const seen: string[] = [];
      server.OnClientConnect = (_server, client) => {
        echo(client);
        if (seen.length === RAISING.length) return;
        client.OnBgException = (_sender, E) => {
          seen.push(E.message);
        };
        assign(client, RAISING[seen.length]);
      };
      for (let round = 1; round <= RAISING.length; round++) {
        const peer = await tryConnect(server);
        peer?.write('x');
        await waitFor(() => seen.length === round, 'OnBgException');
        await waitFor(() => server.ClientCount === 0, 'the client to go');
        await peer?.closed();
      }
      await expectEcho(await connect(server));
    });
  }
});
