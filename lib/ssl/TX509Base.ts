// A certificate with its private key and intermediates: loading, saving, checking (ICS: TX509Base in
// OverbyteIcsSslBase). Reading properties are in X509Properties.
//
//  - A load either takes everything it was asked for or raises; after a failed load from a file the
//    object is empty, after one from text it is as it was.
//  - The private key stays inside a KeyObject; ClearAll lets go of it.
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { TVar } from '../types';
import type { TComponent } from '../base/TComponent';
import { allCertInfo, certInfo, certMainInfo, IcsUnwrapNames } from './certInfo';
import { isIssuedBy, validateChain } from './chain';
import { readCertFile } from './certFiles';
import {
  belongs,
  certsFromPem,
  keyFromPem,
  readPemOrDer,
  type CertMaterial,
  type ReadOptions,
} from './certMaterial';
import { TCertReadOpt, type TChainResult } from './sslTypes';
import { checkHost, matchesHost } from './hostMatch';
import { hasPem, pemBlocks, normalized, textOfFile } from './pem';
import { readPfx } from './pfx';
import { readPkcs7 } from './pkcs7';
import { EX509Exception, ESslTX509Exception, reasonOf } from './sslErrors';
import { X509Saving } from './X509Saving';

const { croNo, croYes } = TCertReadOpt;
const PKCS12 = new Set(['.pfx', '.p12']);
const PKCS7 = new Set(['.p7b', '.p7r', '.p7s', '.spc']);
const PEM_OR_DER = /^\.(?:pem|der|cer|crt|[\da-f])$/;

/** What TSslContext hands to Node, as PEM text. */
export interface SecureParts {
  /** The certificate followed by its intermediates; undefined if there is none. */
  cert: string | undefined;
  key: string | undefined;
}

export class TX509Base extends X509Saving {
  constructor(AOwner: TComponent | null = null, X509: X509Certificate | null = null) {
    super(AOwner);
    if (X509) this.X509 = X509;
  }

  override Destroy(): void {
    this.ClearAll();
    super.Destroy();
  }

  /** Forgets certificate, key and intermediates, names and results of checks. */
  ClearAll(): void {
    this.X509 = null;
    this.PrivateKey = null;
    this.X509Inters = null;
    this.CertName = '';
    this.KeyName = '';
    this.Comments = '';
  }

  FreeAndNilX509(): void {
    this.X509 = null;
  }

  FreeAndNilX509Inters(): void {
    this.X509Inters = null;
  }

  FreeAndNilPrivateKey(): void {
    this.PrivateKey = null;
  }

  /** Copies certificate, key, intermediates and names. */
  Assign(Source: TX509Base): void {
    this.X509 = Source.X509;
    this.PrivateKey = Source.PrivateKey;
    this.X509Inters = Source.X509Inters;
    this.CertName = Source.CertName;
    this.KeyName = Source.KeyName;
    this.Comments = Source.Comments;
  }

  /**
   * Loads a file by its extension: .pfx .p12; .p7b .p7r .p7s .spc; .pem .der .cer .crt and names like
   * 9d66eef0.0. Clears the object first. Raises ESslTX509Exception `File not found "…"` and
   * EX509Exception `<reason> - <file>`.
   */
  LoadFromFile(
    FileName: string,
    IncludePKey: TCertReadOpt = croNo,
    IncludeInters: TCertReadOpt = croNo,
    Password = '',
  ): void {
    this.ClearAll();
    const options = { key: IncludePKey, inters: IncludeInters, password: Password };
    this.#take(fromFile(FileName, readerFor(FileName), options), options);
  }

  /** Like LoadFromFile, with the reason in Errs ('' is success) instead of an exception. */
  LoadFromFileEx(
    FileName: string,
    IncludePKey: TCertReadOpt,
    IncludeInters: TCertReadOpt,
    Password: string,
    Errs: TVar<string>,
  ): void {
    Errs.Value = reasonFor(() => this.LoadFromFile(FileName, IncludePKey, IncludeInters, Password));
  }

