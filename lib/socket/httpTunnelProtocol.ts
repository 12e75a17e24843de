// HTTP CONNECT without a socket: the request, and the head of the proxy's answer (RFC 9110, 9112).
// The head is recognised byte by byte, so that nothing behind it is taken from the application.

const LF = 10;
const CR = 13;
const PREFIX = 'HTTP/';
/** Bytes of one line, and of all lines of one answer. */
export const MAX_HEAD_LINE = 8192;
export const MAX_HEAD = 65536;

/** `[::1]:80`, `host:80`. */
export function authority(host: string, port: number): string {
  const name = host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host;
  return `${name}:${port}`;
}

export function tunnelRequest(target: string, authorization: string): string {
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, 'Proxy-Connection: Keep-Alive'];
  if (authorization !== '') lines.push(`Proxy-Authorization: ${authorization}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

export interface TunnelAnswer {
  readonly statusLine: string;
  readonly status: number;
  /** HTTP/1.0 or older. */
  readonly old: boolean;
  /** The proxy closes the connection behind this answer. */
  readonly closes: boolean;
  /** Bytes of the body, -1: unknown. */
  readonly bodyLength: number;
  /** Values of Proxy-Authenticate, one per line of it. */
  readonly challenges: readonly string[];
}

/** Collects the head of an answer. */
export class TunnelHead {
  #text = '';
  #lineLength = 0;
  /** Nothing but a CR is in the current line. */
  #empty = true;
  #complete = false;
  #bad = false;

  get complete(): boolean {
    return this.#complete;
  }

  /** What came is no answer of an HTTP proxy, or is too long. */
  get bad(): boolean {
    return this.#bad;
  }

  /** Takes what belongs to the head and returns how many bytes that were. */
  feed(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.#complete && !this.#bad) this.#take(bytes[at++]!);
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, at).toString('latin1');
    const begin = this.#text.slice(0, PREFIX.length);
    if (this.#text.length > MAX_HEAD || !PREFIX.startsWith(begin)) this.#bad = true;
    return at;
  }

  #take(byte: number): void {
    if (byte === LF) {
      this.#complete = this.#empty;
      this.#lineLength = 0;
      this.#empty = true;
      return;
    }
    this.#empty = byte === CR && this.#lineLength === 0;
    this.#bad = ++this.#lineLength > MAX_HEAD_LINE || byte === 0;
  }

  /** What a complete head says; null when it is not HTTP. */
  parse(): TunnelAnswer | null {
    const [statusLine = '', ...lines] = this.#text.split('\n').map(withoutCR);
    const found = /^HTTP\/(\d)\.(\d) (\d{3})(?: |$)/.exec(statusLine);
    if (!found) return null;
    const fields = lines.map(field);
    const valuesOf = (name: string): string[] =>
      fields.filter((entry) => entry.name === name).map((entry) => entry.value);
    const connection = [...valuesOf('connection'), ...valuesOf('proxy-connection')];
    const old = found[1] === '0' || (found[1] === '1' && found[2] === '0');
    const says = (token: string): boolean => connection.some((value) => hasToken(value, token));
    const chunked = valuesOf('transfer-encoding').length > 0;
    return {
      statusLine,
      status: Number(found[3]),
      old,
      closes: says('close') || (old && !says('keep-alive')),
      bodyLength: chunked ? -1 : lengthOf(valuesOf('content-length')),
      challenges: valuesOf('proxy-authenticate'),
    };
  }
}

function withoutCR(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function field(line: string): { name: string; value: string } {
  const colon = line.indexOf(':');
  return colon <= 0
    ? { name: '', value: '' }
    : { name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() };
}

function hasToken(value: string, token: string): boolean {
  return value.split(',').some((part) => part.trim().toLowerCase() === token);
}

function lengthOf(values: readonly string[]): number {
  const [value, ...others] = new Set(values);
  return value !== undefined && others.length === 0 && /^\d{1,9}$/.test(value) ? Number(value) : -1;
}
