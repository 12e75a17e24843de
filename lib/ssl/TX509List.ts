// A list of certificates (ICS: TX509List in OverbyteIcsSslBase), e.g. trusted roots or the chain a
// peer has sent. `for (const Cert of List)` walks it.
import type { X509Certificate } from 'node:crypto';
import path from 'node:path';
import type { TComponent } from '../base/TComponent';
import type { TVar } from '../types';
import { allCertInfo, listCerts } from './certInfo';
import { readCertFile, writeCertFile } from './certFiles';
import { certsFromPem } from './certMaterial';
import { TSslPrivKeyCipher, TX509ListSort } from './certTypes';
import { hasPem, textOfFile } from './pem';
import { readPfx } from './pfx';
import { writePfx } from './pfxWriter';
import { ESslTX509Exception, EX509Exception, reasonOf } from './sslErrors';
import { TX509Base } from './TX509Base';

export type TX509Class = new (AOwner: TComponent | null, X509: X509Certificate | null) => TX509Base;

export class TX509List implements Iterable<TX509Base> {
  /** Class of the objects that Add makes. Default TX509Base. */
  X509Class: TX509Class = TX509Base;
  /** Are objects freed when they leave the list? */
  OwnsObjects: boolean;
  /** Result of the last check of the chain, X509_V_… Default 0. */
  LastVerifyResult = 0;

  readonly #owner: TComponent | null;
  #items: TX509Base[] = [];

  /** AOwner becomes the owner of the objects the list makes. */
  constructor(AOwner: TComponent | null = null, AOwnsObjects = true) {
    this.#owner = AOwner;
    this.OwnsObjects = AOwnsObjects;
  }

  /** @internal The list itself; TSslRootCAStore fills it at the first look. */
  protected get items(): TX509Base[] {
    return this.#items;
  }

  get Count(): number {
    return this.items.length;
  }

  /** The certificates by position; undefined outside of the list. */
  get Items(): readonly TX509Base[] {
    return this.items;
  }

  [Symbol.iterator](): Iterator<TX509Base> {
    return this.items.values();
  }

  /** Appends a new object with this certificate. */
  Add(X509: X509Certificate | null = null): TX509Base {
    const item = new this.X509Class(this.#owner, X509);
    this.items.push(item);
    return item;
  }

  /** Appends an object and returns its position. */
  AddItem(AItem: TX509Base): number {
    return this.items.push(AItem) - 1;
  }

  Insert(Index: number, X509: X509Certificate | null = null): TX509Base {
    this.#check(Index, this.Count + 1);
    const item = new this.X509Class(this.#owner, X509);
    this.items.splice(Index, 0, item);
    return item;
  }

  InsertItem(Index: number, AItem: TX509Base): void {
    this.#check(Index, this.Count + 1);
    this.items.splice(Index, 0, AItem);
  }

  Delete(Index: number): void {
    this.#check(Index, this.Count);
    this.#drop(this.items.splice(Index, 1));
  }

  /** Removes an object and returns where it was, -1 if it was not there. */
  Remove(Item: TX509Base): number {
    const index = this.IndexOf(Item);
    if (index >= 0) this.Delete(index);
    return index;
  }

  /** Takes an object out without freeing it; null if it is not there. */
  Extract(Item: TX509Base): TX509Base | null {
    const index = this.IndexOf(Item);
    return index < 0 ? null : this.items.splice(index, 1)[0]!;
  }

  Clear(): void {
    const items = this.#items;
    this.#items = [];
    this.#drop(items);
  }

  /** The same as Clear: there is nothing else to free. */
  Free(): void {
    this.Clear();
  }

  IndexOf(X509Base: TX509Base): number {
    return this.items.indexOf(X509Base);
  }

  /** By SHA-1 fingerprint (40 hex digits in any case) or certificate; null if there is none. */
  Find(ASha1Hex: string | X509Certificate): TX509Base | null {
    const wanted =
      typeof ASha1Hex === 'string'
        ? ASha1Hex.toUpperCase()
        : ASha1Hex.fingerprint.replaceAll(':', '');
    if (wanted.length !== 40) return null;
    return this.items.find((item) => item.Sha1Hex === wanted) ?? null;
  }

  FindDigest(ASha1Digest: Uint8Array): TX509Base | null {
    return this.Find(Buffer.from(ASha1Digest).toString('hex'));
  }

  /** Position of the first certificate with this SubjectOneLine, -1 if there is none. */
  IndexOfSubj(SubjOneLine: string): number {
    if (SubjOneLine === '') return -1;
    return this.items.findIndex((item) => item.SubjectOneLine === SubjOneLine);
  }

  FindSubject(SubjOneLine: string): TX509Base | null {
    return this.items[this.IndexOfSubj(SubjOneLine)] ?? null;
  }

  /**
   * Appends all certificates of a .pfx, .p12, .pem or .cer file and returns how many. Raises
   * ESslTX509Exception; then the list is as it was.
   */
  LoadAllFromFile(FileName: string): number {
    const certs = reading('file', ` - ${FileName}`, () => certsOfFile(FileName));
    return this.#append(certs);
  }

  /** Like LoadAllFromFile, with the reason in Errs ('' is success) instead of an exception. */
  LoadAllFromFileEx(FileName: string, Errs: TVar<string>): number {
    return this.#tried(() => certsOfFile(FileName), Errs);
  }

  /** Appends all certificates of PEM text and returns how many. Raises ESslTX509Exception. */
  LoadAllFromString(Value: string): number {
    return this.#append(reading('list', '', () => certsOfText(Value)));
  }

  /** Like LoadAllFromString, with the reason in Errs ('' is success) instead of an exception. */
  LoadAllFromStringEx(Value: string, Errs: TVar<string>): number {
    return this.#tried(() => certsOfText(Value), Errs);
  }

  /** Appends all certificates of PEM or PKCS #12 bytes; the reason of a failure is in Errs. */
  LoadAllFromTB(Certs: Uint8Array, Errs: TVar<string>): number {
    return this.#tried(() => certsOfBytes(Buffer.from(Certs)), Errs);
  }

  /** Appends certificates of Node and returns how many. */
  LoadAllStack(CertStack: Iterable<X509Certificate>): number {
    return this.#append([...CertStack]);
  }

  /** Bytes of a PKCS #12 file with all certificates, not encrypted. Empty for an empty list. */
  SaveAllToP12TB(): Buffer {
    const inters = this.#certs();
    if (inters.length === 0) return Buffer.alloc(0);
    return writePfx(
      { cert: null, key: null, inters, title: '' },
      '',
      TSslPrivKeyCipher.PrivKeyEncNone,
    );
  }

  /** Saves all certificates and returns how many; an empty list writes no file. */
  SaveAllToP12File(FileName: string): number {
    if (this.Count === 0) return 0;
    writeCertFile(FileName, this.SaveAllToP12TB(), false);
    return this.Count;
  }

  /**
   * '#n ' and the brief description of each certificate. Reverse begins with the last one. Brief is
   * without effect, as in ICS.
   */
  AllCertInfo(Brief = false, Reverse = false): string {
    return allCertInfo(this.#certs(), Reverse);
  }

  /** One line for each certificate. */
  ListCerts(): string {
    return listCerts(this.#certs());
  }

  /**
   * Puts every issuer in front of (xsrtIssuerFirst) or behind (xsrtIssuedFirst) what it has issued;
   * otherwise the order stays. ICS: there certificates outside of the chain may wander.
   */
  SortChain(ASortOrder: TX509ListSort): void {
    const left = new Set(this.items);
    const bySubject = groupedBySubject(this.items);
    const sorted: TX509Base[] = [];
    // From each certificate up to its root; the issuers are taken out of the list on the way.
    for (const start of issuedByNobodyFirst(this.items)) {
      for (let item: TX509Base | undefined = start; item && left.delete(item);) {
        sorted.push(item);
        const current: TX509Base = item;
        const issuers: readonly TX509Base[] = bySubject.get(current.X509?.issuer ?? '') ?? [];
        item = issuers.find((other) => left.has(other) && current.IssuedBy(other));
      }
    }
    if (ASortOrder === TX509ListSort.xsrtIssuerFirst) sorted.reverse();
    this.items.splice(0, this.Count, ...sorted);
  }

  #certs(): X509Certificate[] {
    return this.items.flatMap(({ X509 }) => X509 ?? []);
  }

  #append(certs: readonly X509Certificate[]): number {
    for (const cert of certs) this.Add(cert);
    return certs.length;
  }

  #tried(read: () => X509Certificate[], errs: TVar<string>): number {
    errs.Value = '';
    try {
      return this.#append(read());
    } catch (error) {
      errs.Value = reasonOf(error);
      return 0;
    }
  }

  #drop(items: readonly TX509Base[]): void {
    if (this.OwnsObjects) for (const item of items) item.Free();
  }