  /**
   * Loads a PEM file, or one certificate in DER, whatever its extension. What is not read, key or
   * intermediates, stays as it was; a key that stays must belong to the new certificate.
   */
  LoadFromPemFile(
    FileName: string,
    IncludePKey: TCertReadOpt | boolean = croNo,
    IncludeInters: TCertReadOpt = croNo,
    Password = '',
  ): void {
    const options = { key: keyOption(IncludePKey), inters: IncludeInters, password: Password };
    this.#take(fromFile(FileName, readPemBytes, options), options);
  }

  /** Like LoadFromPemFile, with the reason in Errs ('' is success) instead of an exception. */
  LoadFromPemFileEx(
    FileName: string,
    IncludePKey: TCertReadOpt,
    IncludeInters: TCertReadOpt,
    Password: string,
    Errs: TVar<string>,
  ): void {
    Errs.Value = reasonFor(() =>
      this.LoadFromPemFile(FileName, IncludePKey, IncludeInters, Password),
    );
  }

  /** Like LoadFromPemFile for PEM text. Line breaks inside the Base64 are not needed. */
  LoadFromText(
    Lines: string,
    IncludePKey: TCertReadOpt | boolean = croNo,
    IncludeInters: TCertReadOpt = croNo,
    Password = '',
  ): void {
    const options = { key: keyOption(IncludePKey), inters: IncludeInters, password: Password };
    this.#take(readPemOrDer(Lines, options), options);
  }

  /** Like LoadFromText, with the reason in Errs ('' is success) instead of an exception. */
  LoadFromTextEx(
    Lines: string,
    IncludePKey: TCertReadOpt,
    IncludeInters: TCertReadOpt,
    Password: string,
    Errs: TVar<string>,
  ): void {
    Errs.Value = reasonFor(() => this.LoadFromText(Lines, IncludePKey, IncludeInters, Password));
  }

  /** Loads a PKCS #12 file whatever its extension. */
  LoadFromP12File(
    FileName: string,
    IncludePKey: TCertReadOpt = croNo,
    IncludeInters: TCertReadOpt = croNo,
    Password = '',
  ): void {
    const options = { key: IncludePKey, inters: IncludeInters, password: Password };
    this.#take(fromFile(FileName, readPfxBytes, options), options);
  }

  /** Like LoadFromP12File for the file's bytes. */
  LoadFromP12Buffer(
    ABuffer: Uint8Array,
    IncludePKey: TCertReadOpt = croNo,
    IncludeInters: TCertReadOpt = croNo,
    Password = '',
  ): void {
    const options = { key: IncludePKey, inters: IncludeInters, password: Password };
    this.#take(readPfxBytes(asBuffer(ABuffer), options), options);
  }

  /** Loads a PKCS #7 file, DER or PEM, whatever its extension. It never holds a key. */
  LoadFromP7BFile(FileName: string, IncludeInters: TCertReadOpt = croNo): void {
    const options = { key: croNo, inters: IncludeInters, password: '' };
    this.#take(fromFile(FileName, readPkcs7, options), options);
  }

  /** Raises ESslTX509Exception `Can't read private key file: … - <file>`. */
  PrivateKeyLoadFromPemFile(FileName: string, Password = ''): void {
    const text = textOfFile(readCertFile(FileName));
    this.#takeKey(text, Password, 'file', ` - ${FileName}`);
  }

  /** Raises ESslTX509Exception `Can't read private key lines: …`. */
  PrivateKeyLoadFromText(Lines: string, Password = ''): void {
    this.#takeKey(Lines, Password, 'lines', '');
  }

  /** Puts a public key into PrivateKey, for programs that check signatures. */
  PublicKeyLoadFromText(Lines: string): void {
    const block = pemBlocks(Lines).find(({ label }) => label.includes('PUBLIC KEY'));
    if (!block) throw new EX509Exception('Expected a Base64 encoded PEM public key');
    try {
      this.PrivateKey = createPublicKey(normalized(block));
    } catch (error) {
      throw new EX509Exception(`Failed to read public key - ${reasonOf(error)}`);
    }
  }

