// Properties and events of TSslContext: the part that holds values.
//
//  - Before the first InitContext properties only store. Afterwards files and lines load into the
//    context at once; when that fails the property keeps its old value. Everything else takes effect
//    with the next InitContext.
//  - A property with "no effect" is there for ported code.
import type { TNotifyEvent } from '../types';
import { TStringList } from '../base/TStringList';
import type { TStrings } from '../base/TStrings';
import { sslCipherSuitesTLS13, sslCiphersNormal, sslCryptoGroupsDef } from './cipherLists';
import { checkHostBits, verifyBits } from './flagBits';
import { ESslContextException } from './sslErrors';
import * as S from './sslTypes';
import { TSslBaseComponent } from './TSslBaseComponent';
import { TSslCheckHostFlag, TSslVerifyFlag, TSslVersionMethod } from './contextTypes';

/** Properties that load into a living context. */
export type LiveText =
  'SslCertFile' | 'SslPrivKeyFile' | 'SslCAFile' | 'SslCAPath' | 'SslDHParamFile';
export type LiveLines = 'SslCertLines' | 'SslPrivKeyLines' | 'SslCALines' | 'SslDHParamLines';

/** OnRemoveSession. */
export type TSslContextRemoveSession<S = object> = {
  handle(Sender: S, SslSession: Buffer): unknown;
}['handle'];

const MAX_SESSION_ID_CONTEXT = 32;
const TICKET_KEYS_SIZE = 48;

export abstract class SslContextProperties extends TSslBaseComponent {
  // ---- Events ------------------------------------------------------------------------------

  /** InitContext has begun: the last chance to change properties. */
  OnBeforeInit: TNotifyEvent<this> | null = null;
  /** A session leaves the cache. No effect: sessions are kept by the application, or in tickets. */
  OnRemoveSession: TSslContextRemoveSession<this> | null = null;

  // ---- Certificates and keys ---------------------------------------------------------------

  /** Password of the private key, default ''. Not needed for a key that is not encrypted. */
  SslPassPhrase = '';
  /** True: trust the shared store of root certificates instead of the SslCA properties. */
  UseSharedCAStore = false;
  /** Revocation lists in PEM, default ''. Used with a CRL_CHECK flag in SslVerifyFlags. */
  SslCRLFile = '';
  /** Directory of revocation lists; all its files are read. Default ''. */
  SslCRLPath = '';

  /**
   * Addition: file that gets the keys of every session, for decrypting recorded traffic while
   * looking for an error. Default '': none.
   */
  SslKeyLogFile = '';

  // ---- Verification of peers ---------------------------------------------------------------

  /** Server: ask clients for a certificate; client: verify the server's. Default False. */
  SslVerifyPeer = false;
  /** How peers are asked. Default [SslVerifyMode_PEER]; SslVerifyMode_CLIENT_ONCE has no effect. */
  SslVerifyPeerModes: Set<S.TSslVerifyPeerMode> = new Set([
    S.TSslVerifyPeerMode.SslVerifyMode_PEER,
  ]);
  /** Longest chain of certificates accepted. Default 9. */
  SslVerifyDepth = 9;
  /**
   * Default []. InitContext refuses flags Node cannot obey: all but PARTIAL_CHAIN, the CRL_CHECK
   * flags with a list, and what OpenSSL does anyway (CB_ISSUER_CHECK, TRUSTED_FIRST).
   */
  SslVerifyFlags: Set<TSslVerifyFlag> = new Set();
  /** How a client compares the server's name. Default []. */
  SslCheckHostFlags: Set<TSslCheckHostFlag> = new Set();

  // ---- Protocol ----------------------------------------------------------------------------

