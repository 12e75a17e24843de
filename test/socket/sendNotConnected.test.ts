// Send on a socket that is not (or no longer) connected, or whose send side is shut down.
import assert from 'node:assert/strict';
import { ESocketException, TWSocket, wsClosed, wsListening, wsoNoSendException } from '../../lib';
import { connect, startServer, track, waitFor } from '../support';
import { accepted } from './accepted';

const notConnected = {
  name: 'ESocketException',
  message: 'Socket is not connected (#10057 in Send)',
  ErrorCode: 10057,
};

describe('Send without a connection', () => {
  it('[WSS-49] raises 10057 after the peer closed', async () => {
    let raised: unknown;
    const { server, client, peer } = await accepted();
    server.OnClientDisconnect = (_server, gone) => {
      try {
        gone.SendStr('too late');
      } catch (error) {
        raised = error;
      }
    };
    peer.end();
    await waitFor(() => raised !== undefined, 'the exception');
    assert.ok(raised instanceof ESocketException);
    assert.equal(raised.message, notConnected.message);
    assert.equal(raised.ErrorCode, 10057);
    assert.equal(client.State, wsClosed);
  });

  it('[WS-38] raises 10057 on a socket that never was connected', () => {
    const socket = track(new TWSocket());
    assert.throws(() => socket.SendStr('x'), ESocketException);
    assert.throws(() => socket.SendStr('x'), { message: notConnected.message, ErrorCode: 10057 });
    assert.throws(() => socket.Send(Buffer.from('x')), { ErrorCode: 10057 });
    assert.equal(socket.LastError, 10057);
  });

  it('[WSS-49][WS-39] returns -1 with LastError 10057 and raises nothing with wsoNoSendException', () => {
    const socket = track(new TWSocket());
    let events = 0;
    socket.OnError = () => {
      events++;
    };
    socket.OnChangeState = () => {
      events++;
    };
    socket.ComponentOptions.add(wsoNoSendException);
    assert.equal(socket.SendStr('x'), -1);
    assert.equal(socket.LastError, 10057);
    assert.equal(socket.SendLine('x'), -1);
    assert.equal(events, 0);
  });

  it('[WSS-49] calls OnError instead of raising when OnError is assigned', () => {
    const socket = track(new TWSocket());
    const senders: unknown[] = [];
    socket.OnError = (sender) => {
      senders.push(sender);
    };
    assert.equal(socket.SendStr('x'), -1);
    assert.deepEqual(senders, [socket]);
    assert.equal(socket.LastError, 10057);
  });

  it('[WSS-49] does not kill a listener on which the program sends by mistake', async () => {
    const server = startServer();
    assert.throws(() => server.SendStr('x'), { ErrorCode: 10057 });
    assert.equal(server.State, wsListening);
    await connect(server);
    await waitFor(() => server.ClientCount === 1, 'the listener still accepts');
  });

  it('[H-49] raises 10057 after Close, or returns -1 with wsoNoSendException', async () => {
    const { client } = await accepted();
    client.Close();
    assert.throws(() => client.SendStr('x'), { ErrorCode: 10057 });
    client.ComponentOptions.add(wsoNoSendException);
    assert.equal(client.SendStr('x'), -1);
    assert.equal(client.LastError, 10057);
  });

  it('[H-49] raises 10058 after Shutdown(1), or returns -1 with wsoNoSendException', async () => {
    const first = await accepted();
    first.client.Shutdown(1);
    assert.throws(() => first.client.SendStr('x'), { ErrorCode: 10058 });

    const second = await accepted((client) => {
      client.ComponentOptions.add(wsoNoSendException);
    });
    second.client.Shutdown(1);
    assert.equal(second.client.SendStr('x'), -1);
    assert.equal(second.client.LastError, 10058);
    assert.equal(await second.peer.closed(), 'end');
    assert.equal(second.peer.text, '');
  });

  it('[H-49] never crashes when OnSessionClosed answers a peer that has gone', async () => {
    const results: unknown[] = [];
    const { peer } = await accepted((client) => {
      client.OnSessionClosed = () => {
        try {
          results.push(client.SendStr('too late'));
        } catch (error) {
          results.push((error as ESocketException).ErrorCode);
        }
      };
    });
    peer.reset();
    await waitFor(() => results.length > 0, 'OnSessionClosed');
    assert.equal(results.length, 1);
  });
});
