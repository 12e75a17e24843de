// The body of a ClientHello, from its front to its end.
import { ByteReader } from './byteReader';

const RANDOM_SIZE = 32;

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

/** Its parts; null: the hello is cut short in front of the part. */
export class HelloBody {
  readonly version: number | null;
  readonly random: ByteReader | null;
  readonly sessionId: ByteReader | null;
  readonly cipherSuites: ByteReader | null;
  readonly #extensions: ByteReader | null;
  /** Number of the extension that nextExtension() has given. */
  type = -1;

  constructor(bytes: Buffer) {
    const reader = new ByteReader(bytes);
    this.version = reader.number(2);
    this.random = reader.take(RANDOM_SIZE);
    this.sessionId = reader.block(1);
    this.cipherSuites = this.sessionId && reader.block(2);
    const compression = this.cipherSuites && reader.block(1);
    this.#extensions = compression && reader.block(2);
  }

  /** The body of the next extension; null: there is none, or it is cut short. */
  nextExtension(): ByteReader | null {
    const type = this.#extensions?.number(2) ?? null;
    const body = this.#extensions?.block(2) ?? null;
    if (type === null || body === null) return null;
    this.type = type;
    return body;
  }
}