  /** OpenSSL's security level. Default sslSecLevel80bits. */
  SslSecLevel = S.TSslSecLevel.sslSecLevel80bits;
  /**
   * Default [LEGACY_SERVER_CONNECT, ALLOW_UNSAFE_LEGACY_RENEGOTIATION]. Renegotiation is off
   * whatever stands here.
   */
  SslOptions2: Set<S.TSslOption2> = new Set([
    S.TSslOption2.sslOpt2_LEGACY_SERVER_CONNECT,
    S.TSslOption2.sslOpt2_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
  ]);
  /** No effect; use SslOptions2. Default []. */
  SslOptions: Set<number> = new Set();
  /** Suites up to TLS 1.2 in OpenSSL's notation. Default sslCiphersNormal. */
  SslCipherList = sslCiphersNormal;
  /** Suites of TLS 1.3; '' stands for the default, sslCipherSuitesTLS13. */
  SslCipherList13 = sslCipherSuitesTLS13;
  /**
   * Oldest version, default sslVerSSL3, which means TLS 1.0. Versions below TLS 1.2 also need
   * SslSecLevel sslSecLevelAny.
   */
  SslMinVersion = S.TSslVerMethod.sslVerSSL3;
  /** Newest version, default sslVerMax. Below SslMinVersion neither of them has an effect. */
  SslMaxVersion = S.TSslVerMethod.sslVerMax;
  /** No effect, as in ICS. Default sslBestVer. */
  SslVersionMethod = TSslVersionMethod.sslBestVer;
  /** No effect, as in ICS. Default sslECDHNone. */
  SslECDHMethod = S.TSslECDHMethod.sslECDHNone;
  /** Groups for the key exchange; unknown ones are left out. Default sslCryptoGroupsDef. */
  SslCryptoGroups = sslCryptoGroupsDef;
  /** A level that takes the place of versions, SslSecLevel and SslCipherList. Default Ignore. */
  SslCliSecurity = S.TSslCliSecurity.sslCliSecIgnore;
  /** Client: ask for the certificate's status (OCSP). Default False. */
  SslOcspStatus = false;
  /** No effect. Default False. */
  AutoEnableBuiltinEngines = false;

  // ---- Sessions ----------------------------------------------------------------------------

  /** Default []. No effect: Node decides by tickets and the session events of the socket. */
  SslSessionCacheModes: Set<S.TSslSessCacheMode> = new Set();
  /** No effect here; default 20480. */
  SslSessionCacheSize = 20480;
  /** Seconds a session can be resumed. Default 0: OpenSSL's 300 seconds. */
  SslSessionTimeout = 0;

