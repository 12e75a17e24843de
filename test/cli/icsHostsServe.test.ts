// ics-hosts check --serve: an echo server on the hosts of the file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import tls from 'node:tls';
import { connect, freePort, onCleanup } from '../support';
import { icsHosts, iniFile, testHosts } from './icsHostsProcess';

const HOST = ['[Host1]', 'Hosts=a.test', 'HostEnabled=True', 'BindIpAddr=127.0.0.1'];

describe('ics-hosts check --serve', function () {
  this.timeout(60_000);

  it('echoes in clear and in TLS until SIGTERM, and then ends with 0', async () => {
    const { ca, caFile, certFile } = testHosts();
    const [plain, secure] = [await freePort(), await freePort()];
    const file = iniFile(
      '[SocketServer]',
      `RootCA=${caFile}`,
      ...HOST,
      `BindNonPort=${plain}`,
      `BindSslPort=${secure}`,
      `SslCert=${certFile}`,
    );
    const run = icsHosts('check', file, '--serve');
    await run.told('Echo server is ready');
    const peer = await connect(plain);
    peer.write('hello\r\n');
    assert.equal(await peer.line(), 'hello');

    const client = tls.connect({
      port: secure,
      host: '127.0.0.1',
      ca: ca.pem,
      servername: 'a.test',
    });
    onCleanup(() => client.destroy());
    await once(client, 'secureConnect');
    client.write('secret\n');
    const [answer] = (await once(client, 'data')) as [Buffer];
    assert.equal(answer.toString(), 'secret\n');
    client.on('error', () => undefined);
    run.child.kill('SIGTERM');
    assert.equal(await run.ended(), 0, run.stderr);
  });

  it('does not keep what a client sends that never reads', async () => {
    const port = await freePort();
    const run = icsHosts('check', iniFile(...HOST, `BindNonPort=${port}`), '--serve');
    await run.told('Echo server is ready');
    const peer = await connect(port);
    peer.socket.pause();
    const block = Buffer.alloc(1024 * 1024);
    let isHeld = false;
    for (let sent = 0; sent < 64 && !isHeld; sent++) {
      const isTaken = peer.socket.write(block) || (await drainedSoon(peer.socket));
      isHeld = !isTaken;
    }
    assert.ok(isHeld, 'the server took 64 MiB without anybody reading');
    peer.reset();
    run.child.kill('SIGINT');
    assert.equal(await run.ended(), 0, run.stderr);
  });

  it('ends with 1 at once when a port is taken, or when a host has an error', async () => {
    const port = await freePort();
    const good = iniFile(...HOST, `BindNonPort=${port}`);
    const first = icsHosts('check', good, '--serve');
    await first.told('Echo server is ready');
    const second = icsHosts('check', good, '--serve');
    assert.equal(await second.ended(), 1);
    assert.match(second.stderr, /Address already in use/);
    const bad = icsHosts('check', iniFile(...HOST, 'BindSslPort=1', 'SslCert=none.pem'), '--serve');
    assert.equal(await bad.ended(), 1);
    assert.match(bad.stderr, /Not started/);
    first.child.kill('SIGINT');
    assert.equal(await first.ended(), 0);
  });
});

/** Has the socket got rid of what it holds within a time that is ample on loopback? */
async function drainedSoon(socket: import('node:net').Socket): Promise<boolean> {
  const drained = once(socket, 'drain').then(() => true);
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1000));
  return Promise.race([drained, late]);
}
