// Alerts the package writes itself, and what errors of a handshake are called.
import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import * as A from '../../lib/ssl/alerts';
import { TSslContext } from '../../lib/ssl/TSslContext';
import { onCleanup, track } from '../support';
import { portOf } from './sockets';
import { useFiles } from './sessions';

/** The error of a client that gets these bytes for its hello. */
function clientError(answer: Buffer): Promise<NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer));
    });
    server.listen(0, '127.0.0.1', () => {
      const client = tls.connect({ port: portOf(server), rejectUnauthorized: false });
      client.on('error', resolve);
      onCleanup(() => {
        client.destroy();
        server.close();
      });
    });
  });
}

/** The error of a server that gets these bytes for a hello. */
function serverError(bytes: string | Buffer): Promise<NodeJS.ErrnoException> {
  const context = track(new TSslContext());
  useFiles(context);
  context.InitContext();
  return new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      const session = new tls.TLSSocket(socket, {
        isServer: true,
        secureContext: context.secureContext(),
      });
      session.on('error', resolve);
    });
    server.listen(0, '127.0.0.1', () => {
      const client = net.connect(portOf(server), '127.0.0.1', () => client.write(bytes));
      client.on('error', () => undefined);
      onCleanup(() => {
        client.destroy();
        server.close();
      });
    });
  });
}

describe('An alert', () => {
  it('is understood by clients', async () => {
    const said = async (description: number): Promise<string> =>
      (await clientError(A.alertRecord(description))).message;
    assert.match(await said(A.ALERT_UNRECOGNIZED_NAME), /unrecognized name/);
    assert.match(await said(A.ALERT_NO_APPLICATION_PROTOCOL), /no application protocol/);
    assert.match(await said(A.ALERT_PROTOCOL_VERSION), /protocol version/);
    assert.match(await said(A.ALERT_INTERNAL_ERROR), /internal error/);
  });

  it('shows the version of the hello, from TLS 1.0 to TLS 1.2', () => {
    assert.deepEqual([...A.alertRecord(112)], [21, 3, 3, 0, 2, 2, 112]);
    assert.deepEqual([...A.alertRecord(112, 0x0301, false)], [21, 3, 1, 0, 2, 1, 112]);
    assert.deepEqual([...A.alertRecord(70, 0x0002)], [21, 3, 1, 0, 2, 2, 70]);
    assert.deepEqual([...A.alertRecord(70, 0xffff)], [21, 3, 3, 0, 2, 2, 70]);
  });
});

describe('The error of a handshake', () => {
  const NO_HELLOS: readonly (readonly [string, number, string])[] = [
    ['GET / HTTP/1.0\r\n\r\n', 156, 'Error, HTTP request, no SSL handshake'],
    ['POST / HTTP/1.0\r\n\r\n', 156, 'Error, HTTP request, no SSL handshake'],
    ['CONNECT a:1 HTTP/1.0\r\n\r\n', 155, 'Error, HTTPS proxy request, no SSL handshake'],
    ['QUIT\r\n', 267, 'Error, wrong SSL version'],
    ['OPTIONS / HTTP/1.0\r\n', 267, 'Error, wrong SSL version'],
  ];

  for (const [bytes, number, text] of NO_HELLOS)
    it(`after "${bytes.slice(0, 6).trim()}" has the number and text of ICS`, async () => {
      const error = await serverError(bytes);
      assert.equal(A.tlsErrorNumber(error), number);
      assert.equal(A.tlsErrorText(error), text);
      assert.deepEqual(A.refusalOf(Buffer.from(bytes)), { ErrCode: number, text });
    });

  it('has the reason number of OpenSSL and its text without place', async () => {
    const error = await serverError(Buffer.from([22, 3, 1, 0, 4, 0, 0, 0, 0]));
    assert.equal(A.tlsErrorNumber(error), 244);
    assert.equal(A.tlsErrorText(error), 'error:0A0000F4:SSL routines::unexpected message');
    assert.equal(A.opensslNumber(error), 0x0a0000f4);
  });

  it('is 1 when OpenSSL has reported none', () => {
    for (const text of ['', 'socket hang up', 'error:xyz', 'error:00000000:a:b:c']) {
      assert.equal(A.tlsErrorNumber(new Error(text)), 1);
      if (!text.includes('0000')) assert.equal(A.tlsErrorText(new Error(text)), text);
    }
  });

  it('252 is an unknown protocol', () => {
    const error = new Error('error:0A0000FC:SSL routines::unknown protocol');
    assert.equal(A.tlsErrorNumber(error), 252);
    assert.equal(A.tlsErrorText(error), 'Error, unknown SSL protocol');
  });
});