  #check(index: number, limit: number): void {
    if (Number.isInteger(index) && index >= 0 && index < limit) return;
    throw new EX509Exception(`List index out of bounds (${String(index)})`, 'ERR_OUT_OF_RANGE');
  }
}

function reading(what: string, where: string, read: () => X509Certificate[]): X509Certificate[] {
  try {
    return read();
  } catch (error) {
    const reason = reasonOf(error);
    throw new ESslTX509Exception(`Reading ${what} of PEM certificates: ${reason}${where}`);
  }
}

function certsOfFile(fileName: string): X509Certificate[] {
  const extension = path.extname(fileName).toLowerCase();
  if (extension === '.pfx' || extension === '.p12') return certsOfPfx(readCertFile(fileName));
  if (extension !== '.pem' && extension !== '.cer')
    throw new ESslTX509Exception('Unknown bundle file extension');
  return certsFromPem(textOfFile(readCertFile(fileName)));
}

function certsOfText(text: string): X509Certificate[] {
  return certsFromPem(text);
}

function certsOfBytes(bytes: Buffer): X509Certificate[] {
  const text = textOfFile(bytes);
  return hasPem(text) ? certsFromPem(text) : certsOfPfx(bytes);
}

function certsOfPfx(bytes: Buffer): X509Certificate[] {
  const { cert, inters } = readPfx(bytes, '');
  return cert ? [cert, ...inters] : [...inters];
}

function groupedBySubject(items: readonly TX509Base[]): Map<string, TX509Base[]> {
  const groups = new Map<string, TX509Base[]>();
  for (const item of items) {
    const subject = item.X509?.subject ?? '';
    const group = groups.get(subject);
    if (group) group.push(item);
    else groups.set(subject, [item]);
  }
  return groups;
}

/** A chain is walked from its lower end, so the certificates that issued nothing come first. */
function issuedByNobodyFirst(items: readonly TX509Base[]): TX509Base[] {
  const issuers = new Set(
    items.flatMap(({ X509 }) => (X509 && X509.issuer !== X509.subject ? X509.issuer : [])),
  );
  const isIssuer = ({ X509 }: TX509Base): boolean => X509 !== null && issuers.has(X509.subject);
  return [...items.filter((item) => !isIssuer(item)), ...items.filter(isIssuer)];
}
