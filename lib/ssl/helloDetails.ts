// The parts of a ClientHello that no handshake needs, only an application that looks at them.
import { ByteReader, NOTHING } from './byteReader';
import { Extension, HelloBody } from './helloBody';

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
    const hello = new HelloBody(bytes);
    this.random = hello.random?.rest ?? NOTHING;
    this.sessionId = hello.sessionId?.rest ?? NOTHING;
    this.cipherSuites = hello.cipherSuites?.rest ?? NOTHING;
    for (let part = hello.nextExtension(); part !== null; part = hello.nextExtension()) {
      this.extensions.push(hello.type);
      if (!this.#bodies.has(hello.type)) this.#bodies.set(hello.type, part.rest);
    }
    this.#readVersions();
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