  /** Replaces the intermediates by all certificates of a PEM file. */
  LoadIntersFromPemFile(FileName: string): void {
    const text = textOfFile(readCertFile(FileName));
    try {
      this.X509Inters = certsFromPem(text);
    } catch (error) {
      throw new EX509Exception(`${reasonOf(error)} - ${FileName}`);
    }
  }

  /** Replaces the intermediates by all certificates of PEM text. */
  LoadIntersFromString(Value: string): void {
    this.X509Inters = certsFromPem(Value);
  }

  AddToInters(X509: X509Certificate): void {
    this.X509Inters = [...this.X509Inters, X509];
  }

  /** Copies the intermediates into a list. */
  GetIntersList(CertList: { Clear(): void; Add(X509: X509Certificate): unknown }): void {
    CertList.Clear();
    for (const cert of this.X509Inters) CertList.Add(cert);
  }

  /** `Total n` and a description of each intermediate; '' if there is none. */
  ListInters(): string {
    if (!this.IsInterLoaded) return '';
    return `Total ${this.InterCount}\r\n${allCertInfo(this.X509Inters, false)}`;
  }

  /** Does the private key belong to the certificate? False unless both are loaded. */
  CheckCertAndPKey(): boolean {
    return this.X509 !== null && this.PrivateKey !== null && belongs(this.X509, this.PrivateKey);
  }

  /** Have both certificates the same public key? */
  ComparePkey(ACert: TX509Base): boolean {
    return this.IsCertLoaded && this.X509PubKeyTB.equals(ACert.X509PubKeyTB);
  }

  /**
   * Does the certificate stand for this host name or IP address? Common names and subjectAltName
   * count; '*' stands for one label. Used to choose a host by SNI.
   */
  PostConnectionCheck(HostOrIp: string): boolean {
    return this.X509 !== null && matchesHost(this.X509, HostOrIp);
  }

  /** The name that fits by OpenSSL's rules, '' if none does. Flags: X509_CHECK_FLAG_… */
  CheckHost(Host: string, Flags = 0): string {
    return this.X509 ? checkHost(this.X509, Host, Flags) : '';
  }

  /** ICS: there the answer is the opposite of the truth. */
  CheckEmail(Email: string, Flags = 0): boolean {
    return this.X509 !== null && isChecked(() => this.X509!.checkEmail(Email));
  }

  /** ICS: there the answer is the opposite of the truth. */
  CheckIPaddr(IPadddr: string, Flags = 0): boolean {
    return this.X509 !== null && isChecked(() => this.X509!.checkIP(IPadddr));
  }

  /** Is this certificate signed by ACert? ICS: there only the names are compared. */
  IssuedBy(ACert: TX509Base): boolean {
    return this.X509 !== null && ACert.X509 !== null && isIssuedBy(this.X509, ACert.X509);
  }

  /** Has this certificate signed ACert? */
  IssuerOf(ACert: TX509Base): boolean {
    return ACert.IssuedBy(this);
  }

  SameHash(ACert: TX509Base): boolean {
    return this.IsCertLoaded && this.Sha256Hex === ACert.Sha256Hex;
  }

  /** Description in lines separated by CR LF: names, issuer, dates and, unless Brief, more. */
  CertInfo(Brief = false): string {
    return this.X509 ? certInfo(this.X509, Brief) : '';
  }

  /** Description in one line; '' without a certificate. */
  CertMainInfo(): string {
    return this.X509 ? certMainInfo(this.X509) : '';
  }

  UnwrapNames(S: string): string {
    return IcsUnwrapNames(S);
  }

