// Where examples/tcpSrv.ts listens: `npm start` itself, the argument, PORT, and a port in use.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { Example, Terminal } from './exampleProcess';

describe('npm start', function () {
  this.timeout(120_000);

  /** Somebody else's server; on a port that is taken already there is one. */
  async function occupy(port: number): Promise<net.Server> {
    const server = net.createServer();
    server.listen(port, '127.0.0.1');
    await Promise.race([once(server, 'listening'), once(server, 'error').catch(() => {})]);
    return server;
  }

  it('starts the sample, prints its port, says what to type, and that works', async () => {
    const npm = Example.npm('start', '--', '0');
    const port = await npm.port();
    await npm.waitText(`nc 127.0.0.1 ${port}`);
    const user = Terminal.connect(port);
    user.type('help\n');
    await user.waitText('Commands: help');
  });

  it('takes any free port when 2300 is in use', async () => {
    const other = await occupy(2300);
    try {
      const sample = Example.run('tcpSrv');
      const port = await sample.port();
      assert.notEqual(port, 2300);
      await Terminal.connect(port).waitText('Welcome to TcpSrv');
    } finally {
      other.close();
    }
  });

  it('takes the port of the variable PORT', async () => {
    const probe = await occupy(0);
    const { port } = probe.address() as net.AddressInfo;
    probe.close();
    await once(probe, 'close');
    const sample = Example.run('tcpSrv', [], { PORT: String(port) });
    assert.equal(await sample.port(), port);
  });

  it('says so and ends when the port asked for is in use', async () => {
    const other = await occupy(0);
    try {
      const { port } = other.address() as net.AddressInfo;
      const sample = Example.run('tcpSrv', [String(port)]);
      assert.equal(await sample.exited, 1);
      const message = `Another server is already listening on 127.0.0.1:${port}`;
      assert.ok(sample.text.includes(message), sample.text);
    } finally {
      other.close();
    }
  });
});
