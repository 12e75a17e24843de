// Levels, cipher lists and ALPN of hosts.
import assert from 'node:assert/strict';
import * as ics from '../../lib';
import { makeCert, tempFile } from '../support/certificates';
import { addHost, certFile, freePort, handshake, hostServer, refusal } from './hosts';

const TLS12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const TLS13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
const TLS11 = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;

async function serving(props: Partial<ics.TIcsHost> = {}) {
  const server = hostServer();
  const port = await freePort();
  const SslCert = certFile(['a.test']);
  const host = addHost(server, ['a.test'], { BindSslPort: port, SslCert, ...props });
  server.Listen();
  return { server, host, port };
}

describe('Security of a host', () => {
  it('[WSS-145] sslSrvSecTls13Only refuses TLS 1.2', async () => {
    const { port } = await serving({ SslSrvSecurity: ics.sslSrvSecTls13Only });
    await refusal(port, 'a.test', TLS12);
    assert.equal((await handshake(port, 'a.test', TLS13)).socket.getProtocol(), 'TLSv1.3');
  });

  it('[WSS-145] sslSrvSecTls12Less refuses TLS 1.3', async () => {
    const { port } = await serving({ SslSrvSecurity: ics.sslSrvSecTls12Less });
    await refusal(port, 'a.test', TLS13);
    assert.equal((await handshake(port, 'a.test')).socket.getProtocol(), 'TLSv1.2');
  });

  it('[WSS-145] sslSrvSecHigh takes 1.2 and 1.3, not 1.1', async () => {
    const { port } = await serving();
    await handshake(port, 'a.test', TLS12);
    await handshake(port, 'a.test', TLS13);
    await refusal(port, 'a.test', TLS11);
  });

  it('[WSS-147] SslCipherList12 takes the place of the list of the level', async () => {
    const SslCipherList12 = 'ECDHE-ECDSA-AES256-GCM-SHA384';
    const { port } = await serving({ SslCipherList12 });
    const { socket } = await handshake(port, 'a.test', TLS12);
    assert.equal(socket.getCipher().name, SslCipherList12);
    await refusal(port, 'a.test', { ...TLS12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
  });

  it('SslCipherList13 and SslCryptoGroups take the place of the defaults', async () => {
    const { port } = await serving({
      SslCipherList13: 'TLS_CHACHA20_POLY1305_SHA256',
      SslCryptoGroups: 'P-384',
    });
    const { socket } = await handshake(port, 'a.test', TLS13);
    assert.equal(socket.getCipher().name, 'TLS_CHACHA20_POLY1305_SHA256');
    await refusal(port, 'a.test', { ...TLS13, ecdhCurve: 'X25519' });
  });

  it('the levels of two hosts on one port are their own', async () => {
    const { server, port } = await serving({ SslSrvSecurity: ics.sslSrvSecTls13Only });
    const SslSrvSecurity = ics.sslSrvSecTls12Less;
    addHost(server, ['b.test'], {
      BindSslPort: port,
      SslCert: certFile(['b.test']),
      SslSrvSecurity,
    });
    server.Close();
    server.Listen();
    await refusal(port, 'a.test', TLS12);
    assert.equal((await handshake(port, 'b.test')).socket.getProtocol(), 'TLSv1.2');
  });
});

describe('ALPN of a host', () => {
  it('[WSS-143] without a handler the handshake goes on without ALPN', async () => {
    const { server, port } = await serving();
    const ALPNProtocols = ['h2', 'http/1.1'];
    assert.equal((await handshake(port, 'a.test', { ALPNProtocols })).alpn, false);
    server.OnSslAlpnSelect = (_Client, ProtoList, SelProto, ErrCode) => {
      assert.deepEqual([...ProtoList], ALPNProtocols);
      SelProto.Value = ics.AlpnHttp11;
      ErrCode.Value = ics.teeOk;
    };
    assert.equal((await handshake(port, 'a.test', { ALPNProtocols })).alpn, 'http/1.1');
  });

  const challenge = { ALPNProtocols: [ics.AlpnAcmeTls1] };

  it('[WSS-144] acme-tls/1 is refused when nobody knows the challenge', async () => {
    const { port } = await serving();
    assert.match(await refusal(port, 'a.test', challenge), /alert number 112|unrecognized name/);
  });

  it('[WSS-144] OnClientAlpnChallg names the certificate of the challenge', async () => {
    const { server, port } = await serving();
    const cert = makeCert({ names: ['challenge.test'] });
    const holder = new ics.TX509Base(null);
    holder.LoadFromText(cert.bundlePem, ics.croYes);
    const file = tempFile('challenge.pfx', holder.SaveToP12Buf('password'));
    const asked: string[] = [];
    const clients: ics.TSslWSocketClient[] = [];
    server.OnClientConnect = (_Sender, Client) => {
      const client = Client as ics.TSslWSocketClient;
      clients.push(client);
      client.OnClientAlpnChallg = (_Client, Host, CertFName) => {
        asked.push(Host);
        CertFName.Value = file;
      };
    };
    const served = await handshake(port, 'a.test', challenge);
    assert.deepEqual([served.name, served.alpn], ['challenge.test', 'acme-tls/1']);
    assert.deepEqual(asked, ['a.test']);
    const context = clients[0]!.AlpnSslCtx!;
    clients[0]!.Free();
    assert.ok(context.isDestroyed);
    assert.equal((await handshake(port, 'a.test')).name, 'a.test');
  });

  for (const [what, file] of [
    ['missing', (): string => 'no such file.pfx'],
    ['not readable', (): string => tempFile('c.pfx', 'x'.repeat(100))],
    ['without a key', (): string => tempFile('c.pem', makeCert({ names: ['c.test'] }).pem)],
  ] as const)
    it(`a challenge certificate that is ${what} is refused`, async () => {
      const { server, port } = await serving();
      server.OnClientConnect = (_Sender, Client) => {
        (Client as ics.TSslWSocketClient).OnClientAlpnChallg = (_C, _Host, CertFName) => {
          CertFName.Value = file();
        };
      };
      await refusal(port, 'a.test', challenge);
      assert.equal((await handshake(port, 'a.test')).name, 'a.test');
    });

  it('acme-tls/1 beside other protocols is taken, with the certificate of the host', async () => {
    const { port } = await serving();
    const ALPNProtocols = [ics.AlpnAcmeTls1, 'h2'];
    const served = await handshake(port, 'a.test', { ALPNProtocols });
    assert.deepEqual([served.name, served.alpn], ['a.test', 'acme-tls/1']);
  });
});