  /**
   * Checks dates, host name ('' for none) and issuers up to X509CAList, without any connection.
   * CertStr becomes a description of the chain, ErrStr the last finding. ExpireDays: how long before
   * the last day the warning begins.
   */
  ValidateCertChain(
    Host: string,
    X509CAList: Iterable<TX509Base> | null,
    CertStr: TVar<string>,
    ErrStr: TVar<string>,
    ExpireDays = 30,
  ): TChainResult {
    const report = validateChain({
      cert: this.X509,
      inters: this.X509Inters,
      roots: [...(X509CAList ?? [])].flatMap(({ X509 }) => X509 ?? []),
      host: Host,
      expireDays: ExpireDays,
    });
    CertStr.Value = report.certs;
    ErrStr.Value = report.error;
    return report.result;
  }

  /** @internal The parts as Node's tls wants them. */
  secureParts(): SecureParts {
    const certs = this.X509 ? [this.X509, ...this.X509Inters] : [];
    const isPrivate = this.PrivateKey?.type === 'private';
    return {
      cert: certs.length > 0 ? certs.map((cert) => cert.toString()).join('') : undefined,
      key: isPrivate
        ? String(this.PrivateKey!.export({ type: 'pkcs8', format: 'pem' }))
        : undefined,
    };
  }

  #take(material: CertMaterial, options: ReadOptions): void {
    const key = material.key ?? this.PrivateKey;
    if (material.cert && key?.type === 'private' && !belongs(material.cert, key))
      throw new EX509Exception('Certificate and private key do not match');
    this.X509 = material.cert;
    this.PrivateKey = key;
    if (options.inters > croNo && material.inters.length > 0) this.X509Inters = material.inters;
  }

  #takeKey(text: string, password: string, what: string, where: string): void {
    let key: KeyObject;
    try {
      key = keyFromPem(text, password);
    } catch (error) {
      const reason = reasonOf(error).replace('Error private key - ', '');
      throw new ESslTX509Exception(`Can't read private key ${what}: ${reason}${where}`);
    }
    if (this.X509 && !belongs(this.X509, key))
      throw new EX509Exception(`Certificate and private key do not match${where}`);
    this.PrivateKey = key;
  }
}

type Reader = (bytes: Buffer, options: ReadOptions) => CertMaterial;

function readerFor(fileName: string): Reader {
  const extension = path.extname(fileName).toLowerCase();
  if (PKCS12.has(extension)) return readPfxBytes;
  if (PKCS7.has(extension)) return readPkcs7;
  if (PEM_OR_DER.test(extension)) return readPemBytes;
  throw new EX509Exception(`Unknown certificate file extension - ${fileName}`);
}

function fromFile(fileName: string, reader: Reader, options: ReadOptions): CertMaterial {
  const bytes = readCertFile(fileName);
  try {
    return reader(bytes, options);
  } catch (error) {
    const code = error instanceof EX509Exception ? error.code : undefined;
    throw new EX509Exception(`${reasonOf(error)} - ${fileName}`, code);
  }
}

/** DER goes through text as well, one character per byte: PEM may begin anywhere in a file. */
function readPemBytes(bytes: Buffer, options: ReadOptions): CertMaterial {
  const text = textOfFile(bytes);
  return readPemOrDer(hasPem(text) ? text : bytes.toString('latin1'), options);
}

function readPfxBytes(bytes: Buffer, options: ReadOptions): CertMaterial {
  const material = readPfx(bytes, options.password);
  const wanted = options.key > croNo ? material.key : null;
  if (options.key === croYes && !wanted)
    throw new EX509Exception('Error reading private key from buffer');
  const fits = wanted !== null && material.cert !== null && belongs(material.cert, wanted);
  if (options.key === croYes && !fits)
    throw new EX509Exception('Certificate and private key do not match');
  return { ...material, key: fits ? wanted : null };
}

function keyOption(include: TCertReadOpt | boolean): TCertReadOpt {
  if (typeof include !== 'boolean') return include;
  return include ? croYes : croNo;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function reasonFor(call: () => void): string {
  try {
    call();
    return '';
  } catch (error) {
    return reasonOf(error);
  }
}

/** Node raises for texts that cannot be an address at all. */
function isChecked(check: () => string | undefined): boolean {
  try {
    return check() !== undefined;
  } catch {
    return false;
  }
}
