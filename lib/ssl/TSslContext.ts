// Certificates, keys and settings for TLS sessions (ICS: TSslContext in OverbyteIcsSslBase).
//
//  - InitContext checks everything and builds the context; any exception in it frees the context.
//  - A new InitContext or a Load method builds another context and puts it in the place of the old
//    one, which open sessions keep. A Load method that raises changes nothing.
//  - Server names and protocols are decided by the socket before a session begins, so a context has
//    no callbacks of its own.
import { randomBytes, type KeyObject, type X509Certificate } from 'node:crypto';
import tls from 'node:tls';
import type { TVar } from '../types';
import type { TComponent } from '../base/TComponent';
import * as F from './contextFiles';
import { checksCrls, optionsOf } from './contextOptions';
import {
  buildContext,
  isMatching,
  requestsCert,
  requiresCert,
  sessionOptions,
  type ContextParts,
  type SharedContext,
} from './contextParts';
import { readPfx } from './pfx';
import { IcsSslRootCAStore } from './rootStore';
import { SslContextProperties, type LiveLines, type LiveText } from './SslContextProperties';
import { ESslContextException, reasonOf } from './sslErrors';
import { TSslCliSecurity } from './sslTypes';
import { opensslFailure } from './TSslBaseComponent';
import { TX509Base } from './TX509Base';
import type { TX509List } from './TX509List';

const TICKET_KEYS_SIZE = 48;
const NOT_INITIALIZED = 'SSL context not initialized';
const OWN_DH_PARAMS = 'auto';

export class TSslContext extends SslContextProperties {
  /** @internal Called when sessions get another certificate than before, or none. */
  readonly onServedCert = new Set<() => void>();
  #parts: ContextParts | null = null;
  /** What #context is made of; #parts may be a certificate ahead of its key. */
  #served: ContextParts | null = null;
  #context: tls.SecureContext | null = null;
  #ownTicketKeys: Buffer | null = null;
  #engine: tls.Server | null = null;
  #isInitializing = false;
  readonly #certX509: TX509Base;

  constructor(AOwner: TComponent | null = null) {
    super(AOwner);
    this.#certX509 = new TX509Base(this);
  }

  override Destroy(): void {
    this.DeInitContext();
    super.Destroy();
  }

  /**
   * Certificate, key and intermediates in one object; goes before the other sources of each. Never
   * null: assigning copies. Takes effect with the next InitContext.
   */
  get SslCertX509(): TX509Base {
    return this.#certX509;
  }

  set SslCertX509(value: TX509Base) {
    this.#certX509.Assign(value);
  }

  override get IsCtxInitialized(): boolean {
    return this.#context !== null;
  }

  /** Node's context, null before InitContext. */
  get SslCtxPtr(): tls.SecureContext | null {
    return this.#context;
  }

  /** Always null: OpenSSL's callbacks do not reach JavaScript. */
  get VerifyCallbackPtr(): null {
    return null;
  }

  // ---- Beginning and end -------------------------------------------------------------------

  /**
   * Builds the context from the properties. Raises ESslContextException, EX509Exception or
   * ESslTX509Exception (files); there is no context then.
   */
  InitContext(): void {
    if (this.isDestroyed) throw new ESslContextException(NOT_INITIALIZED);
    if (this.#isInitializing) return;
    this.#isInitializing = true;
    try {
      this.keepError(() => this.#initialize());
    } catch (error) {
      this.#free();
      throw error;
    } finally {
      this.#isInitializing = false;
    }
  }

  #initialize(): void {
    this.TriggerBeforeInit();
    if (this.isDestroyed) throw new ESslContextException(NOT_INITIALIZED);
    const options = optionsOf(this);
    const key = this.#initialKey();
    const certs = this.#initialCerts();
    const ca = this.#initialCa();
    const crls = this.#initialCrls();
    const dhParams = this.#initialDhParams();
    this.#ownTicketKeys ??= randomBytes(TICKET_KEYS_SIZE);
    const sessions = sessionOptions(this, this.SslTicketKeys ?? this.#ownTicketKeys, ca);
    const clientCert = { requested: requestsCert(this), required: requiresCert(this) };
    this.#use({ options, certs, key, ca, crls, dhParams, sessions, clientCert });
  }

  /** Fires OnBeforeInit. */
  TriggerBeforeInit(): void {
    this.OnBeforeInit?.(this);
  }

  /** Frees the context; open sessions keep it. Tickets issued so far are worthless afterwards. */
  DeInitContext(): void {
    this.#free();
    this.#ownTicketKeys = null;
  }

  #free(): void {
    this.#context = null;
    this.#parts = null;
    this.#serve(null);
  }

  #serve(parts: ContextParts | null): void {
    const before = this.servedCert;
    this.#served = parts;
    if (this.servedCert === before) return;
    for (const notify of this.onServedCert) notify();
  }

