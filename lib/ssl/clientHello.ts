// The first message of a TLS client, read before any TLS code sees it (ICS: TClientHelloData and
// its callback in OverbyteIcsWSocket): the server name and the protocols choose the context.
//
//  - Tolerant: a malformed extension is passed over, OpenSSL judges the bytes afterwards.
//  - Never throws; the time is linear in the bytes given, which are limited.
//  - What OpenSSL would accept as a hello is never called 'notTls': nobody gets past
//    OnSslServerName by odd framing.
import { domainToASCII, domainToUnicode } from 'node:url';
import { TTlsExtError } from './sslTypes';

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
const RANDOM_SIZE = 32;
const MAX_SNI = 255;

/** Numbers of the extensions that have a field of their own. */
enum Extension {
  serverName = 0,
  statusRequest = 5,
  supportedGroups = 10,
  ecPointFormats = 11,
  signatureAlgorithms = 13,
  alpn = 16,
  preSharedKey = 41,
  supportedVersions = 43,
  pskKeyExchangeModes = 45,
  keyShare = 51,
  renegotiationInfo = 0xff01,
}

/** What the client's hello said. Fields of things it did not send are empty. */
export interface TClientHelloData {
  /** The server name asked for (SNI) in Unicode, as sent when it has no such form. */
  ServerName: string;
  /** The server name as it was sent. */
  PunyServerName: string;
  /** What OnSslServerName answered; teeOk before. */
  SslTlsExtErr: TTlsExtError;
  /** The hello had the form of SSL 2. */
  Sslv2: boolean;
  /** Version field of the hello, $0303 from TLS 1.2 on. */
  LegacyVersion: number;
  /** Versions offered by the extension, as sent: $0304 is TLS 1.3. */
  SuppVersions: number[];
  Random: Buffer;
  SessionId: Buffer;
  /** Two bytes for each suite. */
  CipherSuites: Buffer;
  /** Numbers of the extensions, in their order. */
  ExtnList: number[];
  ExtnTotal: number;
  /** Body of the ALPN extension. */
  AlpnRaw: Buffer;
  /** Protocols offered, separated by commas: `h2,http/1.1`. */
  AlpnList: string;
  /** Two bytes for each group. */
  EllipCurves: Buffer;
  /** Two bytes for each algorithm. */
  SigAlgos: Buffer;
  /** One byte for each format. */
  ECPoints: Buffer;
  /** Bodies of the extensions of these names. */
  Renegotiate: Buffer;
  StatusRequest: Buffer;
  KeyShare: Buffer;
  PSKExchMode: Buffer;
  PSKData: Buffer;
  /** @internal AlpnList one by one; one character for each byte. */
  alpnProtocols: readonly string[];
}

/**
 * more: no complete hello yet, call again with more bytes behind these. notTls: OpenSSL will refuse
 * it. sslv2: a hello in the form of SSL 2. tooLong: beyond MAX_CLIENT_HELLO or MAX_HELLO_RECORDS;
 * OpenSSL might accept it, so the caller must refuse it.
 */
export type ClientHelloResult = TClientHelloData | 'more' | 'notTls' | 'sslv2' | 'tooLong';

/** By number: a bit for each of them but the last, which has bit 0. */
const BITS = bitsOfExtensions();

const NOTHING = Buffer.alloc(0);
const NO_PROTOCOLS: readonly string[] = Object.freeze([]);

/** CliHelloData of a socket that has received no hello. */
export function emptyClientHello(): TClientHelloData {
  return {
    ServerName: '',
    PunyServerName: '',
    SslTlsExtErr: TTlsExtError.teeOk,
    Sslv2: false,
    LegacyVersion: 0,
    SuppVersions: [],
    Random: NOTHING,
    SessionId: NOTHING,
    CipherSuites: NOTHING,
    ExtnList: [],
    ExtnTotal: 0,
    AlpnRaw: NOTHING,
    AlpnList: '',
    EllipCurves: NOTHING,
    SigAlgos: NOTHING,
    ECPoints: NOTHING,
    Renegotiate: NOTHING,
    StatusRequest: NOTHING,
    KeyShare: NOTHING,
    PSKExchMode: NOTHING,
    PSKData: NOTHING,
    alpnProtocols: NO_PROTOCOLS,
  };
}

