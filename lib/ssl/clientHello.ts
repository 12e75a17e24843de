// The first message of a TLS client, read before any TLS code sees it (ICS: TClientHelloData and
// its callback in OverbyteIcsWSocket): the server name and the protocols choose the context.
//
//  - Never throws; the time is linear in the bytes given, which are limited.
//  - What OpenSSL would accept as a hello is never called 'notTls': nobody gets past
//    OnSslServerName by odd framing.
import { uint16 } from './byteReader';
import { TClientHelloData } from './TClientHelloData';

/** Longest hello message, without the headers of the records it comes in. */
export const MAX_CLIENT_HELLO = 16384;
/** Most records a hello may be cut into. */
export const MAX_HELLO_RECORDS = 256;

const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const CONTENT_HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** A record holds 16384 bytes at most; OpenSSL takes a little more. */
const MAX_RECORD = 16384 + 256;

/**
 * more: no complete hello yet, call again with more bytes behind these. notTls: OpenSSL will refuse
 * it. sslv2: a hello in the form of SSL 2. tooLong: beyond MAX_CLIENT_HELLO or MAX_HELLO_RECORDS;
 * OpenSSL might accept it, so the caller must refuse it.
 */
export type ClientHelloResult = TClientHelloData | 'more' | 'notTls' | 'sslv2' | 'tooLong';

/** Reads the hello at the beginning of everything a client has sent so far. Keeps no reference. */
export function parseClientHello(bytes: Buffer): ClientHelloResult {
  if (bytes.length < RECORD_HEADER) return 'more';
  if (isSslv2Hello(bytes)) return 'sslv2';
  const message = collectMessage(bytes);
  return typeof message === 'string' ? message : new TClientHelloData(message);
}

/** Length with the high bit, then "client hello" (RFC 5246, E.2). */
function isSslv2Hello(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x80) !== 0 && bytes[2] === CLIENT_HELLO;
}

/** Bytes of the message by the header of the message; Infinity while that is incomplete. */
class Fragments {
  readonly #parts: Uint8Array[] = [];
  #size = 0;
  readonly #header: number[] = [];

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#size += part.length;
    for (let i = 0; i < part.length && this.#header.length < MESSAGE_HEADER; i++)
      this.#header.push(part[i]!);
  }

  get type(): number | undefined {
    return this.#header[0];
  }

  get wanted(): number {
    const [, high, middle, low] = this.#header;
    if (low === undefined) return Infinity;
    return MESSAGE_HEADER + ((high! << 16) | (middle! << 8) | low);
  }

  get isComplete(): boolean {
    return this.#size >= this.wanted;
  }

  /** A copy of the message's body. */
  body(): Buffer {
    const whole = Buffer.allocUnsafe(this.wanted);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part.subarray(0, whole.length - at), at);
      at = Math.min(at + part.length, whole.length);
    }
    return whole.subarray(MESSAGE_HEADER);
  }
}

/** Body of the hello, put together from its records. Empty records are passed over, as OpenSSL does. */
function collectMessage(bytes: Buffer): Buffer | 'more' | 'notTls' | 'tooLong' {
  const single = onlyRecord(bytes);
  if (single !== null) return single;
  const fragments = new Fragments();
  let at = 0;
  for (let records = 1; ; records++) {
    if (at < bytes.length && bytes[at] !== CONTENT_HANDSHAKE) return 'notTls';
    if (at + RECORD_HEADER > bytes.length) return records > MAX_HELLO_RECORDS ? 'tooLong' : 'more';
    const length = uint16(bytes, at + 3);
    if (bytes[at + 1] !== 3 || length > MAX_RECORD) return 'notTls';
    if (records > MAX_HELLO_RECORDS) return 'tooLong';
    at += RECORD_HEADER;
    fragments.add(bytes.subarray(at, at + length));
    if (fragments.type !== undefined && fragments.type !== CLIENT_HELLO) return 'notTls';
    if (fragments.wanted !== Infinity && fragments.wanted > MESSAGE_HEADER + MAX_CLIENT_HELLO)
      return 'tooLong';
    if (fragments.isComplete) return fragments.body();
    at += length;
    if (at > bytes.length) return 'more';
  }
}

/** Nearly every hello: one message in one record, and nothing behind it. Null: it is another. */
function onlyRecord(bytes: Buffer): Buffer | null {
  const begin = RECORD_HEADER + MESSAGE_HEADER;
  const size = bytes.length - begin;
  if (size < 0 || size > MAX_CLIENT_HELLO) return null;
  if (bytes[0] !== CONTENT_HANDSHAKE || bytes[1] !== 3) return null;
  if (uint16(bytes, 3) !== size + MESSAGE_HEADER || bytes[RECORD_HEADER] !== CLIENT_HELLO)
    return null;
  if (bytes[RECORD_HEADER + 1] !== 0 || uint16(bytes, RECORD_HEADER + 2) !== size) return null;
  return bytes.subarray(begin);
}
