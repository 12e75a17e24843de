// TSimpleWebSrv: one event gets the request and decides the answer.

import assert from 'node:assert/strict';
import { TSimpleClientSocket } from '../../lib';
import { connect } from '../support';
import { skipWithoutIPv6 } from '../support/ipv6';
import { ask, parseAnswer, startWebSrv } from './webSrv';

describe('TSimpleWebSrv', () => {
  it('[SIMPLE-1] gives Host, Path and Params to the event, status and body to the client', async () => {
    const seen: string[][] = [];
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = (_Sender, Host, Path, Params, RespCode, Body) => {
      seen.push([Host, Path, Params]);
      RespCode.Value = '202 Taken';
      Body.Value = '<p>größer</p>';
    };

    const answer = await ask(webSrv, 'GET /x?a=1&b=%20 HTTP/1.1\r\nHost: local.test:81\r\n\r\n');

    assert.deepEqual(seen, [['local.test:81', '/x', 'a=1&b=%20']]);
    assert.equal(answer.status, 'HTTP/1.0 202 Taken');
    const utf8 = Buffer.from('<p>größer</p>');
    assert.equal(answer.body, utf8.toString('latin1'));
    assert.equal(answer.headers.get('content-length'), String(utf8.length));
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=UTF-8');
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(answer.ending, 'end');
  });

  it('tells the rest of the request through the client that is Sender', async () => {
    const webSrv = startWebSrv();
    let facts: unknown[] = [];
    webSrv.OnSimpWebSrvReq = (Sender, _Host, _Path, _Params, RespCode) => {
      const { RequestMethod, RequestHost, RequestHostName, RequestHostPort } = Sender;
      const { RequestPath, RequestParams, RequestReferer, RequestUserAgent } = Sender;
      facts = [
        Sender instanceof TSimpleClientSocket && Sender.WebSrv === webSrv,
        ...[RequestMethod, RequestHost, RequestHostName, RequestHostPort],
        ...[RequestPath, RequestParams, RequestReferer, RequestUserAgent],
        Sender.RequestContentLength,
      ];
      RespCode.Value = '200';
    };

    const answer = await ask(
      webSrv,
      'GET /p?q HTTP/1.1\r\nHost: [::1]:8080\r\nReferer: http://from/\r\nUser-Agent: me 1\r\nContent-Length: 2\r\n\r\nxy',
    );

    const host = ['[::1]:8080', '::1', '8080'];
    assert.deepEqual(facts, [true, 'GET', ...host, '/p', 'q', 'http://from/', 'me 1', 2]);
    assert.equal(answer.status, 'HTTP/1.0 200 OK');
    assert.equal(answer.ending, 'end');
  });

  it('[SIMPLE-2] answers 500 when RespCode stays empty or is no status', async () => {
    const webSrv = startWebSrv();
    for (const code of ['', 'fine', '20', '2000 OK', '100 Continue', '200 OK\r\nSet-Cookie: a=b']) {
      webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
        RespCode.Value = code;
        Body.Value = 'secret';
      };
      const answer = await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n');

      assert.equal(answer.status, 'HTTP/1.0 500 Internal Server Error', code);
      assert.ok(!answer.body.includes('secret') && !answer.headers.has('set-cookie'), code);
    }
    webSrv.OnSimpWebSrvReq = null;
    assert.match((await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n')).status, / 500 /);
  });

  it('[SIMPLE-4] reads header names in any case', async () => {
    const webSrv = startWebSrv();
    const agents: string[] = [];
    webSrv.OnSimpWebSrvReq = (Sender, Host, _Path, _Params, RespCode) => {
      agents.push(`${Host} ${Sender.RequestUserAgent}`);
      RespCode.Value = '200';
    };

    await ask(webSrv, 'GET / HTTP/1.1\r\nhost: low\r\nuser-agent: one\r\n\r\n');
    await ask(webSrv, 'GET / HTTP/1.1\r\nHOST:HIGH\r\nUSER-AGENT: \t two \r\n\r\n');

    assert.deepEqual(agents, ['low one', 'HIGH two']);
  });

  it('[SIMPLE-5] reduces an absolute URI to its path, and takes the host from it', async () => {
    const webSrv = startWebSrv();
    const seen: string[] = [];
    webSrv.OnSimpWebSrvReq = (_Sender, Host, Path, Params, RespCode) => {
      seen.push(`${Host}|${Path}|${Params}`);
      RespCode.Value = '200';
    };

    await ask(webSrv, 'GET http://a.test:81/x/y?z=/ HTTP/1.1\r\nHost: other\r\n\r\n');
    await ask(webSrv, 'GET HTTPS://b.test HTTP/1.1\r\nHost: other\r\n\r\n');
    await ask(webSrv, 'GET http://c.test?q HTTP/1.1\r\nHost: other\r\n\r\n');

    assert.deepEqual(seen, ['a.test:81|/x/y|z=/', 'b.test|/|', 'c.test|/|q']);
  });

  it('[SIMPLE-6] delivers a body of 5 MB before it closes, to a slow reader as well', async () => {
    const webSrv = startWebSrv();
    const body = 'abcdefghij'.repeat(512 * 1024);
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '200 OK';
      Body.Value = body;
    };

    const peer = await connect(Number(webSrv.BindPort));
    peer.socket.pause();
    peer.write('GET / HTTP/1.0\r\n\r\n');
    const quick = await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n');
    peer.socket.resume();

    assert.ok(quick.body === body);
    assert.equal(await peer.closed(), 'end');
    assert.ok(parseAnswer(peer.text).body === body);
  });

  it('has no body with statuses that have none', async () => {
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '204';
      Body.Value = 'x';
    };

    const answer = await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n');

    assert.equal(answer.status, 'HTTP/1.0 204 No Content');
    assert.equal(answer.body, '');
    assert.ok(!answer.headers.has('content-length'));
  });

  it('lets the event answer with CliSendPage and header lines of its own', async () => {
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = (Sender, _Host, _Path, _Params, RespCode, Body) => {
      Sender.CliSendPage('302', 'text/plain', 'Location: /next\r\nX-Two: 2\r\n', 'moved');
      Sender.CliSendPage('200', 'text/plain', '', 'twice');
      RespCode.Value = '200';
      Body.Value = 'thrice';
    };

    const answer = await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n');

    assert.equal(answer.status, 'HTTP/1.0 302 Found');
    assert.equal(answer.headers.get('location'), '/next');
    assert.equal(answer.headers.get('x-two'), '2');
    assert.equal(answer.body, 'moved');
  });

  it('refuses texts that would break the head, and shows messages as text', async () => {
    const webSrv = startWebSrv();
    webSrv.OnSimpWebSrvReq = (Sender) => {
      const send = Sender.CliSendPage.bind(Sender);
      assert.throws(() => send('200 OK\r\nX: y', 'text/html', '', ''), TypeError);
      assert.throws(() => send('200', 'text/html\r\nX: y', '', ''), TypeError);
      assert.throws(() => send('200', 'text/html', 'X: y\r\n\r\n<b>', ''), TypeError);
      assert.throws(() => send('200', 'text/html', 'X: y\nZ: 1', ''), TypeError);
      Sender.CliErrorResponse('403 <b>', '<script>&');
    };

    const answer = await ask(webSrv, 'GET / HTTP/1.0\r\n\r\n');

    assert.equal(answer.status, 'HTTP/1.0 403 <b>');
    assert.ok(answer.body.includes('&lt;script&gt;&amp;') && !answer.body.includes('<b>'));
  });

  describe('on localhost', () => {
    before(skipWithoutIPv6);

    it('[SIMPLE-7] answers on IPv4 and IPv6 at the same port', async () => {
      const webSrv = startWebSrv({ WebSrvIP: 'LocalHost' });

      for (const host of ['127.0.0.1', '::1']) {
        const peer = await connect({ host, port: Number(webSrv.BindPort) });
        peer.write('GET /both HTTP/1.0\r\n\r\n');
        assert.equal(await peer.closed(), 'end');
        assert.equal(parseAnswer(peer.text).body, 'page /both');
      }
    });
  });
});
