// Client certificates: the methods of server and host together, what they mean for a client.
import assert from 'node:assert/strict';
import tls from 'node:tls';
import * as ics from '../../lib';
import { waitFor } from '../support';
import { makeCA, makeCert } from '../support/certificates';
import { addHost, ca, certFile, freePort, handshake, hostServer } from './hosts';

const { sslCliCertNone: none, sslCliCertOptional: optional, sslCliCertRequire: required } = ics;
const client = makeCert({ ca, cn: 'Client', usage: ['clientAuth'] });
const stranger = makeCert({ ca: makeCA({ cn: 'Other Root' }), cn: 'Stranger' });

interface Attempt {
  /** ErrCode of OnSslHandshakeDone at the server. */
  code: number;
  peer: string;
}

async function serving(
  serverMethod: ics.TSslCliCertMethod,
  hostMethod: ics.TSslCliCertMethod,
): Promise<{
  server: ics.TSslWSocketServer;
  attempt: (options?: tls.ConnectionOptions) => Promise<Attempt>;
}> {
  const server = hostServer();
  const port = await freePort();
  server.SslCliCertMethod = serverMethod;
  addHost(server, ['default.test'], { BindSslPort: port, SslCert: certFile(['default.test']) });
  const SslCert = certFile(['a.test']);
  addHost(server, ['a.test'], { BindSslPort: port, SslCert, CliCertMethod: hostMethod });
  const done: Attempt[] = [];
  server.OnSslHandshakeDone = (_Client, code, PeerCert) => {
    done.push({ code, peer: PeerCert.SubjectCName });
  };
  server.Listen();
  const attempt = async (options: tls.ConnectionOptions = {}): Promise<Attempt> => {
    const before = done.length;
    await handshake(port, 'a.test', options).catch(() => undefined);
    await waitFor(() => done.length > before, 'OnSslHandshakeDone');
    return done[before]!;
  };
  return { server, attempt };
}

const identity = ({ chainPem, keyPem }: typeof client): tls.ConnectionOptions => ({
  cert: chainPem,
  key: keyPem,
});

describe('CliCertMethod', () => {
  const expected = [
    [none, none, none],
    [none, optional, optional],
    [none, required, required],
    [optional, none, optional],
    [optional, optional, optional],
    [optional, required, optional],
    [required, none, required],
    [required, optional, optional],
    [required, required, required],
  ] as const;
  for (const [server, host, result] of expected) {
    const name = (method: ics.TSslCliCertMethod): string => ics.TSslCliCertMethod[method].slice(10);
    it(`[WSS-148] server ${name(server)}, host ${name(host)}: ${name(result)}`, async () => {
      const { attempt } = await serving(server, host);
      const without = await attempt();
      assert.equal(without.code === 0, result !== required);
      const known = await attempt(identity(client));
      assert.deepEqual(known, { code: 0, peer: result === none ? '' : 'Client' });
    });
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`[WSS-149] require, ${maxVersion}: only certificates of RootCA`, async () => {
      const { attempt } = await serving(none, required);
      assert.notEqual((await attempt({ maxVersion })).code, 0);
      assert.notEqual((await attempt({ maxVersion, ...identity(stranger) })).code, 0);
      assert.equal((await attempt({ maxVersion, ...identity(client) })).peer, 'Client');
    });

    it(`[WSS-150] optional, ${maxVersion}: an untrusted one needs OnSslVerifyPeer`, async () => {
      const { server, attempt } = await serving(none, optional);
      assert.equal((await attempt({ maxVersion })).code, 0);
      assert.notEqual((await attempt({ maxVersion, ...identity(stranger) })).code, 0);
      server.OnSslVerifyPeer = (_Client, Ok) => {
        Ok.Value = 1;
      };
      assert.deepEqual(await attempt({ maxVersion, ...identity(stranger) }), {
        code: 0,
        peer: 'Stranger',
      });
    });
  }

  it('a session begun at a host without certificates is not resumed where one is required', async () => {
    const { server } = await serving(none, required);
    const port = server.IcsHosts.Items[0]!.BindSslPort;
    const reused: boolean[] = [];
    server.OnSslHandshakeDone = (Client, code) => {
      if (code === 0) reused.push(Client.SslSessionReused());
    };
    const first = await handshake(port, 'default.test');
    const session = await new Promise<Buffer>((resolve) => first.socket.once('session', resolve));
    await waitFor(() => reused.length === 1, 'the first handshake');
    const { socket } = await handshake(port, 'a.test', { session }).catch(() => ({ socket: null }));
    if (socket) await new Promise((resolve) => socket.once('close', resolve));
    assert.deepEqual(reused, [false]);
  });
});
