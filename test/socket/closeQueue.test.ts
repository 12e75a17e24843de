// A close that waits for the send queue also sends what handlers put there meanwhile.
import assert from 'node:assert/strict';
import { wsClosed } from '../../lib';
import { drained, waitFor } from '../support';
import { accepted } from './accepted';

describe('PutDataInSendBuffer in a handler of a connection that is closing', () => {
  it('sends and closes when OnSendData of CloseDelayed calls it', async () => {
    const { client, peer } = await accepted();
    client.PutStringInSendBuffer('first ');
    client.OnSendData = () => {
      client.OnSendData = null;
      client.PutStringInSendBuffer('second');
    };

    client.CloseDelayed();

    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, 'first second');
  });

  it('sends and closes when OnDataSent calls it behind the FIN of the peer', async () => {
    const { client, peer } = await accepted();
    await drained(); // the OnDataSent of a fresh connection is over
    client.OnDataSent = () => {
      client.OnDataSent = null;
      client.PutStringInSendBuffer('second');
    };
    client.PutStringInSendBuffer('first ');

    peer.socket.end();

    await waitFor(() => client.State === wsClosed, 'State wsClosed');
    await peer.waitText('first second');
  });

  it('holds nobody up and ends with CloseFlushTimeout when OnSendData never stops', async () => {
    const { client } = await accepted();
    const other = await accepted((echo) => {
      echo.OnDataAvailable = () => void echo.SendStr(echo.ReceiveStr());
    });
    client.CloseFlushTimeout = 500;
    client.OnSendData = () => client.PutStringInSendBuffer('more');
    client.PutStringInSendBuffer('first');

    client.CloseDelayed();

    other.peer.write('still here');
    await other.peer.waitText('still here');
    assert.notEqual(client.State, wsClosed);
    await waitFor(() => client.State === wsClosed, 'State wsClosed');
  });
});
