// The parts of a ClientHello that no handshake needs, only an application that looks at them.
import { ByteReader, NOTHING } from './byteReader';

export const RANDOM_SIZE = 32;

/** Numbers of the extensions that have a field of their own. */
export enum Extension {
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

/** What is missing is empty. The bytes lie outside of Node's shared pool. */
export class HelloDetails {
  readonly random: Buffer;
  readonly sessionId: Buffer;
  readonly cipherSuites: Buffer;
  /** Numbers of the extensions, in their order. */
  readonly extensions: number[] = [];
  readonly versions: number[] = [];
  /** The first of several equal extensions counts; OpenSSL refuses such a hello anyway. */
  readonly #bodies = new Map<number, Buffer>();

  /** `body`: of the message, a character for each byte. */
  constructor(body: string) {
    const bytes = Buffer.allocUnsafeSlow(body.length);
    bytes.write(body, 'latin1');
    const reader = new ByteReader(bytes, 2);
    this.random = reader.take(RANDOM_SIZE)?.rest ?? NOTHING;
    const sessionId = reader.block(1);
    const suites = sessionId && reader.block(2);
    const extensions = suites && reader.block(1) && reader.block(2);
    this.sessionId = sessionId?.rest ?? NOTHING;
    this.cipherSuites = suites?.rest ?? NOTHING;
    if (extensions) this.#readExtensions(extensions);
    this.#readVersions();
  }

  #readExtensions(reader: ByteReader): void {
    while (!reader.isAtEnd) {
      const type = reader.number(2);
      const body = reader.block(2);
      if (type === null || body === null) return;
      this.extensions.push(type);
      if (!this.#bodies.has(type)) this.#bodies.set(type, body.rest);
    }
  }

  #readVersions(): void {
    const list = new ByteReader(this.body(Extension.supportedVersions)).wholeBlock(1);
    if (list === null) return;
    for (let version = list.number(2); version !== null; version = list.number(2))
      this.versions.push(version);
  }

  /** Body of an extension. */
  body(type: Extension): Buffer {
    return this.#bodies.get(type) ?? NOTHING;
  }

  /** The one list an extension consists of, behind a length of so many bytes. */
  list(type: Extension, lengthSize: 1 | 2): Buffer {
    return new ByteReader(this.body(type)).wholeBlock(lengthSize)?.rest ?? NOTHING;
  }
}
