// HalfClose (an addition to ICS): the connection stays open after the FIN of the peer.
import assert from 'node:assert/strict';
import { TWSocketClient, wsConnected } from '../../lib';
import { pollsDuring, drained, waitFor } from '../support';
import { accepted, acceptedByHand, pattern } from './accepted';

function recordAll(client: TWSocketClient, events: string[]): void {
  client.OnDataAvailable = () => {
    events.push(`data ${client.ReceiveStr()}`);
  };
  client.OnPeerShutdown = (sender) => {
    assert.equal(sender, client);
    events.push('OnPeerShutdown');
  };
  client.OnSessionClosed = (_sender, error) => {
    events.push(`OnSessionClosed ${error}`);
  };
}

describe('HalfClose', () => {
  it('is off by default: the FIN ends the connection and OnPeerShutdown does not fire', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => recordAll(newClient, events));
    assert.equal(client.HalfClose, false);
    peer.socket.end('bye');
    await waitFor(() => events.includes('OnSessionClosed 0'), 'OnSessionClosed');
    assert.deepEqual(events, ['data bye', 'OnSessionClosed 0']);
  });

  it('[H-49] delivers all data, fires OnPeerShutdown once and lets the server go on sending', async () => {
    const events: string[] = [];
    const answer = pattern(6_000_000);
    const { client, peer } = await accepted((newClient) => {
      newClient.HalfClose = true;
      recordAll(newClient, events);
    });
    peer.socket.end('request');
    await waitFor(() => events.includes('OnPeerShutdown'), 'OnPeerShutdown');
    await drained();
    assert.deepEqual(events, ['data request', 'OnPeerShutdown']);
    assert.equal(client.State, wsConnected);

    assert.equal(client.Send(answer), answer.length);
    assert.ok((await peer.read(answer.length)).equals(answer));
    await drained();
    assert.equal(client.State, wsConnected);
    client.Close();
    assert.equal(await peer.closed(), 'end');
    await drained();
    assert.deepEqual(events, ['data request', 'OnPeerShutdown', 'OnSessionClosed 0']);
  });

  it('does not keep the event loop busy while the connection is half closed', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.HalfClose = true;
      recordAll(client, events);
    });
    peer.end();
    await waitFor(() => events.includes('OnPeerShutdown'), 'OnPeerShutdown');
    const polls = await pollsDuring(200);
    assert.ok(polls < 50, `the loop spins: ${polls} polls`);
    assert.deepEqual(events, ['OnPeerShutdown']);
  });

  it('delivers the last line without terminator before OnPeerShutdown in line mode', async () => {
    const events: string[] = [];
    const { peer } = await accepted((client) => {
      client.HalfClose = true;
      client.LineMode = true;
      recordAll(client, events);
    });
    peer.socket.end('one\r\nrest');
    await waitFor(() => events.includes('OnPeerShutdown'), 'OnPeerShutdown');
    assert.deepEqual(events, ['data one\r\n', 'data rest', 'OnPeerShutdown']);
  });

  it('closes from OnPeerShutdown with CloseDelayed after the answer has gone', async () => {
    const answer = pattern(6_000_000);
    const { server, peer } = await accepted((client) => {
      client.HalfClose = true;
      client.OnPeerShutdown = () => {
        client.Send(answer);
        client.CloseDelayed();
      };
    });
    peer.end();
    assert.ok((await peer.read(answer.length)).equals(answer));
    assert.equal(await peer.closed(), 'end');
    await waitFor(() => server.ClientCount === 0, 'the client is gone');
  });

  it('still notices that the peer resets after its FIN', async () => {
    const events: string[] = [];
    const { client, peer } = await accepted((newClient) => {
      newClient.HalfClose = true;
      recordAll(newClient, events);
    });
    peer.socket.pause();
    peer.end();
    await waitFor(() => events.includes('OnPeerShutdown'), 'OnPeerShutdown');
    client.Send(Buffer.alloc(8 * 1024 * 1024));
    peer.reset();
    await waitFor(() => events.length === 2, 'OnSessionClosed');
    assert.deepEqual(events, ['OnPeerShutdown', 'OnSessionClosed 10054']);
  });

  it('works for a TWSocket that got its HSocket from Accept', async () => {
    let shutdowns = 0;
    const { client, peer } = await acceptedByHand((socket) => {
      socket.HalfClose = true;
      socket.OnPeerShutdown = () => {
        shutdowns++;
      };
    });
    peer.end();
    await waitFor(() => shutdowns === 1, 'OnPeerShutdown');
    client.SendStr('still here');
    await peer.waitText('still here');
    assert.equal(client.State, wsConnected);
  });
});
