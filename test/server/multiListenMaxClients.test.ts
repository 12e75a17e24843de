// MaxClients counts the clients of all listeners together.

import assert from 'node:assert/strict';
import { expectEcho, echo, waitFor } from '../support';
import { connectTo, startMultiServer } from './listeners';

describe('MaxClients of a server with several listeners', () => {
  it('[WSS-36] refuses the third client of two, whatever listener it comes to', async () => {
    const { server, items } = startMultiServer(2, { MaxClients: 2 });
    server.OnClientConnect = (_Sender, Client) => echo(Client);
    const first = await connectTo(items[0]!);
    const second = await connectTo(server);
    await waitFor(() => server.ClientCount === 2, 'two clients');

    const third = await connectTo(items[1]!);

    assert.equal(await third.line(), 'Sorry, too many clients');
    assert.equal(await third.closed(), 'end');
    await expectEcho(first);
    await expectEcho(second);
    await waitFor(() => server.ClientCount === 2, 'the third one gone');
  });

  it('numbers the clients of all listeners in one sequence', async () => {
    const { server, items } = startMultiServer(2);
    const seen: string[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      seen.push(`${Client.CliId} ${Client.MultiListenIdx}`);
    };
    for (const listener of [items[1]!, items[0]!, server, items[1]!]) {
      const before = seen.length;
      await connectTo(listener);
      await waitFor(() => seen.length > before, 'OnClientConnect');
    }
    assert.deepEqual(seen, ['1 1', '2 0', '3 -1', '4 1']);
  });
});
