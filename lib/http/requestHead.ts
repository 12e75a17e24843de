// Reads the head of one HTTP/1 request: request line and header fields.
//
//  - Every byte is looked at a fixed number of times, however it arrives; there is nothing to
//    back-track in.
//  - Tolerant where it is harmless: LF alone ends a line, empty lines may come first, Host may be
//    missing. What two programs might read differently is refused with 400.

/** A request as its head tells it. Texts are as sent; nothing is decoded but UTF-8. */
export interface RequestHead {
  readonly method: string;
  /** Without scheme, authority and query; not percent-decoded. */
  readonly path: string;
  /** Behind the first '?', not decoded. */
  readonly params: string;
  /** Host with port: of an absolute target, else of the Host field; '' without both. */
  readonly host: string;
  readonly hostName: string;
  /** '' when host names none. */
  readonly hostPort: string;
  readonly referer: string;
  readonly userAgent: string;
  /** Content-Length; 0 without the field. */
  readonly contentLength: number;
  /** Transfer-Encoding is there: the body's length is not known. */
  readonly isEncoded: boolean;
}

/** Status for a head that is refused. */
export type HeadProblem = '400 Bad Request' | '505 HTTP Version Not Supported';

const BAD = '400 Bad Request';
const LF = 10;
const CR = 13;
/** Longest Content-Length in digits: below 2^53. */
const MAX_DIGITS = 15;

/** Finds the end of a head while it arrives. */
export class HeadScanner {
  #at = 0;
  #lineStart = 0;
  #hasLine = false;

  /** Length of the head with the empty line that ends it, -1 while that has not come. */
  scan(bytes: Uint8Array): number {
    for (;;) {
      const end = bytes.indexOf(LF, this.#at);
      if (end < 0) {
        this.#at = bytes.length;
        return -1;
      }
      const start = this.#lineStart;
      this.#at = this.#lineStart = end + 1;
      const isEmpty = end === start || (end === start + 1 && bytes[start] === CR);
      if (!isEmpty) this.#hasLine = true;
      else if (this.#hasLine) return end + 1;
    }
  }
}

/** Can a request begin with these bytes? A TLS hello, for one, cannot. */
export function mayBeRequest(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== CR && byte !== LF) return isTokenCode(byte);
  return true;
}

/** The request, or the status to refuse it with. `bytes` ends with the empty line. */
export function parseRequestHead(bytes: Buffer): RequestHead | HeadProblem {
  const lines = headLines(bytes.toString('latin1'));
  const [first = '', ...fields] = lines ?? [];
  const begin = first.indexOf(' ');
  const end = first.lastIndexOf(' ');
  const method = first.slice(0, Math.max(begin, 0));
  const target = first.slice(begin + 1, Math.max(end, begin + 1));
  const version = first.slice(end + 1);
  if (!isToken(method) || target === '' || target.includes(' ')) return BAD;
  if (!/^HTTP\/\d\.\d$/.test(version)) return BAD;
  if (!version.startsWith('HTTP/1.')) return '505 HTTP Version Not Supported';
  const known = knownFields(fields);
  const body = known && bodyOf(known);
  const place = known && parseTarget(method, target, known.get('host') ?? '');
  if (!known || !body || !place) return BAD;
  return {
    method,
    ...place,
    ...body,
    referer: fromUtf8(known.get('referer') ?? ''),
    userAgent: fromUtf8(known.get('user-agent') ?? ''),
  };
}

/** Lines without their ends and without empty ones; null for characters no head may have. */
function headLines(text: string): string[] | null {
  const lines: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      if ((code < 0x20 && code !== 9) || code === 0x7f) return null;
    }
    if (line !== '') lines.push(line);
  }
  return lines;
}

/** Fields that must not be there twice. */
const SINGLE = new Set(['host', 'content-length', 'transfer-encoding']);
const KEPT = new Set([...SINGLE, 'referer', 'user-agent']);

function knownFields(lines: string[]): Map<string, string> | null {
  const known = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    // A folded line, a space before the colon and a line without one end here.
    if (colon <= 0 || !isToken(line.slice(0, colon))) return null;
    const name = line.slice(0, colon).toLowerCase();
    if (!KEPT.has(name)) continue;
    if (known.has(name) && SINGLE.has(name)) return null;
    known.set(name, trimBlanks(line.slice(colon + 1)));
  }
  return known;
}

function bodyOf(known: Map<string, string>): { contentLength: number; isEncoded: boolean } | null {
  const length = known.get('content-length');
  const isEncoded = known.has('transfer-encoding');
  if (length === undefined) return { contentLength: 0, isEncoded };
  if (isEncoded || length.length > MAX_DIGITS || !/^\d+$/.test(length)) return null;
  return { contentLength: Number(length), isEncoded };
}

type Place = Pick<RequestHead, 'host' | 'hostName' | 'hostPort' | 'path' | 'params'>;

function parseTarget(method: string, target: string, hostField: string): Place | null {
  const scheme = /^https?:\/\//i.exec(target)?.[0].length ?? 0;
  const query = target.indexOf('?');
  const params = query < 0 ? '' : fromUtf8(target.slice(query + 1));
  const rest = query < 0 ? target.slice(scheme) : target.slice(scheme, query);
  if (scheme === 0) {
    if (!rest.startsWith('/') && method === 'GET') return null;
    return hostParts(hostField, { path: fromUtf8(rest), params });
  }
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '/' : fromUtf8(rest.slice(slash));
  // RFC 9112, 3.2.2: the Host field does not count then, but it must still be one.
  if (authority === '' || !hostParts(hostField, { path, params })) return null;
  return hostParts(authority, { path, params });
}

function hostParts(host: string, place: { path: string; params: string }): Place | null {
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || '/\\@?#<>"\'(),;'.includes(host[i]!)) return null;
  }
  const bracket = host.startsWith('[') ? host.indexOf(']') : -1;
  if (host.startsWith('[') && bracket < 0) return null;
  const colon = host.indexOf(':', bracket + 1);
  const nameEnd = colon < 0 ? host.length : colon;
  if (bracket >= 0 && nameEnd !== bracket + 1) return null;
  const hostPort = host.slice(nameEnd + 1);
  if (hostPort !== '' && !/^\d{1,5}$/.test(hostPort)) return null;
  const hostName = bracket >= 0 ? host.slice(1, bracket) : host.slice(0, nameEnd);
  return { host, hostName, hostPort, ...place };
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 9;
}

function fromUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function isToken(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) if (!isTokenCode(text.charCodeAt(i))) return false;
  return true;
}

function isTokenCode(code: number): boolean {
  if (code >= 0x30 && code <= 0x39) return true;
  const letter = code | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return code < 0x80;
  return code < 0x80 && "!#$%&'*+-.^_`|~".includes(String.fromCharCode(code));
}
