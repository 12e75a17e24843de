// Stands in front of the test authority and adds renewal information (RFC 9773), which pebble does not
// have. The Host header stays, so the authority's URLs and signatures are those of the proxy.
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { onCleanup } from './cleanup';
import { makeCert } from './certificates';
import type { Pebble } from './pebble';

export interface RenewalAnswer {
  status: number;
  headers: Record<string, string>;
  body: object;
}

export interface AcmeProxy {
  readonly directoryUrl: string;
  readonly rootPem: string;
  /** Answers to questions for renewal information; may be changed. */
  answer: RenewalAnswer;
  /** Ids that were asked for. */
  readonly asked: string[];
  /** Payloads of new orders. */
  readonly orders: { replaces?: string }[];
}

export async function startAcmeProxy(pebble: Pebble): Promise<AcmeProxy> {
  const { pem, keyPem } = makeCert({ names: ['localhost'], ips: ['127.0.0.1'] });
  const upstream = new URL(pebble.directoryUrl);
  const answer: RenewalAnswer = { status: 404, headers: {}, body: {} };
  const asked: string[] = [];
  const orders: { replaces?: string }[] = [];
  const server = https.createServer({ cert: pem, key: keyPem }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url = '', method = 'GET', headers } = request;
      if (url.startsWith('/renewal/')) {
        asked.push(url.slice('/renewal/'.length));
        response.writeHead(proxy.answer.status, { ...proxy.answer.headers, connection: 'close' });
        response.end(JSON.stringify(proxy.answer.body));
        return;
      }
      const body = Buffer.concat(parts);
      if (url.startsWith('/order-plz')) orders.push(payloadOf(body));
      const options = { method, headers, ca: pebble.rootPem, agent: false };
      const forward = https.request(new URL(url, upstream), options, (reply) => {
        const found: Buffer[] = [];
        reply.on('data', (part: Buffer) => found.push(part));
        reply.on('end', () => {
          const text = Buffer.concat(found);
          const isDirectory = url === upstream.pathname;
          const out = isDirectory ? withRenewal(text, headers.host ?? '') : text;
          const rest = { ...reply.headers, connection: 'close' };
          delete rest['content-length'];
          response.writeHead(reply.statusCode ?? 500, rest);
          response.end(method === 'HEAD' ? undefined : out);
        });
      });
      forward.on('error', () => response.destroy());
      forward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const directoryUrl = `https://127.0.0.1:${port}${upstream.pathname}`;
  const proxy: AcmeProxy = { directoryUrl, rootPem: pem, answer, asked, orders };
  return proxy;
}

function withRenewal(directory: Buffer, host: string): Buffer {
  const found = JSON.parse(directory.toString()) as object;
  return Buffer.from(JSON.stringify({ ...found, renewalInfo: `https://${host}/renewal` }));
}

function payloadOf(body: Buffer): { replaces?: string } {
  const { payload } = JSON.parse(body.toString()) as { payload: string };
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as { replaces?: string };
}
