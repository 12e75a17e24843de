// The properties that name a proxy: defaults, guards and the texts of ICS.

import assert from 'node:assert/strict';
import {
  ESocketException,
  TCustomHttpTunnelWSocket,
  TCustomLineWSocket,
  TCustomSocksWSocket,
  TSocksWSocket,
  TWSocket,
  htatDetect,
  htatNone,
  htatNtlm,
  socksAuthenticateUsercode,
  socksNoAuthentication,
  wsClosed,
} from '../../lib';
import { raised, track } from '../support';
import { plainServer } from './proxied';

const newSocket = (): TWSocket => {
  const socket = track(new TWSocket());
  socket.Addr = '127.0.0.1';
  socket.Port = '80';
  return socket;
};

describe('Proxy properties', () => {
  it('have the defaults of ICS, and cost an idle socket nothing', () => {
    const socket = track(new TWSocket());

    assert.equal(socket.SocksLevel, '5');
    assert.deepEqual([socket.SocksServer, socket.SocksPort], ['', '']);
    assert.deepEqual([socket.SocksUsercode, socket.SocksPassword], ['', '']);
    assert.equal(socket.SocksAuthentication, socksNoAuthentication);
    assert.deepEqual([socket.HttpTunnelServer, socket.HttpTunnelPort], ['', '']);
    assert.deepEqual([socket.HttpTunnelUsercode, socket.HttpTunnelPassword], ['', '']);
    assert.equal(socket.HttpTunnelAuthType, htatDetect);
    assert.equal(socket.HttpTunnelCurrentAuthType, htatNone);
    assert.equal(socket.HttpTunnelBufferSize, 1024);
    assert.equal(socket.ProxyURL, '');
    const own = Object.keys(socket).filter((key) => /socks|tunnel|proxy|negotiation/i.test(key));
    assert.deepEqual(own, []);
  });

  it('belong to the classes of ICS', () => {
    const socket = track(new TSocksWSocket());

    assert.ok(socket instanceof TWSocket);
    const line = Object.getPrototypeOf(TCustomLineWSocket.prototype) as object;
    assert.ok(socket instanceof TCustomSocksWSocket);
    assert.ok(line instanceof TCustomHttpTunnelWSocket);
  });

  it('[WS-91] with SocksServer set, Listen raises', () => {
    const socket = newSocket();
    socket.SocksServer = '127.0.0.1';

    const error = raised(() => socket.Listen());

    assert.equal(error.message, 'Listening is not supported thru socks server');
    assert.equal(socket.State, wsClosed);
  });

  it('with HttpTunnelServer set, Listen raises', () => {
    const socket = newSocket();
    socket.HttpTunnelServer = '127.0.0.1';

    const error = raised(() => socket.Listen());

    assert.equal(error.message, 'Listening is not supported thru HTTP proxy servers');
    assert.equal(socket.State, wsClosed);
  });

  it('only one kind of proxy can be set', () => {
    const socks = newSocket();
    socks.SocksServer = '127.0.0.1';
    const http = newSocket();
    http.HttpTunnelServer = '127.0.0.1';

    assert.equal(
      raised(() => (socks.HttpTunnelServer = 'other')).message,
      "Can't use HTTP proxy when Socks is used as well",
    );
    assert.equal(
      raised(() => (http.SocksServer = 'other')).message,
      "Can't use Socks when HTTP proxy is used as well",
    );
    assert.deepEqual([socks.HttpTunnelServer, http.SocksServer], ['', '']);
  });

  it('Connect with UDP raises, for either kind', () => {
    for (const [url, text] of [
      ['socks5://127.0.0.1', 'TCP is the only protocol supported thru socks server'],
      ['http://127.0.0.1', 'TCP is the only protocol supported by HTTP proxies'],
    ] as const) {
      for (const proto of ['udp', 'UDP', '17']) {
        const socket = newSocket();
        socket.Proto = proto;
        socket.ProxyURL = url;

        assert.equal(raised(() => socket.Connect()).message, text);
        assert.equal(socket.State, wsClosed);
      }
    }
  });

  it('SocksLevel takes 4, 4A and 5 only', () => {
    const socket = newSocket();
    socket.SocksLevel = '4a';

    const error = raised(() => (socket.SocksLevel = '6'));

    assert.equal(error.message, 'Invalid socks level. Must be 4, 4A or 5.');
    assert.equal(socket.SocksLevel, '4A');
  });

  it('cannot change while the socket is not closed', async () => {
    const { port } = await plainServer(() => {});
    const socket = newSocket();
    socket.Port = port;
    socket.Connect();
    const refused = (change: () => void): string => raised(change).message;

    assert.equal(
      refused(() => (socket.SocksLevel = '4')),
      "Can't change socks level if not closed",
    );
    assert.equal(
      refused(() => (socket.SocksServer = 'x')),
      "Can't change socks server if not closed",
    );
    assert.equal(
      refused(() => (socket.SocksPort = '1')),
      "Can't change socks port if not closed",
    );
    assert.equal(
      refused(() => (socket.HttpTunnelServer = 'x')),
      "Can't change HTTP proxy server if not closed",
    );
    assert.equal(
      refused(() => (socket.HttpTunnelPort = '1')),
      "Can't change HTTP proxy port if not closed",
    );
    assert.equal(
      refused(() => (socket.ProxyURL = 'http://x')),
      "Can't change proxy URL if not closed",
    );
    assert.deepEqual([socket.SocksServer, socket.HttpTunnelServer], ['', '']);
  });

  it('Connect refuses what would end a line or a field of the proxy protocol', () => {
    const injected = newSocket();
    injected.ProxyURL = 'http://127.0.0.1:1';
    injected.Addr = 'host\r\nX-Injected: 1';
    const longUser = newSocket();
    longUser.ProxyURL = 'socks5://127.0.0.1:1';
    longUser.SocksUsercode = 'u'.repeat(256);
    const longName = newSocket();
    longName.ProxyURL = 'socks5://127.0.0.1:1';
    longName.Addr = 'n'.repeat(256);
    const control = newSocket();
    control.ProxyURL = 'http://127.0.0.1:1';
    control.HttpTunnelUsercode = 'a\r\nb';

    for (const socket of [injected, longUser, longName, control]) {
      assert.throws(() => socket.Connect(), ESocketException);
      assert.equal(socket.State, wsClosed);
    }
  });

  it('Connect names what this proxy cannot do', () => {
    const six = newSocket();
    six.ProxyURL = 'socks4a://127.0.0.1:1';
    six.Addr = '::1';
    const ntlm = newSocket();
    ntlm.ProxyURL = 'http://127.0.0.1:1';
    ntlm.HttpTunnelAuthType = htatNtlm;
    const noPort = newSocket();
    noPort.SocksServer = '127.0.0.1';

    assert.match(raised(() => six.Connect()).message, /IPv6 address: use SocksLevel 5$/);
    assert.match(raised(() => ntlm.Connect()).message, /^NTLM authentication is not supported/);
    assert.match(raised(() => noPort.Connect()).message, /^connect: .*Invalid Port\.$/);
  });
});

