// examples/conSrv.ts: a server whose events come from MessageLoop, ended by PostQuitMessage.

import assert from 'node:assert/strict';
import { Example, Terminal } from './exampleProcess';

describe('examples/conSrv', function () {
  this.timeout(60_000);

  it('serves several clients from MessageLoop and ends when one of them says quit', async () => {
    const server = Example.run('conSrv', ['0']);
    const port = await server.port();
    const first = Terminal.connect(port);
    await first.waitText('"quit" ends the server');
    const second = Terminal.connect(port);
    second.type('hello\n');
    await second.waitText('You sent: hello');
    second.type('quit\n');
    await second.waitText('The server ends now');
    await Promise.all([first.closed(), second.closed()]);

    assert.equal(await server.exited, 0);
    assert.match(server.text, /Client 1 from 127\.0\.0\.1:\d+/);
    assert.match(server.text, /Server ended\n$/);
  });

  it('tells when a client leaves and goes on', async () => {
    const server = Example.run('conSrv', ['0']);
    const port = await server.port();
    const first = Terminal.connect(port);
    await first.waitText('"quit" ends the server');
    first.leave();
    await server.waitText('Client 1 left');
    const second = Terminal.connect(port);
    second.type('quit\n');
    assert.equal(await server.exited, 0);
  });
});
