// What must not change while a TWSocket listens.

import assert from 'node:assert/strict';
import { sfAny } from '../../lib';
import { raised } from '../support';
import { startListener } from './listening';

describe('A listening TWSocket', () => {
  it('[WS-3] refuses another Port and keeps the old one', () => {
    const socket = startListener();

    assert.equal(raised(() => (socket.Port = '80')).message, 'Cannot change Port if not closed');

    assert.equal(socket.Port, '0');
  });

  const guarded = {
    Addr: ['127.0.0.2', 'Cannot change Addr if not closed'],
    Proto: ['udp', 'Cannot change Proto if not closed'],
    LocalAddr: ['127.0.0.2', 'Cannot change LocalAddr if not closed'],
    LocalAddr6: ['::1', 'Cannot change LocalAddr6 if not closed'],
    LocalPort: ['80', 'Cannot change LocalPort if not closed'],
    SocketFamily: [sfAny, 'Cannot change SocketFamily when not closed or in DNS lookup'],
  } as const;
  for (const [name, [value, message]] of Object.entries(guarded)) {
    it(`[WS-4] refuses another ${name} and keeps the old one`, () => {
      const socket = startListener();
      const before = socket[name as keyof typeof guarded];

      const error = raised(() => Object.assign(socket, { [name]: value }));

      assert.equal(error.message, message);
      assert.equal(socket[name as keyof typeof guarded], before);
    });
  }

  it('lets them be changed after Close', () => {
    const socket = startListener();
    socket.Close();

    for (const [name, [value]] of Object.entries(guarded)) Object.assign(socket, { [name]: value });

    assert.equal(socket.Addr, '127.0.0.2');
    assert.equal(socket.Proto, 'udp');
  });
});
