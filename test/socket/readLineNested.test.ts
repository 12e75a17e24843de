// ReadLine inside handlers: of the same socket, of another one, and deeper than pumps may nest.
import assert from 'node:assert/strict';
import { TWSocket, type TVar, type TWSocketClient } from '../../lib';
import { drained, startServer, track, waitFor } from '../support';
import { pairs } from '../support/pair';
import { accepted } from './accepted';
import { inPump } from './timed';

function readLine(client: TWSocketClient, timeout = 5): string {
  const line: TVar<string> = { Value: '' };
  const result = client.ReadLine(timeout, line);
  return result === 0 ? line.Value : `failed ${result}`;
}

describe('ReadLine inside a handler', () => {
  it('of another socket gets its line while that handler waits', async () => {
    const server = startServer();
    const [a, b] = await pairs(server, 2);
    const log: string[] = [];
    a!.client.OnDataAvailable = () => {
      log.push(a!.client.ReceiveStr());
      inPump(30, () => b!.peer.write('answer\r\n'));
      log.push(readLine(b!.client));
    };
    a!.peer.write('question');
    await waitFor(() => log.length === 2, 'both');
    assert.deepEqual(log, ['question', 'answer\r\n']);
  });

  for (const lineMode of [false, true]) {
    const mode = lineMode ? 'line mode' : 'raw mode';
    it(`of the same socket goes on with its own input (${mode})`, async () => {
      const log: string[] = [];
      const { client, peer } = await accepted((newClient) => {
        newClient.LineMode = lineMode;
        newClient.OnDataAvailable = () => {
          const name = readLine(newClient);
          inPump(20, () => peer.write('pass word\r\nrest\r\n'));
          log.push(name, readLine(newClient));
          newClient.OnDataAvailable = () => void log.push(newClient.ReceiveStr());
        };
      });
      peer.write('user\r\n');
      await waitFor(() => log.length === 3, 'three lines');
      await drained();
      assert.deepEqual(log, ['user\r\n', 'pass word\r\n', 'rest\r\n']);
      assert.equal(client.LineMode, lineMode);
    });
  }

  it('of the same socket waits also when the handler has read what was there', async () => {
    const log: string[] = [];
    const { peer } = await accepted((client) => {
      client.OnDataAvailable = () => {
        log.push(client.ReceiveStr());
        inPump(20, () => peer.write('second\r\n'));
        log.push(readLine(client));
      };
    });
    peer.write('first');
    await waitFor(() => log.length === 2, 'both');
    assert.deepEqual(log, ['first', 'second\r\n']);
  });

  it('survives that the client is closed or freed meanwhile', async () => {
    for (const how of ['Close', 'Free'] as const) {
      const log: string[] = [];
      const { server, peer } = await accepted((client) => {
        client.OnDataAvailable = () => {
          log.push(client.ReceiveStr());
          inPump(10, () => client[how]());
          log.push(readLine(client));
        };
      });
      peer.write('x');
      await waitFor(() => server.ClientCount === 0, 'the client gone');
      assert.deepEqual(log, ['x', 'failed 10057']);
    }
  });

  it('fails instead of nesting without end, and the others end when their lines come', async () => {
    const server = startServer();
    const all = await pairs(server, 40);
    const results: string[] = [];
    for (const [i, { client }] of all.entries()) {
      client.OnDataAvailable = () => {
        client.ReceiveStr();
        all[i + 1]?.peer.write('go');
        results.push(readLine(client, -1500));
      };
    }
    all[0]!.peer.write('go');
    await waitFor(() => results.length === 40, 'all handlers', 20_000);
    assert.ok(results.every((result) => result === 'failed 12001'));
  });

  it('in OnClientConnect makes a dialogue as in a program without events', async () => {
    const log: string[] = [];
    const server = startServer({
      OnClientConnect: (_server, client) => {
        client.SendLine('name?');
        log.push(readLine(client));
        client.SendLine(`hello ${log[1]!.trim()}`);
      },
    });
    const caller = track(new TWSocket());
    Object.assign(caller, { Addr: '127.0.0.1', Port: server.GetXPort(), LineMode: true });
    caller.OnDataAvailable = () => {
      log.push(caller.ReceiveStr());
      if (log.length === 1) caller.SendLine('Ada');
    };
    caller.Connect();
    await waitFor(() => log.length === 3, 'the end of the dialogue');
    assert.deepEqual(log, ['name?\r\n', 'Ada\r\n', 'hello Ada\r\n']);
  });
});
