// How the authority is reached (ProxyURL, SocketFamily) and what is asked of it (CertValidity).
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import * as ics from '../../lib';
import { familyRefusal, routeOf } from '../../lib/certs/acme/route';
import { fetchUrl } from '../../lib/certs/acme/https';
import { ControlDb } from '../../lib/certs/controlDb';
import { domainOf } from '../../lib/certs/hostOrder';
import { newDomain } from '../../lib/certs/records';
import { onCleanup } from '../support';
import { problem } from '../support/acmeProxy';
import { usePebble } from '../support/pebble';
import { newCerts, open, openCerts, openThroughProxy, order, orderingHost, save } from './newCerts';

const DAY_MS = 86_400_000;

interface ConnectProxy {
  readonly url: string;
  /** Targets and credentials. */
  readonly asked: string[];
}

/** A proxy on loopback; `refuse` answers in its place. */
async function connectProxy(refuse = ''): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { port, pathname } = new URL(request.url!);
    const options = { host: '127.0.0.1', port, path: pathname, headers: request.headers };
    http.get({ ...options, agent: false }, (found) => found.pipe(response));
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket: net.Socket) => {
    const credentials = request.headers['proxy-authorization'] ?? '';
    asked.push(`CONNECT ${request.url} ${credentials}`);
    if (refuse !== '') {
      if (refuse !== 'stall') socket.write(refuse);
      return;
    }
    const [, port] = request.url!.split(':');
    const target = net.connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(socket).pipe(target);
    });
    sockets.add(target);
    for (const end of [socket, target])
      end.on('error', () => [socket, target].map((s) => s.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe('The way to the authority', () => {
  const pebble = usePebble();

  it('ProxyURL: every request and the tests from here go through the proxy, with its password', async () => {
    const proxy = await connectProxy();
    const made = newCerts(pebble);
    const { certs } = made;
    certs.ProxyURL = `http://ann:p%40ss@${proxy.url}`;
    certs.LocalCheckAddr = '';
    await open(made);
    await save(certs, '127.0.0.1', ics.ChallFileSrv);
    assert.ok(await order(certs, '127.0.0.1'), certs.LastError);
    const authority = new URL(pebble.directoryUrl).host;
    const credentials = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
    const tunnels = proxy.asked.filter((line) => line.startsWith('CONNECT'));
    assert.deepEqual([...new Set(tunnels)], [`CONNECT ${authority} ${credentials}`]);
    const requests = made.log.filter((line) => line.startsWith('HTTP REST '));
    assert.equal(tunnels.length, requests.length, 'none went another way');
    const page = proxy.asked.find((line) => line.startsWith('GET'));
    assert.match(page ?? '', /^GET http:\/\/127\.0\.0\.1:\d+\/\.well-known\/acme-challenge\//);
  });

  it('ProxyURL: a tls-alpn-01 challenge is tested through it as well', async () => {
    const proxy = await connectProxy();
    const made = newCerts(pebble);
    const { certs } = made;
    certs.ProxyURL = proxy.url;
    certs.LocalCheckAddr = '';
    await open(made);
    await save(certs, '127.0.0.1', ics.ChallAlpnSrv);
    assert.ok(await order(certs, '127.0.0.1'), certs.LastError);
    assert.ok(proxy.asked.includes(`CONNECT 127.0.0.1:${pebble.tlsPort} `), proxy.asked.join('\n'));
  });

  for (const [word, answer, reason] of [
    ['refuses', 'HTTP/1.1 407 No\r\n\r\n', /proxy .* answers with status 407/],
    ['speaks before TLS', 'HTTP/1.1 200 OK\r\n\r\nhello', /proxy .* answers with status 200/],
    ['answers garbage', 'no HTTP at all\r\n\r\n', /proxy .*Parse Error/],
    ['stalls', 'stall', /no answer within 300 ms/],
  ] as const)
    it(`ProxyURL: a proxy that ${word} is an error within the time limit`, async () => {
      const proxy = await connectProxy(answer);
      const route = routeOf(proxy.url, ics.sfAny);
      const asking = fetchUrl('https://127.0.0.1:9/dir', { timeout: 300, route });
      await assert.rejects(asking, reason);
    });

  it('ProxyURL: anything but an HTTP proxy is refused, and no password is repeated', async () => {
    const { certs, dir } = newCerts(pebble);
    certs.ProxyURL = 'socks5://ann:secret@127.0.0.1';
    assert.equal(await certs.OpenAccount(dir, true), false);
    assert.match(certs.LastError, /^ProxyURL must be http:\/\/\[user:password@\]host:port/);
    assert.ok(!certs.LastError.includes('secret'));
  });

  it('SocketFamily: an authority that has no address of the family is not reached', async () => {
    const { certs, dir } = newCerts(pebble);
    certs.SocketFamily = ics.sfIPv6;
    assert.equal(await certs.OpenAccount(dir, true), false);
    assert.match(certs.LastError, /SocketFamily allows no IPv4 address: 127\.0\.0\.1/);
    certs.SupplierProto = ics.SuppProtoAcmeV2;
    certs.SupplierServer = pebble.directoryUrl.replace('127.0.0.1', 'localhost');
    certs.SocketFamily = ics.sfIPv4;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    assert.equal(familyRefusal('[::1]', ics.sfIPv4), 'SocketFamily allows no IPv6 address: [::1]');
    assert.equal(familyRefusal('::1', ics.sfAnyIPv4), '');
  });

  it('CertValidity is asked for as notAfter, its default is not', async () => {
    const { certs, proxy } = await openThroughProxy(pebble);
    await save(certs, 'default.example.test', ics.ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('default.example.test'), certs.LastError);
    assert.equal(proxy.orders[0]?.notAfter, undefined);
    certs.CertValidity = 3;
    await save(certs, 'short.example.test', ics.ChallFileSrv);
    assert.ok(await certs.CertGetChallgDomain('short.example.test'), certs.LastError);
    const end = Date.parse(proxy.orders[1]?.notAfter ?? '');
    assert.ok(Math.abs(end - Date.now() - 3 * DAY_MS) < 60_000);
  });

  it('CertValidity: an authority that refuses to be asked gets the order without it', async () => {
    const { certs, log, proxy } = await openThroughProxy(pebble);
    let refused = 0;
    proxy.fault = (path) =>
      path.startsWith('/order-plz') && refused++ === 0 ? problem(400, 'malformed') : null;
    certs.CertValidity = 3;
    await save(certs, 'free.example.test', ics.ChallFileSrv);
    assert.ok(await order(certs, 'free.example.test'), certs.LastError);
    assert.deepEqual(
      proxy.orders.map(({ notAfter }) => notAfter),
      [undefined],
    );
    assert.ok(log.some((line) => /refused: malformed, ordering without/.test(line)));
  });

  it('settings the host does not have come from the database of the account', async () => {
    const made = await openCerts(pebble);
    const { certs, dir } = made;
    certs.CertOrganization = 'Stored Ltd';
    certs.CertValidity = 5;
    await save(certs, 'kept.example.test', ics.ChallDnsAuto);
    certs.CertOrganization = '';
    certs.CertValidity = 365;
    const stored = new ControlDb(dir).readDomain('kept.example.test');
    const wanted = domainOf(orderingHost(dir, 'kept.example.test'), stored, newDomain());
    assert.equal(wanted.CertOrganization, 'Stored Ltd');
    assert.equal(wanted.CertValidity, 5);
    assert.equal(
      wanted.SuppCertChallenge,
      ics.ChallFileSrv,
      'the host decides about the challenge',
    );
  });
});
