// ReadLine: waits for a line, synchronously, while everything else of the package goes on.
import assert from 'node:assert/strict';
import { TSyncWSocket, TWSocket, type TVar, type TWSocketClient } from '../../lib';
import { native } from '../../lib/native';
import { drained, raised, track, waitFor } from '../support';
import { accepted, acceptedByHand } from './accepted';
import { inPump, ownPair } from './timed';

const buffer = (): TVar<string> => ({ Value: 'old' });

describe('ReadLine', () => {
  it('raises when there is no connection', () => {
    const socket = track(new TSyncWSocket());
    const line = buffer();
    assert.equal(raised(() => socket.ReadLine(1, line)).message, 'ReadLine failed: not connected');
    assert.equal(socket.LastError, 10057);
    assert.equal(line.Value, '');
  });

  it('returns lines that have arrived already, one per call, with their ends', async () => {
    const { client, peer } = await accepted();
    const line = buffer();
    peer.write('first\r\nsecond\r\nthird');
    assert.equal(client.ReadLine(5, line), 0);
    assert.equal(line.Value, 'first\r\n');
    assert.equal(client.ReadLine(5, line), 0);
    assert.equal(line.Value, 'second\r\n');
    assert.equal(client.LastError, 0);
  });

  it('waits for a line that comes in pieces, with its LineEnd', async () => {
    const { client, peer } = await accepted();
    client.LineEnd = '\n';
    const line = buffer();
    const bytes = Buffer.from('grün\nrest');
    peer.write(bytes.subarray(0, 3)); // half of a character
    inPump(30, () => peer.write(bytes.subarray(3, 5)));
    inPump(60, () => peer.write(bytes.subarray(5)));
    assert.equal(client.ReadLine(10, line), 0);
    assert.equal(line.Value, 'grün\n');
  });

  it('leaves what follows the line to OnDataAvailable, in the mode it had', async () => {
    const { client, peer } = await accepted();
    const received: string[] = [];
    client.OnDataAvailable = () => void received.push(client.ReceiveStr());
    const handler = client.OnDataAvailable;
    const line = buffer();
    peer.write('line\r\nraw\r\nbytes');
    assert.equal(client.ReadLine(5, line), 0);
    assert.equal(line.Value, 'line\r\n');
    assert.equal(client.OnDataAvailable, handler);
    assert.equal(client.LineMode, false);
    await waitFor(() => received.join('') === 'raw\r\nbytes', 'the rest');

    client.LineMode = true;
    peer.write('one\r\ntwo\r\nthree\r\n');
    assert.equal(client.ReadLine(5, line), 0);
    assert.equal(line.Value, 'one\r\n');
    received.length = 0;
    await waitFor(() => received.length === 2, 'the other lines');
    assert.deepEqual(received, ['two\r\n', 'three\r\n']);
  });

  it('gives up when the time is over and returns what has arrived of the line', async () => {
    const { client, peer } = await accepted();
    const line = buffer();
    peer.write('login: ');
    const start = performance.now();
    assert.equal(client.ReadLine(-200, line), 12001);
    assert.ok(performance.now() - start >= 200);
    assert.equal(line.Value, 'login: ');
    assert.equal(client.LastError, 12001);
    assert.equal(client.LineMode, false);

    peer.write('later\r\n');
    assert.equal(client.ReadLine(5, line), 0);
    assert.equal(line.Value, 'later\r\n');
  });

  it('counts a positive Timeout in seconds', async () => {
    const { client } = await accepted();
    const start = performance.now();
    assert.equal(client.ReadLine(1, buffer()), 12001);
    assert.ok(performance.now() - start >= 1000);
  });

  it('sleeps while it waits', async () => {
    const { client } = await accepted();
    const before = native.counters().polls;
    assert.equal(client.ReadLine(-500, buffer()), 12001);
    const polls = native.counters().polls - before;
    assert.ok(polls < 100, `${polls} polls`);
  });

  it('returns the beginning of a line when the peer closes in the middle of it', async () => {
    const events: string[] = [];
    const { client, caller } = await ownPair((newClient) => {
      newClient.OnSessionClosed = (_sender, error) => void events.push(`OnSessionClosed ${error}`);
    });
    const line = buffer();
    caller.SendStr('begin');
    inPump(30, () => caller.Close());
    assert.equal(client.ReadLine(10, line), 0);
    assert.equal(line.Value, 'begin');
    await waitFor(() => events.length > 0, 'OnSessionClosed');
    assert.deepEqual(events, ['OnSessionClosed 0']);
  });

  it('returns 10057 when the connection ends without a line', async () => {
    const ends: [string, (client: TWSocketClient) => void][] = [
      ['Close', (client) => client.Close()],
      ['Abort', (client) => client.Abort()],
      ['Free', (client) => client.Free()],
    ];
    for (const [how, end] of ends) {
      const { client } = await accepted();
      const line = buffer();
      inPump(10, () => end(client));
      assert.equal(client.ReadLine(10, line), 10057, how);
      assert.equal(line.Value, '');
      assert.equal(client.OnDataAvailable, null);
    }
    for (const how of ['Close', 'Abort'] as const) {
      const { client, caller } = await ownPair(() => undefined);
      inPump(10, () => caller[how]());
      assert.equal(client.ReadLine(10, buffer()), 10057, `the peer's ${how}`);
    }
  });

  it('works on an accepted TWSocket with a handler that was assigned meanwhile', async () => {
    const { client, peer } = await acceptedByHand();
    const received: string[] = [];
    const line = buffer();
    inPump(10, () => {
      client.OnDataAvailable = () => void received.push(client.ReceiveStr());
      peer.write('for the new handler\r\n');
    });
    assert.equal(client.ReadLine(-200, line), 12001);
    assert.equal(received.join(''), 'for the new handler\r\n');
    await drained();
    assert.ok(client.OnDataAvailable);
  });

  it('ends with a quit message', async () => {
    const { client } = await accepted();
    inPump(10, () => client.PostQuitMessage());
    assert.equal(client.ReadLine(20, buffer()), 12001);
    assert.equal(client.Terminated, true);
  });

  it('still waits after an earlier MessageLoop has ended', async () => {
    const { client, peer } = await accepted();
    client.Terminated = true;
    const line = buffer();
    inPump(20, () => peer.write('x\r\n'));
    assert.equal(client.ReadLine(10, line), 0);
  });
});

describe('Synchronize and WaitUntilReady', () => {
  it('run Proc and wait for the flag that a handler sets', async () => {
    const { server } = await accepted();
    const socket = track(new TWSocket());
    const done: TVar<boolean> = { Value: true };
    Object.assign(socket, { Addr: '127.0.0.1', Port: server.GetXPort() });
    socket.OnSessionConnected = () => void (done.Value = true);
    assert.equal(
      socket.Synchronize(() => socket.Connect(), done, 10),
      0,
    );
    assert.equal(socket.GetPeerPort(), server.GetXPort());

    done.Value = false;
    assert.equal(socket.WaitUntilReady(done, -50), 12001);
    inPump(10, () => socket.Close());
    assert.equal(socket.WaitUntilReady(done, 10), 10057);
  });
});
