// Which host a handshake gets, by the name the client sends.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { connect, waitFor } from '../support';
import { addHost, certFile, freePort, handshake, hostServer, refusal } from './hosts';

interface Fixture {
  server: ics.TSslWSocketServer;
  port: number;
  clients: ics.TSslWSocketClient[];
  names: string[];
}

/** A host for each list of names, all on one TLS port. */
async function serving(...lists: string[][]): Promise<Fixture> {
  const server = hostServer();
  const port = await freePort();
  for (const names of lists)
    addHost(server, names, { BindSslPort: port, SslCert: certFile(names) });
  const clients: ics.TSslWSocketClient[] = [];
  const names: string[] = [];
  server.OnClientConnect = (_Sender, Client) => {
    clients.push(Client as ics.TSslWSocketClient);
  };
  server.OnSslServerName = (Client) => {
    names.push(Client.SslServerName);
  };
  return { server, port, clients, names };
}

describe('Choice of the host by SNI', () => {
  it('[WSS-136] the certificate, IcsHostIdx and HostTag are those of the host named', async () => {
    const { server, port, clients } = await serving(['a.test'], ['b.test']);
    server.Listen();
    assert.equal((await handshake(port, 'b.test')).name, 'b.test');
    assert.deepEqual([clients[0]!.IcsHostIdx, clients[0]!.HostTag], [1, 'b.test']);
    assert.equal((await handshake(port, 'a.test')).name, 'a.test');
    assert.deepEqual([clients[1]!.IcsHostIdx, clients[1]!.HostTag], [0, 'a.test']);
  });

  it('[WSS-137] an asterisk in the certificate stands for one label', async () => {
    const { server, port } = await serving(['a.test'], ['*.wild.test']);
    server.Listen();
    assert.equal((await handshake(port, 'x.wild.test')).name, '*.wild.test');
    assert.equal((await handshake(port, 'y.x.wild.test')).name, 'a.test');
    assert.equal((await handshake(port, 'wild.test')).name, 'a.test');
  });

  it('[WSS-138] an unknown name gets the default, and OnSslServerName has seen it', async () => {
    const { server, port, clients, names } = await serving(['a.test'], ['b.test']);
    server.Listen();
    assert.equal((await handshake(port, 'unknown.test')).name, 'a.test');
    assert.equal(clients[0]!.IcsHostIdx, 0);
    assert.deepEqual(names, ['unknown.test']);
  });

  it('[WSS-139] without a name: the first TLS host of this listener', async () => {
    const { server, port, names } = await serving(['a.test'], ['b.test']);
    const other = await freePort();
    addHost(server, ['c.test'], { BindSslPort: other, SslCert: certFile(['c.test']) });
    server.MultiListen();
    assert.equal((await handshake(port, '')).name, 'a.test');
    assert.equal((await handshake(other, '')).name, 'c.test');
    assert.deepEqual(names, []);
  });

  it('[WSS-140] OnSslServerName goes before the hosts', async () => {
    const { server, port } = await serving(['a.test'], ['b.test']);
    server.ValidateHosts();
    const [a] = server.IcsHosts.Items;
    server.OnSslServerName = (_Client, Ctx) => {
      Ctx.Value = a!.SslCtx;
    };
    server.Listen();
    assert.equal((await handshake(port, 'b.test')).name, 'a.test');
  });

  it('[WSS-140] OnSslServerName may refuse, also by throwing', async () => {
    const { server, port } = await serving(['a.test']);
    server.Listen();
    server.OnSslServerName = (_Client, _Ctx, ErrCode) => {
      ErrCode.Value = ics.teeAlertFatal;
    };
    assert.match(await refusal(port, 'a.test'), /alert number 112|unrecognized name/);
    server.OnBgException = (_Sender, _E, CanClose) => {
      CanClose.Value = false;
    };
    server.OnSslServerName = () => {
      throw new Error('not today');
    };
    await refusal(port, 'a.test');
    server.OnSslServerName = null;
    assert.equal((await handshake(port, 'a.test')).name, 'a.test');
  });

  it('[WSS-141] a host of another listener is never chosen', async () => {
    const { server, port } = await serving(['a.test']);
    const other = await freePort();
    addHost(server, ['b.test'], { BindSslPort: other, SslCert: certFile(['b.test']) });
    server.MultiListen();
    assert.equal((await handshake(port, 'b.test')).name, 'a.test');
    assert.equal((await handshake(other, 'b.test')).name, 'b.test');
  });

  it('[WSS-142] a disabled host is never chosen, also when it is disabled later', async () => {
    const { server, port } = await serving(['a.test'], ['b.test']);
    server.Listen();
    const host = server.IcsHosts.Items[1]!;
    assert.equal((await handshake(port, 'b.test')).name, 'b.test');
    host.HostEnabled = false;
    assert.equal((await handshake(port, 'b.test')).name, 'a.test');
    host.HostEnabled = true;
    assert.equal((await handshake(port, 'b.test')).name, 'b.test');
    server.IcsHosts.Items[0]!.HostEnabled = false;
    assert.equal((await handshake(port, '')).name, 'b.test');
  });

  it('[WSS-134] a client knows its host in OnClientConnect; without hosts there is none', async () => {
    const { server, port } = await serving(['a.test']);
    const plain = await freePort();
    addHost(server, ['b.test'], { BindNonPort: plain });
    const seen: [number, string, string][] = [];
    server.OnClientConnect = (_Sender, Client) => {
      seen.push([Client.IcsHostIdx, Client.HostTag, Client.CServerPort]);
    };
    server.MultiListen();
    await handshake(port, 'a.test');
    await connect(plain);
    await waitFor(() => seen.length === 2, 'both clients');
    assert.deepEqual(seen, [
      [0, 'a.test', `${port}`],
      [1, 'b.test', `${plain}`],
    ]);
    assert.equal(new ics.TWSocketClient(null).IcsHostIdx, -1);
  });

  it('names are compared without regard to case', async () => {
    const { server, port } = await serving(['a.test'], ['B.Test']);
    server.Listen();
    assert.equal((await handshake(port, 'b.TEST')).name.toLowerCase(), 'b.test');
  });

  it('international names: SNI in Punycode finds the host, SslServerName is Unicode', async () => {
    const { server, port, names } = await serving(['a.test'], ['bücher.test']);
    server.Listen();
    assert.equal((await handshake(port, 'xn--bcher-kva.test')).name, 'xn--bcher-kva.test');
    assert.deepEqual(names, ['bücher.test']);
  });

  it('a dot at the end is no other name; a port in the name is unknown', async () => {
    const { server, port, clients } = await serving(['a.test'], ['b.test']);
    server.Listen();
    assert.equal((await handshake(port, 'b.test.')).name, 'b.test');
    assert.equal((await handshake(port, 'b.test:443')).name, 'a.test');
    assert.deepEqual([clients[0]!.IcsHostIdx, clients[1]!.IcsHostIdx], [1, 0]);
  });

  it('a resumed session is served by the host it names now', async () => {
    const { server, port, clients } = await serving(['a.test'], ['b.test']);
    server.Listen();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await handshake(port, 'a.test', { maxVersion });
      const session =
        maxVersion === 'TLSv1.2'
          ? first.socket.getSession()!
          : await new Promise<Buffer>((resolve) => first.socket.once('session', resolve));
      const other = await handshake(port, 'b.test', { maxVersion, session });
      assert.equal(other.name, 'b.test', maxVersion);
      assert.equal(other.socket.isSessionReused(), false);
      assert.equal(clients.at(-1)!.IcsHostIdx, 1);
      const again = await handshake(port, 'a.test', { maxVersion, session });
      assert.equal(again.socket.isSessionReused(), true, maxVersion);
      assert.equal(clients.at(-1)!.IcsHostIdx, 0);
      assert.equal(clients.at(-1)!.HostTag, 'a.test');
    }
  });

  it('a client with AuthSslCmd begins TLS later and gets its host', async () => {
    const server = hostServer();
    const props = { AuthSslCmd: true, SslCert: '' };
    for (const name of ['a.test', 'b.test'])
      addHost(server, [name], { ...props, BindNonPort: 0, SslCert: certFile([name]) });
    const clients: ics.TSslWSocketClient[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      clients.push(Client as ics.TSslWSocketClient);
      Client.OnDataAvailable = () => {
        Client.ReceiveStr();
        Client.SendStr('go');
        Client.SslEnable = true;
        Client.SslContext = server.SslContext;
        Client.AcceptSslHandshake();
      };
    };
    server.Listen();
    assert.equal(server.SslEnable, false);
    const peer = await connect(server);
    peer.write('AUTH TLS\r\n');
    await waitFor(() => peer.text === 'go', 'the answer');
    peer.socket.removeAllListeners('data');
    const { name } = await handshake(0, 'b.test', { socket: peer.socket });
    assert.equal(name, 'b.test');
    assert.equal(clients[0]!.IcsHostIdx, 1);
  });

  it('hosts may go while the server listens', async () => {
    const { server, port } = await serving(['a.test'], ['b.test']);
    server.Listen();
    server.IcsHosts.Delete(0);
    assert.equal((await handshake(port, 'a.test')).name, 'b.test');
    const errors: string[] = [];
    server.OnBgException = (_Sender, E, CanClose) => {
      errors.push(E.message);
      CanClose.Value = false;
    };
    server.IcsHosts.Clear();
    await refusal(port, 'a.test');
    server.SslContext = null;
    await refusal(port, 'b.test');
    assert.ok(errors.includes('SSL requires a context object'), errors.join());
    assert.equal(server.State, ics.wsListening);
  });

  it('the context a host is freed with, in the middle of a handshake, hurts nobody', async () => {
    const { server, port } = await serving(['a.test'], ['b.test']);
    server.Listen();
    server.OnBgException = () => {}; // ends the connection
    server.OnSslAlpnSelect = () => server.IcsHosts.Delete(1);
    await refusal(port, 'b.test', { ALPNProtocols: ['h2'] });
    server.OnSslAlpnSelect = null;
    assert.equal((await handshake(port, 'a.test')).name, 'a.test');
  });
});