describe('ProxyURL', () => {
  it('sets the SOCKS properties', () => {
    const socket = newSocket();
    socket.ProxyURL = 'socks5://us%40er:pa%3Ass@[::1]:1081/';

    assert.deepEqual(
      [socket.SocksServer, socket.SocksPort, socket.SocksLevel],
      ['::1', '1081', '5'],
    );
    assert.deepEqual([socket.SocksUsercode, socket.SocksPassword], ['us@er', 'pa:ss']);
    assert.equal(socket.SocksAuthentication, socksAuthenticateUsercode);
    assert.equal(socket.HttpTunnelServer, '');
  });

  it('sets the HTTP properties instead, and nothing of the other kind stays', () => {
    const socket = newSocket();
    socket.ProxyURL = 'socks4://first';
    socket.ProxyURL = 'HTTP://user@proxy.example';

    assert.deepEqual([socket.HttpTunnelServer, socket.HttpTunnelPort], ['proxy.example', '8080']);
    assert.deepEqual([socket.HttpTunnelUsercode, socket.HttpTunnelPassword], ['user', '']);
    assert.deepEqual([socket.SocksServer, socket.SocksLevel], ['', '5']);
    assert.equal(socket.ProxyURL, 'HTTP://user@proxy.example');
  });

  it('cleared, leaves no proxy', () => {
    const socket = newSocket();
    socket.ProxyURL = 'http://proxy.example:3128';
    socket.ProxyURL = '';

    assert.deepEqual([socket.HttpTunnelServer, socket.SocksServer, socket.ProxyURL], ['', '', '']);
  });

  it('raises the texts of ICS for what it does not understand, and changes nothing', () => {
    const socket = newSocket();
    socket.ProxyURL = 'socks5://proxy.example:1080';
    const text = (url: string): string => raised(() => (socket.ProxyURL = url)).message;

    assert.equal(
      text('proxy.example:80'),
      'Error with proxy URL: proxy.example:80 - it must contain proto and host',
    );
    assert.equal(text('http://'), 'Error with proxy URL: http:// - it must contain proto and host');
    assert.equal(text('http://a/b'), 'Error with proxy URL:http://a/b - path not allowed');
    assert.equal(text('ftp://a'), 'Error with proxy URL "ftp://a - Unknown proxy protocol');
    assert.equal(socket.SocksServer, 'proxy.example');
    assert.equal(socket.ProxyURL, 'socks5://proxy.example:1080');
  });
});
