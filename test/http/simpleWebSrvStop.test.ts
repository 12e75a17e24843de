// StartSrv and StopSrv: what they leave behind, from outside and from inside the event.

import assert from 'node:assert/strict';
import { connect, freePort, waitFor } from '../support';
import { ask, newWebSrv, parseAnswer, startWebSrv } from './webSrv';

const GET = 'GET /ok HTTP/1.0\r\n\r\n';

describe('TSimpleWebSrv.StopSrv', () => {
  it('[SIMPLE-10] called inside the event still delivers that answer, large as it may be', async () => {
    const webSrv = startWebSrv();
    const body = 'x'.repeat(3_000_000);
    const results: boolean[] = [];
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '200 OK';
      Body.Value = body;
      results.push(webSrv.StopSrv());
    };

    const answer = await ask(webSrv, GET);

    assert.ok(answer.body === body);
    assert.deepEqual(results, [false]);
    assert.ok(!webSrv.IsRunning());
    await waitFor(() => webSrv.WebServer.ClientCount === 0, 'the client to be gone');
  });

  it('delivers an answer given before it, inside the event', async () => {
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = (Sender) => {
      Sender.CliSendPage('200', 'text/plain', '', 'given');
      webSrv.StopSrv();
    };

    assert.equal((await ask(webSrv, GET)).body, 'given');
    assert.equal(webSrv.WebServer.ClientCount, 0);
  });

  it('lets an async handler that awaits it answer', async () => {
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = async (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      await new Promise((resolve) => setImmediate(resolve));
      webSrv.StopSrv();
      RespCode.Value = '200';
      Body.Value = 'late';
    };

    assert.equal((await ask(webSrv, GET)).body, 'late');
  });

  it('[SIMPLE-13] with an idle client returns at once and closes it', async () => {
    const webSrv = startWebSrv();
    const silent = await connect(Number(webSrv.BindPort));
    const partial = await connect(Number(webSrv.BindPort));
    partial.write('GET /part');
    await waitFor(() => webSrv.WebServer.ClientCount === 2, 'both clients');

    const begin = performance.now();
    assert.equal(webSrv.StopSrv(), false);

    assert.ok(performance.now() - begin < 5000);
    assert.equal(webSrv.WebServer.ClientCount, 0);
    assert.equal(await silent.closed(), 'end');
    assert.equal(await partial.closed(), 'end');
  });

  it('False leaves the clients', async () => {
    const webSrv = startWebSrv();
    const port = Number(webSrv.BindPort);
    const peer = await connect(port);
    await waitFor(() => webSrv.WebServer.ClientCount === 1, 'the client');

    webSrv.StopSrv(false);
    peer.write(GET);

    assert.equal(await peer.closed(), 'end');
    assert.equal(parseAnswer(peer.text).body, 'page /ok');
    await assert.rejects(connect(port), /ECONNREFUSED/);
  });

  it('may be called at any time, any number of times, and StartSrv follows', async () => {
    const webSrv = newWebSrv();
    assert.equal(webSrv.StopSrv(), false);
    for (let i = 0; i < 3; i++) {
      assert.equal(webSrv.StartSrv(), true);
      assert.ok(webSrv.IsRunning());
      assert.match(webSrv.ListenStates(), /^Socket 1 State: Listening .* on 127\.0\.0\.1 port \d+/);
      assert.equal((await ask(webSrv, GET)).body, 'page /ok');
      if (i > 0) assert.equal(webSrv.StopSrv(), false);
    }
    webSrv.Free();
    assert.equal(webSrv.StartSrv(), false);
    assert.equal(webSrv.StopSrv(), false);
    assert.equal(webSrv.IsRunning(), false);
  });

  it('is not needed before Free, which may come inside the event', async () => {
    const webSrv = startWebSrv();
    const silent = await connect(Number(webSrv.BindPort));
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode) => {
      RespCode.Value = '200';
      webSrv.Free();
    };

    const peer = await connect(Number(webSrv.BindPort));
    peer.write(GET);

    assert.equal(await peer.closed(), 'end');
    assert.equal(await silent.closed(), 'end');
    assert.equal(peer.text, '');
  });
});

describe('TSimpleWebSrv.StartSrv', () => {
  it('has the defaults of ICS', () => {
    const { WebSrvIP, WebSrvIP2, WebSrvPort, WebSrvPortSsl, WebSrvHostName } = newWebSrv({
      WebSrvIP: 'localhost',
      WebSrvPort: '8080',
    });
    assert.deepEqual(
      [WebSrvIP, WebSrvIP2, WebSrvPort, WebSrvPortSsl, WebSrvHostName],
      ['localhost', '', '8080', '0', 'localhost'],
    );
    const { WebServer } = newWebSrv();
    assert.deepEqual(
      [WebServer.MaxClients, WebServer.Banner, WebServer.BannerTooBusy],
      [10, '', ''],
    );
  });

  it('answers False with the reason where the port is taken, and keeps what does listen', async () => {
    const first = startWebSrv();
    const second = newWebSrv({ WebSrvPort: first.BindPort, WebSrvIP2: '127.0.0.2' });

    assert.equal(second.StartSrv(), false);

    assert.match(second.StartError, /127\.0\.0\.1 port \d+ .*10048/);
    assert.ok(second.IsRunning());
    const peer = await connect({ host: '127.0.0.2', port: Number(first.BindPort) });
    peer.write(GET);
    assert.equal(await peer.closed(), 'end');
    assert.equal(parseAnswer(peer.text).body, 'page /ok');
    assert.equal((await ask(first, GET)).body, 'page /ok');
  });

  it('tells what is wrong with addresses, ports and limits', () => {
    for (const wrong of [
      { WebSrvIP: '' },
      { WebSrvPort: 'no-such-service' },
      { WebSrvPort: '' },
      { MaxHeaderSize: 0 },
      { MaxHeaderSize: NaN },
    ]) {
      const webSrv = newWebSrv(wrong);
      assert.equal(webSrv.StartSrv(), false, JSON.stringify(wrong));
      assert.notEqual(webSrv.StartError, '');
      assert.ok(!webSrv.IsRunning());
    }
  });

  it('takes over changed properties when it is called again', async () => {
    const webSrv = startWebSrv();
    const before = webSrv.BindPort;
    const port = await freePort();
    webSrv.WebSrvPort = String(port);

    assert.ok(webSrv.StartSrv());

    assert.equal(webSrv.BindPort, String(port));
    assert.equal((await ask(webSrv, GET)).body, 'page /ok');
    await assert.rejects(connect(Number(before)), /ECONNREFUSED/);
  });
});