  #initialKey(): KeyObject | null {
    const { PrivateKey } = this.#certX509;
    if (PrivateKey?.type === 'private') return PrivateKey;
    if (this.SslPrivKeyFile !== '') return F.keyOfFile(this.SslPrivKeyFile, this.SslPassPhrase);
    if (this.SslPrivKeyLines.Count === 0) return null;
    return F.keyOfLines(this.SslPrivKeyLines.Text, this.SslPassPhrase);
  }

  #initialCerts(): X509Certificate[] {
    const { X509, X509Inters, IsInterLoaded } = this.#certX509;
    if (X509) return [X509, ...X509Inters];
    const own = this.#certsOfProperties();
    return IsInterLoaded && own.length > 0 ? [...own, ...X509Inters] : own;
  }

  #certsOfProperties(): X509Certificate[] {
    if (this.SslCertFile !== '') return F.certsOfFile(this.SslCertFile);
    return this.SslCertLines.Count === 0 ? [] : F.certsOfLines(this.SslCertLines.Text);
  }

  #initialCa(): string[] {
    if (this.UseSharedCAStore) return pemOf(IcsSslRootCAStore);
    if (this.SslCAFile !== '' || this.SslCAPath !== '')
      return F.caOfLocations(this.SslCAFile, this.SslCAPath);
    return this.SslCALines.Count === 0 ? [] : F.caOfLines(this.SslCALines.Text);
  }

  #initialCrls(): string[] {
    if (!checksCrls(this)) return [];
    const ofFile = this.SslCRLFile === '' ? [] : F.crlsOfFile(this.SslCRLFile);
    return ofFile.concat(this.SslCRLPath === '' ? [] : F.crlsOfPath(this.SslCRLPath));
  }

  #initialDhParams(): string {
    if (this.SslCliSecurity !== TSslCliSecurity.sslCliSecIgnore) return '';
    if (this.SslDHParamFile !== '') return F.dhParamsOfFile(this.SslDHParamFile);
    if (this.SslDHParamLines.Count === 0) return OWN_DH_PARAMS;
    return F.dhParamsOfLines(this.SslDHParamLines.Text);
  }

  #use(parts: ContextParts): void {
    this.#context = buildContext(parts);
    this.#parts = parts;
    this.#serve(parts);
  }

  /** @internal The certificate that new sessions get; null: none can begin. */
  get servedCert(): X509Certificate | null {
    return this.#served?.certs[0] ?? null;
  }

  /** @internal What a server in another thread needs to serve as this one; may be cloned. */
  share(): SharedContext {
    if (!this.#served) throw new ESslContextException(NOT_INITIALIZED);
    const { SslDefaultSessionIDContext, SslVerifyDepth, SslKeyLogFile } = this;
    const settings = { SslDefaultSessionIDContext, SslVerifyDepth, SslKeyLogFile };
    return { parts: this.#served, settings };
  }

  /** @internal Serves as the context that was shared. */
  adopt({ parts, settings }: SharedContext): void {
    Object.assign(this, settings);
    this.#use(parts);
  }

  // ---- Loading into a living context -------------------------------------------------------

  protected override loadLive(property: LiveText | LiveLines): void {
    switch (property) {
      case 'SslCertFile':
        return this.LoadCertFromChainFile(this.SslCertFile);
      case 'SslPrivKeyFile':
        return this.LoadPKeyFromFile(this.SslPrivKeyFile);
      case 'SslCAFile':
        return this.LoadVerifyLocations(this.SslCAFile, '');
      case 'SslCAPath':
        return this.LoadVerifyLocations('', this.SslCAPath);
      case 'SslDHParamFile':
        return this.LoadDHParamsFromFile(this.SslDHParamFile);
      default:
        return this.#loadLines(property);
    }
  }

  /** Lines count only while there is no file. */
  #loadLines(property: LiveLines): void {
    const text = this[property].Text;
    if (property === 'SslCertLines' && this.SslCertFile === '') this.LoadCertFromString(text);
    if (property === 'SslPrivKeyLines' && this.SslPrivKeyFile === '') this.LoadPKeyFromString(text);
    const hasCaFile = this.SslCAFile !== '' || this.SslCAPath !== '';
    if (property === 'SslCALines' && !hasCaFile) this.LoadCAFromString(text);
    if (property === 'SslDHParamLines' && this.SslDHParamFile === '')
      this.LoadDHParamsFromString(text);
  }

  #change(change: (parts: ContextParts) => Partial<ContextParts>): void {
    this.keepError(() => {
      const parts = this.#livingParts();
      this.#use({ ...parts, ...change(parts) });
    });
  }

  #livingParts(): ContextParts {
    if (!this.#parts) throw new ESslContextException(NOT_INITIALIZED);
    return this.#parts;
  }

  /**
   * Replaces the certificate and what is sent with it. Until the key that belongs to it is loaded,
   * sessions get the certificate before.
   */
  LoadCertFromChainFile(FileName: string): void {
    this.#replaceCerts(() => F.certsOfFile(FileName));
  }

  /** Like LoadCertFromChainFile, from PEM text. */
  LoadCertFromString(Value: string): void {
    this.#replaceCerts(() => F.certsOfLines(Value));
  }

  /** Like LoadCertFromString; False with the reason in Errs instead of an exception. */
  LoadCertFromAStr(Value: string, Errs: TVar<string>): boolean {
    Errs.Value = '';
    this.#livingParts();
    try {
      this.LoadCertFromString(Value);
    } catch (error) {
      Errs.Value = reasonOf(error);
    }
    return Errs.Value === '';
  }

  #replaceCerts(read: () => X509Certificate[]): void {
    this.keepError(() => {
      const parts = { ...this.#livingParts(), certs: read() };
      if (isMatching(parts)) this.#use(parts);
      else this.#parts = parts;
    });
  }

  /** Replaces the private key. */
  LoadPKeyFromFile(FileName: string): void {
    this.#replaceKey(() => F.keyOfFile(FileName, this.SslPassPhrase));
  }

  /** Replaces the private key, from PEM text. */
  LoadPKeyFromString(Value: string): void {
    this.#replaceKey(() => F.keyOfLines(Value, this.SslPassPhrase));
  }

  #replaceKey(read: () => KeyObject): void {
    this.#change((parts) => {
      const key = read();
      if (!isMatching({ ...parts, key }))
        throw opensslFailure(
          "Can't read add private key to context",
          'Certificate and private key do not match',
        );
      return { key };
    });
  }

  /** @internal Replaces certificate, key and intermediates in one step, or raises and changes nothing. */
  replaceIdentity(Cert: TX509Base): void {
    this.#change(() => identityOf(Cert));
    this.#certX509.Assign(Cert);
  }

  /** Trusts the certificates of PEM text, too. */
  LoadCAFromString(Value: string): void {
    this.#addCa(() => F.caOfLines(Value));
  }

  /** Trusts the certificates of bytes, too: PEM text or PKCS #12. */
  LoadCAFromTB(Value: Uint8Array, Password = ''): void {
    const bytes = Buffer.from(Value);
    if (bytes.includes('-----BEGIN ')) return this.LoadCAFromString(bytes.toString('latin1'));
    this.#addCa(() => caOfPfx(bytes, Password));
  }

  /** Trusts the certificates of a list, too. */
  LoadCAFromStack(CertStack: Iterable<TX509Base> | null): void {
    this.#addCa(() => {
      const certs = CertStack ? pemOf(CertStack) : [];
      if (certs.length === 0) throw new ESslContextException('No CA stack to load');
      return certs;
    });
  }

  /** Trusts the certificates of a file and of all files of a directory, too; either may be ''. */
  LoadVerifyLocations(FileName: string, Path: string): void {
    this.#addCa(() => F.caOfLocations(FileName, Path));
  }

  /** Trusts a certificate, too. False when it is empty. */
  TrustCert(Cert: TX509Base): boolean {
    this.#livingParts();
    if (!Cert.IsCertLoaded) return false;
    this.#addCa(() => pemOf([Cert]));
    return true;
  }

  #addCa(read: () => string[]): void {
    this.#change(({ ca }) => ({ ca: [...new Set([...ca, ...read()])] }));
  }

  /**
   * Adds to the certificates that are sent the missing intermediates that are among the trusted
   * ones, without the root. Returns how many certificates are sent.
   */
  SslBuildCertChain(): number {
    this.#change(({ certs, ca }) => ({ certs: F.completedChain(certs, ca) }));
    return this.#livingParts().certs.length;
  }

  /** Replaces the parameters for Diffie-Hellman. */
  LoadDHParamsFromFile(FileName: string): void {
    this.#change(() => ({ dhParams: F.dhParamsOfFile(FileName) }));
  }

  /** Replaces the parameters for Diffie-Hellman, from PEM text. */
  LoadDHParamsFromString(Value: string): void {
    this.#change(() => ({ dhParams: F.dhParamsOfLines(Value) }));
  }

  /**
   * Adds revocation lists. From then on every certificate of a peer is checked against one, and
   * refused when its issuer has none here.
   */
  LoadCrlFromFile(Filename: string): void {
    this.#change(({ crls }) => ({ crls: [...crls, ...F.crlsOfFile(Filename)] }));
  }

  /** Adds the revocation lists of all files of a directory. */
  LoadCrlFromPath(Path: string): void {
    this.#change(({ crls }) => ({ crls: [...crls, ...F.crlsOfPath(Path)] }));
  }

  /**
   * ICS: adds names to the request for a client's certificate. Node sends the names of all trusted
   * certificates, so this only accepts files whose certificates are trusted already.
   */
  AddClientCAFromFile(FileName: string): void {
    this.keepError(() => {
      const { ca } = this.#livingParts();
      const certs = F.clientCaOfFile(FileName);
      if (!certs.every((pem) => ca.includes(pem)))
        throw new ESslContextException(
          `Client CAs are the trusted certificates; load "${FileName}" as such`,
        );
    });
  }

  /** See AddClientCAFromFile. */
  SetClientCAListFromFile(FileName: string): void {
    this.AddClientCAFromFile(FileName);
  }

  // ---- Questions ---------------------------------------------------------------------------

  /** Are certificate and private key loaded, and belong together? */
  CheckPrivateKey(): boolean {
    const parts = this.#livingParts();
    return parts.certs.length > 0 && parts.key !== null && isMatching(parts);
  }

  /** Copies certificate, key and intermediates of the context; returns how many certificates. */
  SslGetCerts(Cert: TX509Base): number {
    const [leaf, ...inters] = this.#parts?.certs ?? [];
    Cert.ClearAll();
    if (!this.#parts || !leaf) return 0;
    Cert.X509 = leaf;
    Cert.PrivateKey = this.#parts.key;
    Cert.X509Inters = inters;
    return 1 + inters.length;
  }

  /** Copies the trusted certificates into a list; returns how many. */
  SslGetAllCerts(CertList: TX509List): number {
    const { ca } = this.#livingParts();
    CertList.Clear();
    for (const pem of ca) CertList.Add(F.certOfPem(pem));
    return ca.length;
  }

  /** Number of trusted certificates; 0 without a context. */
  GetCAStoreTotal(): number {
    return this.#parts?.ca.length ?? 0;
  }

  /** All suites there are, one for each line. ICS: those of the context; Node tells only these. */
  SslGetAllCiphers(): string {
    this.#livingParts();
    return tls
      .getCiphers()
      .map((name) => `${name.toUpperCase()}\r\n`)
      .join('');
  }

  // ---- For the socket ----------------------------------------------------------------------

  /** @internal What sessions are made with; with an identity of their own for some. */
  secureContext(identity: TX509Base | null = null): tls.SecureContext {
    const parts = this.#livingParts();
    return identity === null ? this.#context! : buildContext({ ...parts, ...identityOf(identity) });
  }

  /** @internal A server that never listens and never has a handler. */
  get engine(): tls.Server {
    return (this.#engine ??= tls.createServer());
  }

  /** @internal */
  get hasCertificate(): boolean {
    return (this.#parts?.certs.length ?? 0) > 0;
  }

  /** @internal Are clients asked for a certificate? */
  get requestCert(): boolean {
    return this.#parts?.clientCert.requested ?? false;
  }

  /** @internal Is a client without a certificate refused? */
  get requireCert(): boolean {
    return this.#parts?.clientCert.required ?? false;
  }

  /** @internal */
  get alpnProtocols(): readonly string[] {
    return this.SslAlpnProtocols.toArray().filter((protocol) => protocol !== '');
  }
}

function identityOf({
  X509,
  X509Inters,
  PrivateKey,
}: TX509Base): Pick<ContextParts, 'certs' | 'key'> {
  return { certs: X509 ? [X509, ...X509Inters] : [], key: PrivateKey };
}

function pemOf(certs: Iterable<TX509Base>): string[] {
  return [...certs].flatMap(({ X509 }) => (X509 ? [X509.toString()] : []));
}

function caOfPfx(bytes: Buffer, password: string): string[] {
  try {
    const { cert, inters } = readPfx(bytes, password);
    return [...(cert ? [cert] : []), ...inters].map(String);
  } catch (error) {
    throw new ESslContextException(`Error on reading CA certificate lines - ${reasonOf(error)}`);
  }
}
