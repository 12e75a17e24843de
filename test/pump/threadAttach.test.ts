// ThreadDetach and ThreadAttach in one thread.

import assert from 'node:assert/strict';
import { EIcsException } from '../../lib';
import { connect, drained, startServer, waitFor } from '../support';
import { pair } from '../support/pair';

const REFUSED = { name: 'EIcsException', message: 'Cannot attach when not detached' };

describe('ThreadDetach and ThreadAttach', () => {
  it('[WSS-108][WS-66] ThreadAttach while attached raises', async () => {
    const server = startServer();
    const { client } = await pair(server);
    assert.throws(() => server.ThreadAttach(), REFUSED);
    assert.throws(() => client.ThreadAttach(), EIcsException);
    client.ThreadDetach();
    client.ThreadAttach();
    assert.throws(() => client.ThreadAttach(), REFUSED);
  });

  it('[WSS-108] a detached server accepts nobody; attached again it accepts who waited', async () => {
    let connects = 0;
    const server = startServer({ OnClientConnect: () => void connects++ });
    server.ThreadDetach();
    assert.equal(server.ThreadID, 0);
    const peer = await connect(server);
    await drained();
    assert.equal(connects, 0);

    server.ThreadAttach();
    assert.notEqual(server.ThreadID, 0);
    await waitFor(() => connects === 1, 'OnClientConnect');
    server.Client[0]!.SendStr('hello');
    await peer.waitText('hello');
  });

  it('[WS-66] data sent meanwhile is delivered after ThreadAttach', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    const received: string[] = [];
    client.OnDataAvailable = () => void received.push(client.ReceiveStr());
    client.ThreadDetach();
    peer.write('meanwhile');
    await drained();
    assert.deepEqual(received, []);
    client.ThreadAttach();
    await waitFor(() => received.length > 0, 'the data');
    peer.write(' and later');
    await waitFor(() => received.join('') === 'meanwhile and later', 'the rest');
  });

  it('a peer that leaves meanwhile is noticed after ThreadAttach', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    peer.end();
    await drained();
    assert.equal(server.ClientCount, 1);
    client.ThreadAttach();
    await waitFor(() => server.ClientCount === 0, 'the client gone');
  });

  it('a component may be closed and freed while detached', async () => {
    const server = startServer();
    const { peer, client } = await pair(server);
    client.ThreadDetach();
    client.Close();
    assert.equal(await peer.closed(), 'end');
    server.ThreadDetach();
    server.Close();
    server.Free();
  });
});