  #sessionIdContext = '';
  #ticketKeys: Buffer | null = null;
  readonly #alpn = new TStringList();
  readonly #texts: Record<LiveText, string> = {
    SslCertFile: '',
    SslPrivKeyFile: '',
    SslCAFile: '',
    SslCAPath: '',
    SslDHParamFile: '',
  };
  readonly #lines: Record<LiveLines, TStringList> = {
    SslCertLines: new TStringList(),
    SslPrivKeyLines: new TStringList(),
    SslCALines: new TStringList(),
    SslDHParamLines: new TStringList(),
  };

  /** Loads the property into the living context. */
  protected abstract loadLive(property: LiveText | LiveLines): void;
  /** True from a successful InitContext to DeInitContext. */
  abstract get IsCtxInitialized(): boolean;

  // ---- Files and lines ---------------------------------------------------------------------

  /** Certificates in PEM, that of the server first; or one certificate in DER. Default ''. */
  get SslCertFile(): string {
    return this.#texts.SslCertFile;
  }

  set SslCertFile(value: string) {
    this.#setText('SslCertFile', value);
  }

  /** Certificates in PEM, used when SslCertFile is empty. */
  get SslCertLines(): TStrings {
    return this.#lines.SslCertLines;
  }

  set SslCertLines(value: TStrings) {
    this.#setLines('SslCertLines', value);
  }

  /** Private key in PEM. Default ''. */
  get SslPrivKeyFile(): string {
    return this.#texts.SslPrivKeyFile;
  }

  set SslPrivKeyFile(value: string) {
    this.#setText('SslPrivKeyFile', value);
  }

  /** Private key in PEM, used when SslPrivKeyFile is empty. */
  get SslPrivKeyLines(): TStrings {
    return this.#lines.SslPrivKeyLines;
  }

  set SslPrivKeyLines(value: TStrings) {
    this.#setLines('SslPrivKeyLines', value);
  }

  /** Trusted certificates in PEM. Default ''. */
  get SslCAFile(): string {
    return this.#texts.SslCAFile;
  }

  set SslCAFile(value: string) {
    this.#setText('SslCAFile', value);
  }

  /** Trusted certificates in PEM, used when SslCAFile and SslCAPath are empty. */
  get SslCALines(): TStrings {
    return this.#lines.SslCALines;
  }

  set SslCALines(value: TStrings) {
    this.#setLines('SslCALines', value);
  }

  /** Directory of trusted certificates; all its files are read. Default ''. */
  get SslCAPath(): string {
    return this.#texts.SslCAPath;
  }

  set SslCAPath(value: string) {
    this.#setText('SslCAPath', value);
  }

  /** Diffie-Hellman parameters in PEM. Default '': OpenSSL's own that fit the certificate. */
  get SslDHParamFile(): string {
    return this.#texts.SslDHParamFile;
  }

  set SslDHParamFile(value: string) {
    this.#setText('SslDHParamFile', value);
  }

  /** Diffie-Hellman parameters in PEM, used when SslDHParamFile is empty. */
  get SslDHParamLines(): TStrings {
    return this.#lines.SslDHParamLines;
  }

  set SslDHParamLines(value: TStrings) {
    this.#setLines('SslDHParamLines', value);
  }

  #setText(property: LiveText, value: string): void {
    requireText(value, property);
    const old = this.#texts[property];
    this.#texts[property] = value;
    if (value !== '') this.#load(property, () => (this.#texts[property] = old));
  }

  #setLines(property: LiveLines, value: TStrings): void {
    const lines = this.#lines[property];
    const old = lines.toArray();
    lines.Assign(value);
    if (lines.Count > 0) this.#load(property, () => lines.Assign(old));
  }

  #load(property: LiveText | LiveLines, undo: () => void): void {
    if (!this.IsCtxInitialized) return;
    try {
      this.loadLive(property);
    } catch (error) {
      undo();
      throw error;
    }
  }

  // ---- Guarded values ----------------------------------------------------------------------

  /** Client: protocols to offer (ALPN), one for each line. */
  get SslAlpnProtocols(): TStrings {
    return this.#alpn;
  }

  set SslAlpnProtocols(value: TStrings) {
    this.#alpn.Assign(value);
  }

  /** Sessions are only resumed under the same text. Cut to 32 characters. Default ''. */
  get SslDefaultSessionIDContext(): string {
    return this.#sessionIdContext;
  }

  set SslDefaultSessionIDContext(value: string) {
    requireText(value, 'SslDefaultSessionIDContext');
    this.#sessionIdContext = value.slice(0, MAX_SESSION_ID_CONTEXT);
  }

  /**
   * Addition: 48 secret bytes that encrypt session tickets. Processes with the same bytes resume
   * each other's sessions. Default null: random bytes, kept until DeInitContext.
   */
  get SslTicketKeys(): Buffer | null {
    return this.#ticketKeys && Buffer.from(this.#ticketKeys);
  }

  set SslTicketKeys(value: Uint8Array | null) {
    if (value !== null && !(value instanceof Uint8Array && value.length === TICKET_KEYS_SIZE))
      throw new ESslContextException(`SslTicketKeys needs ${TICKET_KEYS_SIZE} bytes`);
    this.#ticketKeys = value && Buffer.from(value);
  }

  /** SslVerifyFlags as OpenSSL's bits. Writing raises for bits that are no flag. */
  get SslVerifyFlagsValue(): number {
    return verifyBits(this.SslVerifyFlags);
  }

  set SslVerifyFlagsValue(value: number) {
    this.SslVerifyFlags = flagsOf(value, TSslVerifyFlag, verifyBits);
  }

  /** SslCheckHostFlags as OpenSSL's bits, -1 for no check. Writing raises for other bits. */
  get SslCheckHostFlagsValue(): number {
    return checkHostBits(this.SslCheckHostFlags);
  }

  set SslCheckHostFlagsValue(value: number) {
    const { sslX509_NO_HOST_CHECK } = TSslCheckHostFlag;
    this.SslCheckHostFlags =
      value === -1
        ? new Set([sslX509_NO_HOST_CHECK])
        : flagsOf(value, TSslCheckHostFlag, checkHostBits);
  }
}

function requireText(value: unknown, property: string): asserts value is string {
  if (typeof value !== 'string')
    throw new TypeError(`${property}: a text is needed, got ${typeof value}`);
}

/** All flags whose bits are in the value. */
function flagsOf<T extends number>(
  value: number,
  names: Record<string, string | T>,
  bitsOf: (flags: Iterable<T>) => number,
): Set<T> {
  const all = Object.values(names).filter((flag) => typeof flag === 'number');
  const inside = all.filter((flag) => (bitsOf([flag]) & ~value) === 0);
  if (bitsOf(inside) !== value)
    throw new ESslContextException(`Flags expected, got ${String(value)}`);
  return new Set(inside);
}