/** Reads the hello at the beginning of everything a client has sent so far. Keeps no reference. */
export function parseClientHello(bytes: Uint8Array): ClientHelloResult {
  if (bytes.length < RECORD_HEADER) return 'more';
  if (isSslv2Hello(bytes)) return 'sslv2';
  const message = collectMessage(bytes);
  return typeof message === 'string' ? message : readHello(message);
}

/** Length with the high bit, then "client hello" (RFC 5246, E.2). */
function isSslv2Hello(bytes: Uint8Array): boolean {
  return (bytes[0]! & 0x80) !== 0 && bytes[2] === CLIENT_HELLO;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
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

  /** A copy of the message's body, of its exact size and outside of Node's shared pool. */
  body(): Buffer {
    const whole = Buffer.allocUnsafeSlow(this.wanted);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part.subarray(0, whole.length - at), at);
      at = Math.min(at + part.length, whole.length);
    }
    return whole.subarray(MESSAGE_HEADER);
  }
}

/** Body of the hello, put together from its records. Empty records are passed over, as OpenSSL does. */
function collectMessage(bytes: Uint8Array): Buffer | 'more' | 'notTls' | 'tooLong' {
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
function onlyRecord(bytes: Uint8Array): Buffer | null {
  const begin = RECORD_HEADER + MESSAGE_HEADER;
  const size = bytes.length - begin;
  if (size < 0 || size > MAX_CLIENT_HELLO) return null;
  if (bytes[0] !== CONTENT_HANDSHAKE || bytes[1] !== 3) return null;
  if (uint16(bytes, 3) !== size + MESSAGE_HEADER || bytes[RECORD_HEADER] !== CLIENT_HELLO)
    return null;
  if (bytes[RECORD_HEADER + 1] !== 0 || uint16(bytes, RECORD_HEADER + 2) !== size) return null;
  const body = Buffer.allocUnsafeSlow(size);
  body.set(bytes.subarray(begin));
  return body;
}

function bitsOfExtensions(): Uint16Array {
  const bits = new Uint16Array(Extension.keyShare + 1);
  const known = Object.values(Extension).filter((value) => typeof value === 'number');
  for (const [index, type] of known.entries()) if (type < bits.length) bits[type] = 2 << index;
  return bits;
}

/** A part of bytes, read from its front. A read beyond the end yields null and moves nothing. */
class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** What is not read yet. */
  get rest(): Buffer {
    return this.#at === this.#end ? NOTHING : this.#bytes.subarray(this.#at, this.#end);
  }

  get restAsLatin1(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end);
  }

  take(size: number): Reader | null {
    const at = this.#at;
    if (size > this.#end - at) return null;
    this.#at = at + size;
    return new Reader(this.#bytes, at, at + size);
  }

  number(size: 1 | 2): number | null {
    const at = this.#at;
    if (size > this.#end - at) return null;
    this.#at = at + size;
    return size === 1 ? this.#bytes[at]! : uint16(this.#bytes, at);
  }

  /** Bytes behind their own length. */
  block(lengthSize: 1 | 2): Reader | null {
    const length = this.number(lengthSize);
    return length === null ? null : this.take(length);
  }

  /** The one block that is all there is. */
  wholeBlock(lengthSize: 1 | 2): Reader | null {
    const block = this.block(lengthSize);
    return this.isAtEnd ? block : null;
  }
}

function readHello(body: Buffer): TClientHelloData {
  const hello = emptyClientHello();
  const reader = new Reader(body);
  hello.LegacyVersion = reader.number(2) ?? 0;
  hello.Random = reader.take(RANDOM_SIZE)?.rest ?? NOTHING;
  const sessionId = reader.block(1);
  const suites = sessionId && reader.block(2);
  const compression = suites && reader.block(1);
  hello.SessionId = sessionId?.rest ?? NOTHING;
  hello.CipherSuites = suites?.rest ?? NOTHING;
  const extensions = compression && reader.block(2);
  if (extensions) readExtensions(hello, extensions);
  return hello;
}

/** The first of several equal extensions counts; OpenSSL refuses such a hello anyway. */
function readExtensions(hello: TClientHelloData, reader: Reader): void {
  let seen = 0;
  while (!reader.isAtEnd) {
    const type = reader.number(2);
    const body = reader.block(2);
    if (type === null || body === null) return;
    hello.ExtnList.push(type);
    hello.ExtnTotal++;
    const bit = bitOf(type);
    if (bit === 0 || seen & bit) continue;
    seen |= bit;
    readExtension(hello, type, body);
  }
}

/** One for each extension that has a field; 0: it has none. */
function bitOf(type: number): number {
  if (type === (Extension.renegotiationInfo as number)) return 1;
  return BITS[type] ?? 0;
}

function readExtension(hello: TClientHelloData, type: Extension, body: Reader): void {
  switch (type) {
    case Extension.serverName:
      return readServerName(hello, body);
    case Extension.alpn:
      return readAlpn(hello, body);
    case Extension.supportedVersions:
      readVersions(hello, body);
      return;
    case Extension.supportedGroups:
      hello.EllipCurves = body.wholeBlock(2)?.rest ?? NOTHING;
      return;
    case Extension.signatureAlgorithms:
      hello.SigAlgos = body.wholeBlock(2)?.rest ?? NOTHING;
      return;
    case Extension.ecPointFormats:
      hello.ECPoints = body.wholeBlock(1)?.rest ?? NOTHING;
      return;
    case Extension.renegotiationInfo:
      hello.Renegotiate = body.rest;
      return;
    case Extension.statusRequest:
      hello.StatusRequest = body.rest;
      return;
    case Extension.keyShare:
      hello.KeyShare = body.rest;
      return;
    case Extension.pskKeyExchangeModes:
      hello.PSKExchMode = body.rest;
      return;
    case Extension.preSharedKey:
      hello.PSKData = body.rest;
  }
}

function readVersions(hello: TClientHelloData, body: Reader): void {
  const list = body.wholeBlock(1);
  if (list === null) return;
  for (let version = list.number(2); version !== null; version = list.number(2))
    hello.SuppVersions.push(version);
}

/** Like OpenSSL: one name, of the type "host name". */
function readServerName(hello: TClientHelloData, body: Reader): void {
  const list = body.wholeBlock(2);
  const type = list?.number(1);
  const name = list?.wholeBlock(2)?.restAsLatin1 ?? '';
  if (type !== 0 || name.length > MAX_SNI) return;
  // Anything but visible ASCII is no host name, and would spoil the logs of the application.
  if (!/^[!-~]+$/.test(name)) return;
  hello.PunyServerName = name;
  hello.ServerName = toUnicode(name);
}

/** Only a form that leads back to the name sent is used, so that no other host can be meant. */
function toUnicode(name: string): string {
  if (!/(?:^|\.)xn--/i.test(name)) return name;
  const unicode = domainToUnicode(name);
  const leadsBack = unicode !== '' && domainToASCII(unicode) === name.toLowerCase();
  return leadsBack ? unicode : name;
}

function readAlpn(hello: TClientHelloData, body: Reader): void {
  const raw = body.rest;
  const list = body.wholeBlock(2);
  const protocols: string[] = [];
  while (list && !list.isAtEnd) {
    const protocol = list.block(1)?.restAsLatin1 ?? '';
    if (protocol === '') return;
    protocols.push(protocol);
  }
  if (protocols.length === 0) return;
  hello.AlpnRaw = raw;
  hello.alpnProtocols = protocols;
  hello.AlpnList = protocols.join(',');
}
