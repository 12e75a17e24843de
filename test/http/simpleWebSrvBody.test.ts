// Requests with a body, other verbs, pipelining: whatever is sent behind the head, the answer arrives
// and the connection ends with a FIN, not with a reset that would take the answer away.

import assert from 'node:assert/strict';
import type { TSimpleWebSrv } from '../../lib';
import { connect, drained, waitFor } from '../support';
import { ask, parseAnswer, startWebSrv } from './webSrv';

const NOT_FOUND = 'HTTP/1.0 404 Not Found';

async function expectNotFound(webSrv: TSimpleWebSrv, request: string): Promise<void> {
  const answer = await ask(webSrv, request);
  assert.equal(answer.status, NOT_FOUND);
  assert.equal(answer.ending, 'end');
}

describe('TSimpleWebSrv and what is no plain GET', () => {
  it('[SIMPLE-3] answers POST with 404 and closes cleanly, with a body of 100 KB', async () => {
    const webSrv = startWebSrv();
    const head = 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 102400\r\n\r\n';

    await expectNotFound(webSrv, head + 'b'.repeat(102400));
  });

  it('[SIMPLE-3] reads a body that comes behind the answer before it closes', async () => {
    const webSrv = startWebSrv();
    const peer = await connect(Number(webSrv.BindPort));
    peer.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 102400\r\n\r\n');
    await peer.waitText('\r\n\r\n');

    for (let i = 0; i < 100; i++) {
      peer.write('b'.repeat(1024));
      await new Promise((resolve) => setImmediate(resolve));
    }

    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the end of the connection');
    assert.equal(await peer.closed(), 'end');
    assert.equal(parseAnswer(peer.text).status, NOT_FOUND);
    peer.end();
  });

  it('answers other verbs with 404, HEAD without a body', async () => {
    const webSrv = startWebSrv();
    let asked = 0;
    webSrv.OnSimpWebSrvReq = () => void asked++;

    for (const line of [
      'PUT /x',
      'DELETE /x',
      'OPTIONS *',
      'CONNECT a.test:443',
      'get /x',
      'M-1 /',
    ])
      await expectNotFound(webSrv, `${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const head = await ask(webSrv, 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');

    assert.equal(head.status, NOT_FOUND);
    assert.equal(head.body, '');
    assert.ok(Number(head.headers.get('content-length')) > 0);
    assert.equal(asked, 0);
  });

  it('drops the body of a GET and a chunked body of unknown length', async () => {
    const webSrv = startWebSrv();
    const body = 'b'.repeat(50_000);

    const withLength = await ask(
      webSrv,
      `GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const chunked = `POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    await expectNotFound(webSrv, chunked);

    assert.equal(withLength.body, 'page /x');
    assert.equal(withLength.ending, 'end');
  });

  it('answers only the first of several pipelined requests', async () => {
    const webSrv = startWebSrv();
    const paths: string[] = [];
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, Path, _Params, RespCode, Body) => {
      paths.push(Path);
      RespCode.Value = '200';
      Body.Value = 'once';
    };

    const many = Array.from({ length: 300 }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = await ask(webSrv, many.join(''));

    assert.deepEqual(paths, ['/0']);
    assert.equal(answer.body, 'once');
    assert.equal(answer.ending, 'end');
  });

  it('waits for the end of a client that has sent more than its request', async () => {
    const webSrv = startWebSrv();
    let resume: (() => void) | null = null;
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, Path, _Params, RespCode, Body) => {
      if (Path === '/later') await new Promise<void>((resolve) => (resume = resolve));
      RespCode.Value = '200';
      Body.Value = 'page';
    };
    const sameSegment = await connect(Number(webSrv.BindPort));
    const later = await connect(Number(webSrv.BindPort));
    sameSegment.write('GET /now HTTP/1.0\r\n\r\nGET /more HTTP/1.0\r\n\r\n');
    later.write('GET /later HTTP/1.0\r\n\r\n');
    await waitFor(() => resume !== null, 'the event');
    later.write('GET /more HTTP/1.0\r\n\r\n');
    await drained();
    resume!();

    for (const peer of [sameSegment, later]) {
      assert.equal(await peer.closed(), 'end');
      assert.equal(parseAnswer(peer.text).body, 'page');
      await drained();
    }
    assert.equal(webSrv.WebServer.ClientCount, 2);
    sameSegment.end();
    later.end();
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'both clients to be gone');
  });

  it('stops reading a body that never ends at MaxDropSize', async () => {
    const webSrv = startWebSrv({ MaxDropSize: 200_000 });
    const peer = await connect(Number(webSrv.BindPort));
    peer.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n');
    let sent = 0;

    while (webSrv.WebServer.ClientCount > 0 || sent === 0) {
      peer.write('b'.repeat(10_000));
      sent += 10_000;
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(sent < 100_000_000, 'the server goes on reading');
    }

    assert.ok(sent >= 200_000);
  });

  it('closes behind LingerTimeLimit when the announced body does not come', async () => {
    const webSrv = startWebSrv({ LingerTimeLimit: 50 });
    const peer = await connect(Number(webSrv.BindPort));

    peer.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n');

    assert.equal(await peer.closed(), 'end');
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the client to be freed');
    assert.equal(parseAnswer(peer.text).status, NOT_FOUND);
  });
});
