// examples/client.ts, talking to the example servers and to nobody.

import assert from 'node:assert/strict';
import { freePort } from '../support';
import { Example } from './exampleProcess';

describe('examples/client', function () {
  this.timeout(60_000);

  it('prints the line the echo server sends back, and ends', async () => {
    const port = await Example.run('echo', ['0']).port();
    const client = Example.run('client', [String(port), 'good morning']);
    assert.equal(await client.exited, 0, client.text);
    assert.equal(client.text, 'good morning\nConnection closed\n');
  });

  it('prints the banner and the answer of the TcpSrv sample, and ends', async () => {
    const port = await Example.run('tcpSrv', ['0']).port();
    const client = Example.run('client', [String(port)]);
    assert.equal(await client.exited, 0, client.text);
    assert.equal(client.text, 'Welcome to TcpSrv\nYou sent: hello\nConnection closed\n');
  });

  it('ends when the server closes instead of repeating the line', async () => {
    const port = await Example.run('tcpSrv', ['0']).port();
    const client = Example.run('client', [String(port), 'exit']);
    assert.equal(await client.exited, 0, client.text);
    assert.equal(client.text, 'Welcome to TcpSrv\nGoodbye\nConnection closed\n');
  });

  it('says why there is no connection, and ends with exit code 1', async () => {
    const client = Example.run('client', [String(await freePort())]);
    assert.equal(await client.exited, 1, client.text);
    const why = 'No connection: Winsock - Connection refused (#10061)';
    assert.ok(client.text.includes(why), client.text);
  });
});
