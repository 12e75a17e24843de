// Stands in front of the test authority: adds renewal information (RFC 9773), which pebble does not
// have, counts what passes, and disturbs on demand. The Host header stays, so the authority's URLs and
// signatures are those of the proxy.
import https from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onCleanup } from './cleanup';
import { makeCert } from './certificates';
import type { Pebble } from './pebble';

export interface ProxyAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** drop: the connection ends in place of an answer; stall: no answer ever comes. */
export type Fault = 'drop' | 'stall' | ProxyAnswer;

export interface NewOrderPayload {
  replaces?: string;
  notAfter?: string;
}

export class AcmeProxy {
  directoryUrl = '';
  rootPem = '';
  /** Answers to questions for renewal information; may be changed. */
  answer: { status: number; headers: Record<string, string>; body: object } = {
    ...{ status: 404, headers: {}, body: {} },
  };
  /** Ids that were asked for. */
  readonly asked: string[] = [];
  /** Payloads of new orders the authority has taken. */
  readonly orders: NewOrderPayload[] = [];
  /** Requests for a signature the authority has taken. */
  finalized = 0;
  /** What takes the place of the answer to a request, by its path; null: nothing. */
  fault: (path: string, method: string) => Fault | null = () => null;
  /** Changes what the authority answers. */
  change: (path: string, answer: ProxyAnswer) => void = () => undefined;
  readonly #upstream: URL;
  readonly #pebble: Pebble;

  constructor(pebble: Pebble) {
    this.#pebble = pebble;
    this.#upstream = new URL(pebble.directoryUrl);
  }

  async start(): Promise<void> {
    const { pem, keyPem } = makeCert({ names: ['localhost'], ips: ['127.0.0.1'] });
    const server = https.createServer({ cert: pem, key: keyPem }, (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => this.#handle(request, response, Buffer.concat(parts)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onCleanup(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    this.directoryUrl = `https://127.0.0.1:${port}${this.#upstream.pathname}`;
    this.rootPem = pem;
  }

  #handle(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { url = '', method = 'GET' } = request;
    if (url.startsWith('/renewal/')) {
      this.asked.push(url.slice('/renewal/'.length));
      const { status, headers, body: text } = this.answer;
      reply(response, { status, headers, body: JSON.stringify(text) });
      return;
    }
    const fault = this.fault(url, method);
    if (fault === 'stall') return;
    if (fault === 'drop') response.destroy();
    else if (fault) reply(response, fault);
    else this.#forward(request, response, body);
  }

  #forward(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { url = '', method = 'GET', headers } = request;
    const options = { method, headers, ca: this.#pebble.rootPem, agent: false };
    const forward = https.request(new URL(url, this.#upstream), options, (found) => {
      const parts: Buffer[] = [];
      found.on('data', (part: Buffer) => parts.push(part));
      found.on('end', () => {
        const isTaken = (found.statusCode ?? 500) < 400; // some nonces are refused at random
        if (isTaken && url.startsWith('/order-plz')) this.orders.push(payloadOf(body));
        if (isTaken && url.startsWith('/finalize-order')) this.finalized++;
        const text = Buffer.concat(parts).toString('latin1');
        const isDirectory = url === this.#upstream.pathname;
        const answer: ProxyAnswer = {
          status: found.statusCode ?? 500,
          headers: found.headers,
          body: isDirectory ? withRenewal(text, headers.host ?? '') : text,
        };
        this.change(url, answer);
        reply(response, method === 'HEAD' ? { ...answer, body: '' } : answer);
      });
    });
    forward.on('error', () => response.destroy());
    forward.end(body);
  }
}

export async function startAcmeProxy(pebble: Pebble): Promise<AcmeProxy> {
  const proxy = new AcmeProxy(pebble);
  await proxy.start();
  return proxy;
}

/** An error of an authority. */
export function problem(status: number, type: string, headers: IncomingHttpHeaders = {}): Fault {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({
      type: `urn:ietf:params:acme:error:${type}`,
      detail: `refused: ${type}`,
    }),
  };
}

function reply(response: ServerResponse, { status, headers, body }: ProxyAnswer): void {
  const kept: IncomingHttpHeaders = { ...headers, connection: 'close' };
  delete kept['content-length'];
  response.writeHead(status, kept);
  response.end(body);
}

function withRenewal(directory: string, host: string): string {
  const found = JSON.parse(directory) as object;
  return JSON.stringify({ ...found, renewalInfo: `https://${host}/renewal` });
}

function payloadOf(body: Buffer): NewOrderPayload {
  const { payload } = JSON.parse(body.toString()) as { payload: string };
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as NewOrderPayload;
}
