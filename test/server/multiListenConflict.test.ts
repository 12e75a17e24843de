// One of several listeners cannot listen: what MultiListen raises and MultiListenEx tells, and that
// the others are not disturbed.

import assert from 'node:assert/strict';
import { ESocketException, wsClosed, wsErrFriendly, wsListening } from '../../lib';
import { raised, startServer, waitFor } from '../support';
import { addItem, connectTo, newMultiServer } from './listeners';

const TAKEN = 'Address already in use (#10048 in listen: Bind)';

describe('MultiListen with a port in use', () => {
  it('[WSS-93] raises for the item, later items are not tried, earlier ones stay', () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(2);
    items[0]!.Port = port;

    const error = raised(() => server.MultiListen());

    assert.equal(error.message, `Listening socket index #0 ${TAKEN}`);
    assert.equal(error.ErrorCode, 10048);
    assert.equal(error.Func, 'listen: Bind');
    assert.equal(error.IPStr, '127.0.0.1');
    assert.equal(error.PortStr, port);
    assert.equal(server.State, wsListening);
    assert.equal(items[0]!.State, wsClosed);
    assert.equal(items[0]!.HSocket, -1);
    assert.equal(items[0]!.BindPort, '');
    assert.equal(items[0]!.LastError, 10048);
    assert.equal(server.LastError, 10048);
    assert.equal(items[1]!.State, wsClosed);
    assert.equal(server.MultiListenIndex, -1);
  });

  it('[WSS-94] MultiListenEx names the item’s own address and opens the others', async () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(2);
    items[0]!.Port = port;

    const text = server.MultiListenEx();

    assert.equal(
      text,
      `Socket 2 Listen Failed: 127.0.0.1 port ${port} - Listening socket index #0 ${TAKEN}`,
    );
    assert.equal(server.State, wsListening);
    assert.equal(items[0]!.State, wsClosed);
    assert.equal(items[1]!.State, wsListening);
    await connectTo(items[1]!);
    await waitFor(() => server.ClientCount === 1, 'the client of item 1');
    assert.equal(server.Client[0]!.MultiListenIdx, 1);
  });

  it('[WSS-95] MultiListenEx joins several failures by CRLF, none is the empty string', () => {
    const taken = startServer();
    const { server, items } = newMultiServer(1, { Port: taken.BindPort });
    items[0]!.Port = taken.BindPort;

    const lines = server.MultiListenEx().split('\r\n');

    const start = `Listen Failed: 127.0.0.1 port ${taken.BindPort} - `;
    assert.deepEqual(lines, [
      `Socket 1 ${start}${TAKEN}`,
      `Socket 2 ${start}Listening socket index #0 ${TAKEN}`,
    ]);
    assert.equal(server.ListenAny(), false);
    taken.Close();
    items[0]!.Port = '0';
    assert.equal(server.MultiListenEx(), '');
    assert.equal(server.ListenAllOK(), true);
  });

  it('[H-13] one of five items conflicts: the four others listen', () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(5);
    items[2]!.Port = port;

    const text = server.MultiListenEx();

    assert.match(text, new RegExp(`^Socket 4 Listen Failed: 127.0.0.1 port ${port} - .*#2 .*$`));
    const closed = items.filter(({ State }) => State !== wsListening);
    assert.deepEqual(closed, [items[2]]);
  });

  it('the same address and port twice: the second one is refused', () => {
    const { server, items } = newMultiServer(1);
    server.Listen();
    items[0]!.Port = server.BindPort;
    const twin = addItem(server, '127.0.0.1');

    assert.match(server.MultiListenEx(), /^Socket 2 [^\r\n]*#10048[^\r\n]*$/);
    assert.equal(twin.State, wsListening);
  });

  it('says it in friendly words when asked to', () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(1, { SocketErrs: wsErrFriendly });
    items[0]!.Port = port;

    const error = raised(() => items[0]!.Listen());

    assert.equal(error.message, `Another server is already listening on 127.0.0.1:${port}`);
    assert.equal(server.LastError, 10048);
  });

  it('with OnError nothing is raised and nothing reported: ListenAllOK tells', () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(2);
    items[0]!.Port = port;
    const senders: unknown[] = [];
    server.OnError = (Sender) => void senders.push(Sender);

    assert.equal(server.MultiListenEx(), '');

    assert.deepEqual(senders, [server]);
    assert.equal(server.ListenAllOK(), false);
    assert.equal(items[1]!.State, wsListening);
    server.MultiListen();
    assert.equal(senders.length, 2);
  });

  it('with OnException the handler gets the item’s address', () => {
    const { BindPort: port } = startServer();
    const { server, items } = newMultiServer(1);
    items[0]!.Port = port;
    const caught: ESocketException[] = [];
    server.OnException = (_Sender, E) => void caught.push(E);

    server.MultiListen();

    assert.equal(caught.length, 1);
    assert.equal(caught[0]!.PortStr, port);
    assert.equal(caught[0]!.ErrorCode, 10048);
  });

  it('an address or port that cannot be resolved raises even with OnError', () => {
    const { server, items } = newMultiServer(3);
    items[0]!.Port = 'no-such-service';
    items[1]!.Addr = '1.2.3';
    server.OnError = () => assert.fail('OnError');

    assert.match(raised(() => items[0]!.Listen()).message, /^listen: Winsock Resolve Port: /);
    assert.match(raised(() => items[1]!.Listen()).message, /^listen: Winsock Resolve Host: /);
    assert.equal(items[1]!.LastError, 11001);
    assert.equal(server.LastError, 11001);
    assert.equal(server.MultiListenEx().split('\r\n').length, 2);
    assert.equal(items[2]!.State, wsListening);
  });

  it('an address that is not of this machine: 10049, and the item can be repaired', () => {
    const { server, items } = newMultiServer(1);
    items[0]!.Addr = '192.0.2.1';
    assert.equal(raised(() => server.MultiListen()).ErrorCode, 10049);

    items[0]!.Addr = '127.0.0.1';
    server.MultiListen();

    assert.equal(server.ListenAllOK(), true);
    assert.equal(items[0]!.LastError, 0);
  });
});
