// Handlers that throw, are slow, or close what they should answer.

import assert from 'node:assert/strict';
import { DebugHdr, DebugNone, TLogOption } from '../../lib';
import type { TSimpleWebSrv } from '../../lib';
import { connect, waitFor } from '../support';
import { ask, parseAnswer, startWebSrv } from './webSrv';

const GET = 'GET /ok HTTP/1.1\r\nHost: a\r\n\r\n';

function collectErrors(webSrv: TSimpleWebSrv): string[] {
  const errors: string[] = [];
  webSrv.OnBgException = (_Sender, E) => void errors.push(E.message);
  return errors;
}

describe('TSimpleWebSrv and its handlers', () => {
  it('[SIMPLE-14] answers 500 for an exception in the event and goes on', async () => {
    const webSrv = startWebSrv();
    const errors = collectErrors(webSrv);
    const answers = webSrv.OnSimpWebSrvReq;
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '200 OK';
      Body.Value = 'half';
      throw new Error('secret reason');
    };

    const failed = await ask(webSrv, GET);
    webSrv.OnSimpWebSrvReq = answers;

    assert.equal(failed.status, 'HTTP/1.0 500 Internal Server Error');
    assert.ok(!failed.body.includes('secret') && !failed.body.includes('half'));
    assert.deepEqual(errors, ['secret reason']);
    assert.equal((await ask(webSrv, GET)).body, 'page /ok');
    assert.ok(webSrv.IsRunning());
  });

  it('waits for an async handler, and answers 500 when it fails', async () => {
    const webSrv = startWebSrv();
    const errors = collectErrors(webSrv);
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, Path, _Params, RespCode, Body) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (Path === '/bad') throw new Error('rejected');
      RespCode.Value = '200 OK';
      Body.Value = 'waited';
    };

    const [good, bad] = await Promise.all([
      ask(webSrv, GET),
      ask(webSrv, 'GET /bad HTTP/1.0\r\n\r\n'),
    ]);

    assert.equal(good.body, 'waited');
    assert.match(bad.status, / 500 /);
    assert.deepEqual(errors, ['rejected']);
  });

  it('waits for an async handler also when the client has half-closed', async () => {
    const webSrv = startWebSrv();
    let resume = (): void => undefined;
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, _Path, _Params, RespCode) => {
      await new Promise<void>((resolve) => (resume = resolve));
      RespCode.Value = '202';
    };
    let peerEnded = false;
    webSrv.WebServer.OnClientConnect = (_Sender, Client) => {
      Client.OnPeerShutdown = () => (peerEnded = true);
    };
    const peer = await connect(Number(webSrv.BindPort));
    peer.socket.end(GET);
    await waitFor(() => peerEnded, 'the end of the client’s side');
    resume();

    assert.equal(await peer.closed(), 'end');
    assert.match(parseAnswer(peer.text).status, / 202 /);
  });

  it('does not count the time of an async handler as RequestTimeout', async () => {
    const webSrv = startWebSrv({ RequestTimeout: 50 });
    const port = Number(webSrv.BindPort);
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, _Path, _Params, RespCode) => {
      const later = await connect(port);
      await later.closed(); // its RequestTimeout is over, so ours would be
      RespCode.Value = '203';
    };

    assert.match((await ask(webSrv, GET)).status, / 203 /);
  });

  it('answers 503 when an async handler takes longer than AnswerTimeout, and drops its answer', async () => {
    const webSrv = startWebSrv({ AnswerTimeout: 50 });
    let resume = (): void => undefined;
    let through = false;
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, _Path, _Params, RespCode) => {
      await new Promise<void>((resolve) => (resume = resolve));
      RespCode.Value = '200';
      through = true;
    };

    assert.match((await ask(webSrv, GET)).status, / 503 /);
    resume();
    await waitFor(() => through, 'the handler to end');
  });

  it('forgets the answer to a client that has gone meanwhile', async () => {
    const webSrv = startWebSrv();
    const errors = collectErrors(webSrv);
    let resume: (() => void) | null = null;
    let through = false;
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, _Path, _Params, RespCode) => {
      await new Promise<void>((resolve) => (resume = resolve));
      RespCode.Value = '200';
      through = true;
    };
    const peer = await connect(Number(webSrv.BindPort));
    peer.write(GET);
    await waitFor(() => resume !== null, 'the event');
    peer.reset();
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the client to be freed');

    resume!();
    await waitFor(() => through, 'the handler to end');

    assert.deepEqual(errors, []);
  });

  it('lets the event close its client', async () => {
    const webSrv = startWebSrv();
    const errors = collectErrors(webSrv);
    const close = ['Close', 'Abort', 'Free', 'CloseDelayed'] as const;
    for (const way of close) {
      webSrv.OnSimpWebSrvReq = (Sender) => Sender[way]();
      const answer = await ask(webSrv, GET);
      assert.equal(answer.body.length > 0, way === 'CloseDelayed', way);
    }
    assert.deepEqual(errors, []);
  });

  it('tells OnServerProg what DebugLevel asks for; exceptions there do no harm', async () => {
    const webSrv = startWebSrv({ DebugLevel: DebugHdr });
    const errors = collectErrors(webSrv);
    const lines: [TLogOption, string][] = [];
    webSrv.OnServerProg = (Sender, LogOption, Msg) => {
      assert.equal(Sender, webSrv);
      lines.push([LogOption, Msg]);
      throw new Error('log');
    };

    assert.equal((await ask(webSrv, GET)).body, 'page /ok');

    const text = lines.map(([, line]) => line).join('\n');
    assert.match(text, /Client 1 from 127\.0\.0\.1: GET a\/ok/);
    assert.match(text, /answered: 200 OK/);
    assert.ok(lines.some(([option]) => option === TLogOption.loProtSpecDump));
    assert.equal(errors.length, lines.length);

    lines.length = 0;
    webSrv.DebugLevel = DebugNone;
    await ask(webSrv, GET);
    assert.deepEqual(lines, []);
  });
});
