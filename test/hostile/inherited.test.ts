// A program that the server's process starts, at any moment, gets none of its sockets: every
// descriptor of ours is closed on exec. Otherwise a connection would never end for its peer.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { TWSocket } from '../../lib';
import { connect, echo, expectEcho, startServer, track, waitFor } from '../support';
import { skipUnless } from '../support/skipTest';

const CLOSE_ON_EXEC = 0o2000000;
const LISTING = ['-c', 'for f in /proc/$$/fd/*; do echo "$f $(readlink "$f")"; done'];
const FOREIGN = /socket:|anon_inode/;

/** What a child has open besides its three standard streams. */
async function childDescriptors(): Promise<string[]> {
  const child = spawn('/bin/sh', LISTING, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  await once(child, 'close');
  return foreignIn(text);
}

function foreignIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => FOREIGN.test(line));
  // Node gives a child its pipes as socket pairs: 0, 1 and 2 are wanted.
  return lines.filter((line) => !/\/fd\/[012] /.test(line));
}

/** Descriptors of this process, sockets and event sets, that exec would hand on. */
function inheritable(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    if (Number(fd) <= 2) return false;
    try {
      const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
      const flags = parseInt(/^flags:\s*(\d+)$/m.exec(info)![1]!, 8);
      return FOREIGN.test(readlinkSync(`/proc/self/fd/${fd}`)) && (flags & CLOSE_ON_EXEC) === 0;
    } catch {
      return false; // the one readdir itself has used
    }
  });
}

describe('A child process that is started during traffic', () => {
  before(skipUnless(existsSync('/proc/self/fdinfo'), 'needs /proc'));

  it('[H-134] gets none of the sockets: all of them are closed on exec', async () => {
    const found: string[][] = [];
    const look = (): void => {
      found.push(foreignIn(spawnSync('/bin/sh', LISTING, { encoding: 'utf8' }).stdout));
      found.push(inheritable());
    };
    const server = startServer({
      OnClientCreate: look,
      OnClientConnect: (_server, client) => {
        look();
        echo(client);
      },
      OnClientDisconnect: look,
    });
    const item = server.MultiListenSockets.Add();
    Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
    server.MultiListen();
    const outgoing = track(new TWSocket());
    Object.assign(outgoing, { Addr: '127.0.0.1', Port: server.BindPort });
    outgoing.Connect();
    look();
    const datagrams = track(new TWSocket());
    Object.assign(datagrams, { Proto: 'udp', Addr: '127.0.0.1', Port: '0' });
    datagrams.Listen();
    outgoing.DnsLookup('localhost');
    const peers = [await connect(server), await connect(Number(item.BindPort))];
    for (const peer of peers) await expectEcho(peer);
    found.push(await childDescriptors(), inheritable());
    for (const peer of peers) peer.end();
    await waitFor(() => server.ClientCount === 1, 'the peers to leave');
    assert.ok(found.length >= 12, `looked ${found.length} times`);
    assert.deepEqual(found.flat(), []);
  });

  it('[H-134] does not keep a connection open that the server closes', async () => {
    let child: ReturnType<typeof spawn> | null = null;
    const server = startServer({
      OnClientConnect: (_server, client) => {
        child = spawn('/bin/sh', ['-c', 'read line'], { stdio: ['pipe', 'ignore', 'ignore'] });
        client.Close();
      },
    });
    const peer = await connect(server);
    assert.equal(await peer.closed(), 'end');
    const started = child as unknown as ReturnType<typeof spawn>;
    assert.equal(started.exitCode, null, 'the child lives');
    const exit = once(started, 'exit');
    started.stdin!.end();
    await exit;
  });
});
