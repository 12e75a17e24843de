// Output that is put into the send buffer while the connection is still on its way.

import assert from 'node:assert/strict';
import { wsConnecting } from '../../lib';
import { freePort, waitFor } from '../support';
import { closed, connected, newClient, startTarget } from './connecting';

describe('PutDataInSendBuffer while connecting', () => {
  it('goes out behind OnSessionConnected, before what is sent then', async () => {
    let got = '';
    const { port } = await startTarget((socket) =>
      socket.on('data', (data) => {
        got += data.toString();
      }),
    );
    const client = newClient(port);
    client.OnSessionConnected = () => client.SendStr('c');
    client.Connect();
    assert.equal(client.State, wsConnecting);

    client.PutDataInSendBuffer(Buffer.from('a'));
    client.PutStringInSendBuffer('b');
    assert.equal(client.BufferedByteCount, 2);
    await connected(client);
    await waitFor(() => got.length >= 3, 'the bytes');

    assert.equal(got, 'abc');
    assert.equal(client.BufferedByteCount, 0);
    assert.equal(client.WriteCount, 3);
  });

  it('goes out even if nothing else is sent, also when it is large', async () => {
    let got = 0;
    const { port } = await startTarget((socket) =>
      socket.on('data', (data) => {
        got += data.length;
      }),
    );
    const client = newClient(port);
    client.Connect();
    client.PutDataInSendBuffer(Buffer.alloc(300_000, 'x'));
    client.PutStringInSendBuffer('y'.repeat(100_000));
    await waitFor(() => got === 400_000, 'the bytes');
  });

  it('Flush waits for the connection; a refused one drops and counts the bytes', async () => {
    const client = newClient(await freePort());
    client.Connect();
    client.PutStringInSendBuffer('lost');
    client.Flush();
    await closed(client);

    assert.equal(client.DroppedByteCount, 4);
    assert.equal(client.BufferedByteCount, 0);
  });

  it('Send itself raises 10057 and leaves the attempt alone', async () => {
    const { port } = await startTarget();
    const client = newClient(port);
    client.Connect();
    assert.throws(() => client.SendStr('early'), { ErrorCode: 10057 });
    await connected(client);
  });
});
