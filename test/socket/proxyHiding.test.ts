// While a proxy is asked for the connection, its bytes and the application's do not mix, and the
// application may do what it likes in the events.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { htatDigest, wsClosed, wsConnected } from '../../lib';
import { FD_CLOSE } from '../../lib/native';
import { drained, raised, waitFor } from '../support';
import { newProxied, outcome, plainServer } from './proxied';

describe('During the negotiation with a proxy', () => {
  it('nothing can be read or sent, and nothing is lost by trying', async () => {
    const seen: Buffer[] = [];
    let proxyEnd: Socket | null = null;
    const proxy = await plainServer((peer) => {
      proxyEnd = peer;
      peer.on('data', (data: Buffer) => seen.push(data));
    });
    const client = newProxied(80);
    const { socket } = client;
    socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;
    socket.Connect();
    await waitFor(() => seen.length > 0, 'the greeting');
    proxyEnd!.write(Buffer.from([5]));

    assert.equal(socket.State, wsConnected);
    const error = raised(() => socket.SendStr('too early'));
    assert.equal(error.ErrorCode, 10057);
    assert.equal(socket.State, wsConnected);
    socket.PutDataInSendBuffer(Buffer.from('queued'));
    assert.equal(socket.PutStringInSendBuffer('queued'), 0);
    assert.equal(socket.Receive(Buffer.alloc(10)), -1);
    assert.equal(socket.LastError, 10035);
    assert.equal(socket.ReceiveStr(), '');
    assert.equal(socket.RcvdCount, 0);

    proxyEnd!.write(Buffer.from([0]));
    await waitFor(() => Buffer.concat(seen).length === 3 + 10, 'the request');
    proxyEnd!.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
    await waitFor(() => client.lines.includes('OnSessionConnected 0'), 'the tunnel');
    socket.SendStr('now');
    await waitFor(() => Buffer.concat(seen).length === 16, 'the first own bytes');
    assert.equal(Buffer.concat(seen).toString('latin1', 13), 'now');
  });

  for (const event of ['OnSocksConnected', 'OnSocksAuthState', 'OnSocksError'] as const)
    it(`Close in ${event} ends it without OnSessionConnected`, async () => {
      const proxy = await plainServer((peer) => {
        peer.once('data', () => {
          peer.write(Buffer.from([5, 0]));
          peer.once('data', () => peer.write(Buffer.from([5, 1, 0, 1, 0, 0, 0, 0, 0, 0])));
        });
      });
      const { socket, lines } = newProxied(80);
      socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;
      socket[event] = () => {
        lines.push(event);
        socket.Close();
      };

      socket.Connect();

      await waitFor(() => lines.includes('OnSessionClosed 0'), 'the close');
      assert.equal(socket.State, wsClosed);
      assert.deepEqual(lines.slice(-2), [event, 'OnSessionClosed 0']);
      assert.ok(!lines.some((line) => line.startsWith('OnSessionConnected')));
    });

  it('a handler that throws ends the connection, not the process', async () => {
    const proxy = await plainServer((peer) => peer.once('data', () => peer.write('\x05\x00')));
    const { socket, lines } = newProxied(80);
    const thrown: string[] = [];
    socket.OnBgException = (_s, E) => void thrown.push(E.message);
    socket.OnSocksAuthState = () => {
      throw new Error('from the handler');
    };
    socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;

    socket.Connect();

    await waitFor(() => lines.includes('OnSessionClosed 0'), 'the close');
    assert.deepEqual(thrown, ['from the handler']);
  });

  it('the end of the connection inside the handler of a failure does not report it twice', async () => {
    let finished = false;
    const proxy = await plainServer((peer) => {
      peer.once('finish', () => (finished = true));
      peer.once('data', () => peer.end('garbage'));
    });
    const { socket, lines } = newProxied(80);
    socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;
    socket.OnSocksConnected = () => socket.Pause();
    socket.OnSocksError = () => {
      lines.push('OnSocksError');
      if (lines.filter((line) => line === 'OnSocksError').length > 1) return;
      socket.ProcessMessages();
      socket.onSocketEvent(FD_CLOSE, 0); // as a pump finds it when the end comes a moment later
    };
    socket.Connect();
    await waitFor(() => finished, 'garbage and end in the kernel');

    socket.Resume();

    await waitFor(() => socket.State === wsClosed, 'the close');
    assert.equal(lines.filter((line) => line === 'OnSocksError').length, 1, lines.join(' | '));
    assert.ok(lines.filter((line) => line.startsWith('OnSessionConnected')).length <= 1);
    assert.equal(lines.filter((line) => line.startsWith('OnSessionClosed')).length, 1);
  });

  it('an answer, a line and half a line that come with the end itself are all taken', async () => {
    let finished = false;
    const proxy = await plainServer((peer) => {
      peer.once('finish', () => (finished = true));
      peer.once('data', () => peer.end('HTTP/1.1 200 OK\r\n\r\nline\r\nhalf'));
    });
    const { socket, lines, received } = newProxied(80);
    socket.LineMode = true;
    socket.ProxyURL = `http://127.0.0.1:${proxy.port}`;
    socket.OnHttpTunnelConnected = () => socket.Pause();
    socket.Connect();
    await waitFor(() => finished, 'everything in the kernel');

    socket.Resume();
    socket.onSocketEvent(FD_CLOSE, 0); // as if all of it had come behind the last read event

    assert.deepEqual(received, ['line\r\n', 'half']);
    assert.deepEqual(lines, ['OnSessionConnected 0', 'OnSessionClosed 0']);
  });

  it('Pause stops it, and Resume goes on', async () => {
    let proxyEnd: Socket | null = null;
    const proxy = await plainServer((peer) => {
      proxyEnd = peer;
      peer.once('data', () => {
        peer.write('\x05\x00');
        peer.once('data', () => peer.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x21])));
      });
    });
    const { socket, lines, received } = newProxied(80);
    socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;
    socket.OnSocksConnected = () => socket.Pause();
    socket.Connect();
    await waitFor(() => (proxyEnd?.bytesWritten ?? 0) === 2, 'the first reply');
    await drained();
    assert.deepEqual(lines, []);

    socket.Resume();

    await waitFor(() => received.join('') === '!', 'the tunnel and its first byte');
    assert.deepEqual(lines, ['OnSocksAuthState socksAuthNotRequired', 'OnSessionConnected 0']);
  });

  it('Free in an event is the end of everything', async () => {
    const proxy = await plainServer((peer) => peer.once('data', () => peer.write('\x05\x00')));
    const { socket, lines } = newProxied(80);
    socket.ProxyURL = `socks5://127.0.0.1:${proxy.port}`;
    let freed = false;
    socket.OnSocksAuthState = () => {
      freed = true;
      socket.Free();
    };

    socket.Connect();

    await waitFor(() => freed, 'the event');
    assert.deepEqual(lines, ['OnSocksConnected 0']);
  });

  it('an accepted connection does not ask the proxy that a later Connect would use', async () => {
    const proxy = await plainServer(() => {});
    const { socket: listener } = newProxied(0);
    const { socket, lines } = newProxied(80);
    listener.Listen();
    listener.OnSessionAvailable = () => {
      socket.HttpTunnelServer = '127.0.0.1';
      socket.HttpTunnelPort = `${proxy.port}`;
      socket.HSocket = listener.Accept();
      socket.SendStr('direct');
    };
    const peer = newProxied(listener.GetXPort());
    assert.equal(await outcome(peer), 0);
    await waitFor(() => peer.received.join('') === 'direct', 'the bytes');
    assert.deepEqual(lines, []);
  });

  it('Digest is answered with SHA-256 for a session when the proxy offers that', async () => {
    const requests: string[] = [];
    const proxy = await plainServer((peer) => {
      peer.on('data', (data: Buffer) => {
        requests.push(data.toString());
        peer.write(
          requests.length > 1
            ? 'HTTP/1.1 200 OK\r\n\r\n'
            : 'HTTP/1.1 407 No\r\nContent-Length: 5\r\nProxy-Authenticate: Digest realm="a\\"b", ' +
                'nonce="n", qop="auth-int, auth", Basic realm="x"\r\n' +
                'Proxy-Authenticate: Digest realm="a\\"b", nonce="N2", algorithm=SHA-256-sess, ' +
                'qop="auth", opaque="op"\r\n\r\nbody!',
        );
      });
    });
    const client = newProxied(443, 'target.example');
    client.socket.ProxyURL = `http://us%40er:pass%3Aword@127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 0);

    assert.equal(client.socket.HttpTunnelCurrentAuthType, htatDigest);
    const sent = /^Proxy-Authorization: Digest (.*)\r$/m.exec(requests[1]!)![1]!;
    const value = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(sent)![1]!;
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    const [nonce, cnonce] = ['N2', value('cnonce')];
    const ha1 = hash(`${hash('us@er:a"b:pass:word')}:${nonce}:${cnonce}`);
    const ha2 = hash('CONNECT:target.example:443');
    assert.equal(value('response'), hash(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`));
    assert.match(sent, /realm="a\\"b"/);
    assert.match(sent, /uri="target\.example:443"/);
    assert.match(sent, /opaque="op"/);
    assert.ok(!requests[0]!.includes('Proxy-Authorization'));
  });

  it('NTLM as the only offer is refused and named', async () => {
    const proxy = await plainServer((peer) => {
      peer.once('data', () =>
        peer.write('HTTP/1.1 407 No\r\nContent-Length: 0\r\nProxy-Authenticate: NTLM\r\n\r\n'),
      );
    });
    const client = newProxied(80);
    client.socket.ProxyURL = `http://user:secret@127.0.0.1:${proxy.port}`;

    assert.equal(await outcome(client), 21407);
    assert.equal(
      client.lines[1],
      'OnHttpTunnelError 21407 [4] HTTP Proxy - Proxy Authentication Required',
    );
  });
});
