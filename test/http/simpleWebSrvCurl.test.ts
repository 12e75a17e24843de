// curl as the client: the forms real programs send.

import assert from 'node:assert/strict';
import { freePort, waitFor } from '../support';
import { tempFile } from '../support/certificates';
import { run, skipWithout, startWebSrv } from './webSrv';

describe('TSimpleWebSrv and curl', () => {
  before(skipWithout('curl'));

  it('[SIMPLE-1] gives curl the page', async () => {
    const webSrv = startWebSrv();
    let seen = '';
    webSrv.OnSimpWebSrvReq = (_Sender, Host, Path, Params, RespCode, Body) => {
      seen = `${Host} ${Path} ${Params}`;
      RespCode.Value = '200 OK';
      Body.Value = 'for curl';
    };
    const url = `http://127.0.0.1:${webSrv.BindPort}/x?a=1`;

    const { out, code } = await run('curl', ['-s', '-w', '|%{http_code}', url]);

    assert.equal(code, 0);
    assert.equal(out, 'for curl|200');
    assert.equal(seen, `127.0.0.1:${webSrv.BindPort} /x a=1`);
  });

  it('[SIMPLE-3] answers its POST, its PUT of a file, its HEAD', async () => {
    const webSrv = startWebSrv();
    const url = `http://127.0.0.1:${webSrv.BindPort}/x`;
    const file = tempFile('body', Buffer.alloc(3_000_000, 'x'));
    const forms = [
      ['-d', 'a=1'],
      ['-d', `@${file}`],
      ['-F', `up=@${file}`],
      ['-T', file],
      ['-H', 'Transfer-Encoding: chunked', '-T', file],
      ['-I'],
    ];
    for (const form of forms) {
      const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', ...form, url];
      const { out, code } = await run('curl', args);
      assert.deepEqual([out, code], ['404', 0], form.join(' '));
    }
  });

  it('answers as a proxy is asked, and over TLS', async () => {
    const webSrv = startWebSrv({ WebSrvPort: String(await freePort()) });
    webSrv.WebSrvPortSsl = String(await freePort());
    assert.ok(webSrv.StartSrv(), webSrv.StartError);
    const proxy = `http://127.0.0.1:${webSrv.BindPort}`;

    const asProxy = await run('curl', ['-s', '-x', proxy, 'http://other.test/y?z']);
    const overTls = await run('curl', ['-sk', `https://127.0.0.1:${webSrv.BindPortSsl}/z`]);

    assert.deepEqual([asProxy.out, overTls.out], ['page /y', 'page /z']);
  });

  it('StopSrv waits for an answer that is still being sent', async () => {
    const webSrv = startWebSrv();
    const size = 12_000_000;
    webSrv.OnSimpWebSrvReq = (_Sender, _Host, _Path, _Params, RespCode, Body) => {
      RespCode.Value = '200';
      Body.Value = 'z'.repeat(size);
    };
    // Slow enough that the answer waits in the send queue on any machine.
    const args = ['-s', '--limit-rate', '8M', '-o', '/dev/null', '-w', '%{size_download}'];
    const download = run('curl', [...args, `http://127.0.0.1:${webSrv.BindPort}/`]);
    await waitFor(() => (webSrv.WebServer.Client[0]?.BufferedByteCount ?? 0) > 0, 'the answer');

    webSrv.StopSrv();

    assert.equal(webSrv.WebServer.ClientCount, 0);
    assert.deepEqual(await download, { out: String(size), code: 0 });
  });
});
