// A handler pauses the server while its next connection is already reported: nothing is accepted
// until Resume.

import assert from 'node:assert/strict';
import { connect, drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

describe('Pause of a server whose next connection is already reported', () => {
  it('[WS-59] accepts nothing until Resume, which accepts it', async () => {
    const log: string[] = [];
    const server = startServer();
    const { peer, client } = await pair(server);
    await drained();
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      server.Pause();
      log.push('paused');
    };
    server.OnSessionAvailable = () => void log.push('OnSessionAvailable');
    server.OnClientConnect = () => void log.push('OnClientConnect');

    // The kernel has both, the bytes first, before the pump looks.
    peer.write('pause');
    const next = connect(server);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    server.ProcessMessages();
    assert.deepEqual(log, ['paused']);
    await next;
    await drained();
    assert.deepEqual(log, ['paused']);
    assert.equal(server.ClientCount, 1);

    server.Resume();
    await waitFor(() => server.ClientCount === 2, 'the second client');
    assert.deepEqual(log, ['paused', 'OnSessionAvailable', 'OnClientConnect']);
  });
});
