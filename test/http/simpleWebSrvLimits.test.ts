// What a client can use up is limited, and one client's doings are not felt by another.

import assert from 'node:assert/strict';
import tls from 'node:tls';
import { connect, onCleanup, waitFor } from '../support';
import type { Peer } from '../support';
import { ask, parseAnswer, startWebSrv } from './webSrv';

const GET = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n';

function headOf(size: number): string {
  const begin = 'GET /big HTTP/1.1\r\nHost: a\r\nX-Fill: ';
  return `${begin}${'f'.repeat(size - begin.length - 4)}\r\n\r\n`;
}

describe('TSimpleWebSrv’s limits', () => {
  it('[SIMPLE-11] answers a header of 9 KB with 431 and closes; 8192 bytes are taken', async () => {
    const webSrv = startWebSrv();

    const tooLarge = await ask(webSrv, headOf(9 * 1024));
    const largest = await ask(webSrv, headOf(8192));
    const oneMore = await ask(webSrv, headOf(8193));

    assert.equal(tooLarge.status, 'HTTP/1.0 431 Request Header Fields Too Large');
    assert.equal(tooLarge.ending, 'end');
    assert.equal(largest.body, 'page /big');
    assert.match(oneMore.status, / 431 /);
  });

  it('answers a header without any end with 431', async () => {
    const webSrv = startWebSrv();

    const line = await ask(webSrv, 'GET /' + 'x'.repeat(20_000));
    const fields = await ask(webSrv, 'GET / HTTP/1.1\r\n' + 'A: b\r\n'.repeat(20_000));

    for (const answer of [line, fields]) {
      assert.match(answer.status, / 431 /);
      assert.equal(answer.ending, 'end');
    }
  });

  it('[SIMPLE-12] closes the eleventh client without text, though it has asked', async () => {
    const webSrv = startWebSrv();
    const port = Number(webSrv.BindPort);
    const served: Peer[] = [];
    for (let i = 0; i < 10; i++) served.push(await connect(port));
    await waitFor(() => webSrv.WebServer.ClientCount === 10, 'ten clients');

    const eleventh = await connect(port);
    eleventh.write(GET);

    assert.equal(await eleventh.closed(), 'end');
    assert.equal(eleventh.text, '');
    for (const peer of served) {
      peer.write(GET);
      assert.equal(await peer.closed(), 'end');
      assert.equal(parseAnswer(peer.text).body, 'page /ok');
      peer.end();
    }
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'places to be free');
    assert.equal((await ask(webSrv, GET)).body, 'page /ok');
  });

  it('takes a request in pieces of one byte', async () => {
    const webSrv = startWebSrv();
    const peer = await connect(Number(webSrv.BindPort));

    for (const byte of GET) {
      peer.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }

    assert.equal(await peer.closed(), 'end');
    assert.equal(parseAnswer(peer.text).body, 'page /ok');
  });

  it('ends a request that trickles in with 408, whatever comes meanwhile', async () => {
    const webSrv = startWebSrv({ RequestTimeout: 150 });
    const peer = await connect(Number(webSrv.BindPort));
    peer.write('GET /slow HTTP/1.1\r\n');
    const trickle = setInterval(() => peer.write('X: y\r\n'), 20);
    onCleanup(() => clearInterval(trickle));

    assert.equal(await peer.closed(), 'end');
    assert.match(parseAnswer(peer.text).status, / 408 /);
  });

  it('closes a client that says nothing without words', async () => {
    const webSrv = startWebSrv({ RequestTimeout: 50 });
    const peer = await connect(Number(webSrv.BindPort));

    assert.equal(await peer.closed(), 'end');
    assert.equal(peer.text, '');
  });

  it('answers a TLS hello on the plain port with 400 at once', async () => {
    const webSrv = startWebSrv({ RequestTimeout: 0 });

    const code = await new Promise<string>((resolve) => {
      const socket = tls.connect({ port: Number(webSrv.BindPort), host: '127.0.0.1' });
      onCleanup(() => socket.destroy());
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'no code'));
    });
    const answer = await ask(webSrv, Buffer.from('160301020001000100', 'hex'));

    assert.match(code, /WRONG_VERSION_NUMBER|PACKET_LENGTH|SSL/);
    assert.match(answer.status, / 400 /);
  });

  it('serves others while clients reset, half-close and stay silent', async () => {
    const webSrv = startWebSrv();
    const port = Number(webSrv.BindPort);
    const silent = await connect(port);
    for (let i = 0; i < 30; i++) {
      const peer = await connect(port);
      peer.write(i % 2 === 0 ? GET : 'GET /part');
      if (i % 3 === 0) peer.end();
      else peer.reset();
      await waitFor(() => webSrv.WebServer.ClientCount < 9, 'places');
    }

    assert.equal((await ask(webSrv, GET)).body, 'page /ok');
    assert.ok(!silent.isClosed);
    silent.end();
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'all clients to be gone');
  });

  it('answers a client that has half-closed behind its request', async () => {
    const webSrv = startWebSrv();
    const peer = await connect(Number(webSrv.BindPort));

    peer.socket.end(GET);

    assert.equal(await peer.closed(), 'end');
    assert.equal(parseAnswer(peer.text).body, 'page /ok');
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the client to be gone');
  });
});
