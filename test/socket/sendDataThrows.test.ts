// An exception in OnSendData concerns that event only: what the connection waits for still comes.

import assert from 'node:assert/strict';
import { drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';
import type { TWSocketClient } from '../../lib';

/** OnSendData of the client throws once; the connection stays. */
function throwOnce(client: TWSocketClient): void {
  client.OnBgException = (Sender, E, CanClose) => {
    CanClose.Value = false;
  };
  client.OnSendData = () => {
    client.OnSendData = null;
    throw new Error('raised in OnSendData');
  };
}

describe('An exception in OnSendData', () => {
  it('leaves Send, and OnDataSent comes nevertheless', async () => {
    const { client, peer } = await pair(startServer());
    let sent = 0;
    await drained(); // the OnDataSent of a fresh connection is over
    client.OnDataSent = () => void sent++;
    throwOnce(client);

    assert.throws(() => client.SendStr('text'), /raised in OnSendData/);

    await peer.waitText('text');
    await waitFor(() => sent === 1, 'OnDataSent');
  });

  it('does not stop a CloseDelayed that has to send first', async () => {
    const { client, peer } = await pair(startServer());
    throwOnce(client);
    client.PutStringInSendBuffer('last words');

    client.CloseDelayed();

    await peer.waitText('last words');
    await peer.closed();
  });
});

describe('Shutdown(1) behind a Send of the same event', () => {
  it('[WSS-48] tells OnSendData of the bytes', async () => {
    const { client, peer } = await pair(startServer());
    let written = 0;
    client.OnSendData = (Sender, BytesSent) => void (written += BytesSent);
    client.OnDataAvailable = () => {
      client.ReceiveStr();
      client.SendStr('one ');
      client.SendStr('two');
      client.Shutdown(1);
    };
    peer.write('request');

    await peer.waitText('one two');
    assert.equal(written, 7);
    assert.equal(client.BufferedByteCount, 0);
  });
});
