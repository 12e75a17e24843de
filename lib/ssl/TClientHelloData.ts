// What the first message of a TLS client says (ICS: TClientHelloData). Every connection needs the
// server name and the protocols; the rest is read when somebody asks for it.
//
// Tolerant: a malformed extension is passed over, OpenSSL judges the bytes afterwards. Never throws.
import { domainToASCII, domainToUnicode } from 'node:url';
import { type ByteReader, NOTHING } from './byteReader';
import { Extension, HelloBody } from './helloBody';
import { HelloDetails } from './helloDetails';
import { TTlsExtError } from './sslTypes';

const MAX_SNI = 255;
const NO_PROTOCOLS: readonly string[] = Object.freeze([]);

/** What the client's hello said. Fields of things it did not send are empty. */
export class TClientHelloData {
  /** The server name asked for (SNI) in Unicode, as sent when it has no such form. */
  ServerName = '';
  /** The server name as it was sent. */
  PunyServerName = '';
  /** What OnSslServerName answered; teeOk before. */
  SslTlsExtErr = TTlsExtError.teeOk;
  /** The hello had the form of SSL 2. */
  Sslv2 = false;
  /** Version field of the hello, $0303 from TLS 1.2 on. */
  LegacyVersion: number;
  /** Protocols offered, separated by commas: `h2,http/1.1`. */
  AlpnList = '';
  /** @internal AlpnList one by one; one character for each byte. */
  alpnProtocols = NO_PROTOCOLS;
  /** A character for each byte: a text lives in V8's heap, a buffer would be an allocation of its own. */
  readonly #body: string;
  #details: HelloDetails | null = null;

  /** @internal `body`: of the message, from its version on. */
  constructor(body: Buffer) {
    this.#body = body.toString('latin1');
    const hello = new HelloBody(body);
    this.LegacyVersion = hello.version ?? 0;
    this.#readExtensions(hello);
  }

  /** Versions offered by the extension, as sent: $0304 is TLS 1.3. */
  get SuppVersions(): number[] {
    return this.#rest.versions;
  }

  get Random(): Buffer {
    return this.#rest.random;
  }

  get SessionId(): Buffer {
    return this.#rest.sessionId;
  }

  /** Two bytes for each suite. */
  get CipherSuites(): Buffer {
    return this.#rest.cipherSuites;
  }

  /** Numbers of the extensions, in their order. */
  get ExtnList(): number[] {
    return this.#rest.extensions;
  }

  get ExtnTotal(): number {
    return this.#rest.extensions.length;
  }

  /** Body of the ALPN extension. */
  get AlpnRaw(): Buffer {
    return this.AlpnList === '' ? NOTHING : this.#rest.body(Extension.alpn);
  }

  /** Two bytes for each group. */
  get EllipCurves(): Buffer {
    return this.#rest.list(Extension.supportedGroups, 2);
  }

  /** Two bytes for each algorithm. */
  get SigAlgos(): Buffer {
    return this.#rest.list(Extension.signatureAlgorithms, 2);
  }

  /** One byte for each format. */
  get ECPoints(): Buffer {
    return this.#rest.list(Extension.ecPointFormats, 1);
  }

  /** Body of the extension of this name, as the following ones. */
  get Renegotiate(): Buffer {
    return this.#rest.body(Extension.renegotiationInfo);
  }

  get StatusRequest(): Buffer {
    return this.#rest.body(Extension.statusRequest);
  }

  get KeyShare(): Buffer {
    return this.#rest.body(Extension.keyShare);
  }

  get PSKExchMode(): Buffer {
    return this.#rest.body(Extension.pskKeyExchangeModes);
  }

  get PSKData(): Buffer {
    return this.#rest.body(Extension.preSharedKey);
  }

  get #rest(): HelloDetails {
    return (this.#details ??= new HelloDetails(this.#body));
  }

  // The first of several equal extensions counts, as in HelloDetails.
  #readExtensions(hello: HelloBody): void {
    let named = false;
    let offered = false;
    for (let part = hello.nextExtension(); part !== null; part = hello.nextExtension()) {
      if (hello.type === Extension.serverName && !named) {
        named = true;
        this.#readServerName(part);
      } else if (hello.type === Extension.alpn && !offered) {
        offered = true;
        this.#readProtocols(part);
      }
    }
  }

  /** Like OpenSSL: one name, of the type "host name". */
  #readServerName(body: ByteReader): void {
    const list = body.wholeBlock(2);
    const type = list?.number(1);
    const name = list?.wholeBlock(2)?.restAsLatin1 ?? '';
    if (type !== 0 || name.length > MAX_SNI) return;
    // Anything but visible ASCII is no host name, and would spoil the logs of the application.
    if (!/^[!-~]+$/.test(name)) return;
    this.PunyServerName = name;
    this.ServerName = toUnicode(name);
  }

  #readProtocols(body: ByteReader): void {
    const list = body.wholeBlock(2);
    const protocols: string[] = [];
    while (list && !list.isAtEnd) {
      const protocol = list.block(1)?.restAsLatin1 ?? '';
      if (protocol === '') return;
      protocols.push(protocol);
    }
    if (protocols.length === 0) return;
    this.alpnProtocols = protocols;
    this.AlpnList = protocols.join(',');
  }
}

/** Only a form that leads back to the name sent is used, so that no other host can be meant. */
function toUnicode(name: string): string {
  if (!/(?:^|\.)xn--/i.test(name)) return name;
  const unicode = domainToUnicode(name);
  const leadsBack = unicode !== '' && domainToASCII(unicode) === name.toLowerCase();
  return leadsBack ? unicode : name;
}
