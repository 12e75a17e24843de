// Addr with a NUL character in it: what stands before it is a right address, the whole is none.

import assert from 'node:assert/strict';
import { wsClosed, wsListening } from '../../lib';
import { newServer, raised } from '../support';

describe('Listen with a NUL character in Addr', () => {
  for (const Addr of ['127.0.0.1\0x', '127.0.0.1\0', '::1\0', '0.0.0.0\0.invalid']) {
    it(`refuses ${JSON.stringify(Addr)} and listens once Addr is right`, () => {
      const server = newServer({ Addr });

      const error = raised(() => server.Listen());

      assert.match(error.message, /^listen: /);
      assert.equal(server.State, wsClosed);
      assert.equal(server.HSocket, -1);
      server.Addr = '127.0.0.1';
      server.Listen();
      assert.equal(server.State, wsListening);
    });
  }
});
