// Listen without Port, Proto or Addr: the texts and codes of ICS, in ICS's order, and a server
// that can be repaired.

import assert from 'node:assert/strict';
import { TWSocketServer, wsClosed, wsListening } from '../../lib';
import { raised, track } from '../support';

function emptyServer(): TWSocketServer {
  return track(new TWSocketServer());
}

function expectNotAssigned(server: TWSocketServer, what: string): void {
  const error = raised(() => server.Listen());

  assert.equal(error.message, `Invalid argument (#10022 in listen: ${what} not assigned)`);
  assert.equal(error.ErrorCode, 10022);
  assert.equal(error.Func, `listen: ${what} not assigned`);
  assert.equal(server.LastError, 10022);
  assert.equal(server.State, wsClosed);
  assert.equal(server.HSocket, -1);
}

describe('Listen with something missing', () => {
  it('[WSS-3] names the port when Port was never set', () => {
    const server = emptyServer();
    server.Addr = '127.0.0.1';

    expectNotAssigned(server, 'port');
  });

  it('[WSS-4] names the address when Addr was never set', () => {
    const server = emptyServer();
    server.Port = '0';

    expectNotAssigned(server, 'address');
  });

  it('names the protocol when Proto was emptied', () => {
    const server = emptyServer();
    Object.assign(server, { Addr: '127.0.0.1', Port: '0', Proto: '' });

    expectNotAssigned(server, 'protocol');
  });

  it('complains about the port first, then the protocol, then the address', () => {
    const server = emptyServer();
    server.Proto = '';

    expectNotAssigned(server, 'port');
    server.Port = '0';
    expectNotAssigned(server, 'protocol');
    server.Proto = 'tcp';
    expectNotAssigned(server, 'address');
  });

  it('counts an emptied Addr and Port as not assigned', () => {
    const server = emptyServer();
    Object.assign(server, { Addr: '127.0.0.1', Port: '0' });

    server.Port = '';
    expectNotAssigned(server, 'port');
    Object.assign(server, { Addr: '', Port: '0' });
    expectNotAssigned(server, 'address');
  });

  it('works as soon as the missing value is there, with LastError back at 0', () => {
    const server = emptyServer();
    server.Port = '0';
    expectNotAssigned(server, 'address');

    server.Addr = '127.0.0.1';
    server.Listen();

    assert.equal(server.State, wsListening);
    assert.equal(server.LastError, 0);
  });
});
