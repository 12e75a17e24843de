// ListenStates: one line for each listener, exactly as ICS writes it.

import assert from 'node:assert/strict';
import { sfAny, sfAnyIPv4, sfAnyIPv6 } from '../../lib';
import { newServer, startServer } from '../support';
import { addItem } from './listeners';

describe('ListenStates', () => {
  it('[WSS-102] has a line ending in CRLF for the server and for each item', () => {
    const server = startServer();
    addItem(server, '::1', '40002').SslEnable = true;

    assert.equal(
      server.ListenStates(),
      `Socket 1 State: Listening Only IPv4 on 127.0.0.1 port ${server.BindPort}\r\n` +
        'Socket 2 State: Closed Only IPv6 on ::1 port 40002 SSL\r\n',
    );
  });

  it('[WSS-102] shows the real port while a listener listens, else Port as it is', () => {
    const server = newServer({ Port: 'smtp' });
    const item = addItem(server);
    item.Listen();

    assert.equal(
      server.ListenStates(),
      'Socket 1 State: Closed Only IPv4 on 127.0.0.1 port smtp\r\n' +
        `Socket 2 State: Listening Only IPv4 on 127.0.0.1 port ${item.BindPort}\r\n`,
    );
    item.Close();
    assert.match(server.ListenStates(), /Socket 2 State: Closed .* port 0\r\n$/);
  });

  it('names the families as ICS does', () => {
    const server = newServer();
    for (const [family, address] of [
      [sfAny, 'localhost'],
      [sfAnyIPv4, '0.0.0.0'],
      [sfAnyIPv6, '::'],
    ] as const) {
      const item = addItem(server, address, '80');
      item.SocketFamily = family;
    }

    const names = server.ListenStates().match(/Closed (.*?) on/g);

    assert.deepEqual(names, [
      'Closed Only IPv4 on',
      'Closed Any on',
      'Closed Prefer IPv4 on',
      'Closed Prefer IPv6 on',
    ]);
  });
});
