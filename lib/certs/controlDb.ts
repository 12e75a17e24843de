// The control database of an account directory, ics-control.db (ICS: the DB… methods): INI text that
// ICS reads too. Every save replaces the file in one step; it is readable for its owner only, because
// it holds passwords. Sections and keys that are not known here stay as they are.
import fs from 'node:fs';
import path from 'node:path';
import { TMemIniFile } from '../base/TMemIniFile';
import { TStringList } from '../base/TStringList';
import { writeCertFile } from '../ssl/certFiles';
import { TChallengeType } from '../ssl/orderTypes';
import { initialOf, type IniFields, type RecordOf } from './iniFields';
import {
  ACCOUNT_FIELDS,
  CHALLENGE_FIELDS,
  FIRST_ORDER_NUMBER,
  newDomain,
  ORDER_FIELDS,
  SAN_FIELDS,
  SETTING_FIELDS,
  type AccountRecord,
  type DomainRecord,
} from './records';
import { DAY_MS, type TChallengeItem } from './x509CertsTypes';

export const CONTROL_DB = 'ics-control.db';
const ACCOUNT = 'account';
const DOMAIN = 'domain-';
const SAN = 'san-';
const CHALLENGE = 'challenge-';
const MAX_CHAIN_INFO = 800;
/** Challenges without an end: days they are kept. */
const CHALLENGE_DAYS = 1;
const SLOW_CHALLENGE_DAYS = 7;
const SLOW: ReadonlySet<TChallengeType> = new Set([
  TChallengeType.ChallDnsAuto,
  TChallengeType.ChallDnsMan,
  TChallengeType.ChallEmail,
  TChallengeType.ChallManual,
]);

export class ControlDb {
  readonly #ini: TMemIniFile;
  readonly fileName: string;

  /** Reads the file; raises EIniFileException if it cannot be read. */
  constructor(folder: string) {
    this.fileName = path.join(folder, CONTROL_DB);
    this.#ini = new TMemIniFile(this.fileName);
  }

  get hasAccount(): boolean {
    return this.#ini.ValueExists(ACCOUNT, 'SupplierProto');
  }

  readAccount(): AccountRecord {
    return this.#read(ACCOUNT, ACCOUNT_FIELDS);
  }

  writeAccount(account: Partial<AccountRecord>): void {
    this.#write(ACCOUNT, ACCOUNT_FIELDS, account);
    this.#save();
  }

  /** The number of a new order; the next one is in the file when this returns. */
  newOrderNum(): number {
    const next = Math.max(this.readAccount().SeqOrderNum, FIRST_ORDER_NUMBER);
    this.writeAccount({ SeqOrderNum: next + 1 });
    return next;
  }

  /** Common names of all domains. */
  domains(): string[] {
    return this.#sections(DOMAIN).map((name) => name.slice(DOMAIN.length));
  }

  readDomain(commonName: string): DomainRecord | null {
    const section = DOMAIN + commonName.toLowerCase();
    if (!this.#ini.SectionExists(section)) return null;
    const domain = newDomain();
    Object.assign(domain, this.#read(section, SETTING_FIELDS), this.#read(section, ORDER_FIELDS));
    domain.sans = this.#sanSections(commonName).map((name) => this.#read(name, SAN_FIELDS));
    if (domain.CertCommonName === '') domain.CertCommonName = commonName;
    return domain;
  }

  writeDomain(domain: DomainRecord): void {
    const section = DOMAIN + domain.CertCommonName.toLowerCase();
    const short = { ...domain, NewCertChainInfo: domain.NewCertChainInfo.slice(0, MAX_CHAIN_INFO) };
    this.#write(section, SETTING_FIELDS, short);
    this.#write(section, ORDER_FIELDS, short);
    const list = new TStringList();
    list.AddStrings(domain.sans.map(({ Domain }) => Domain));
    this.#ini.WriteString(section, 'CertSubAltList', list.CommaText);
    for (const name of this.#sanSections(domain.CertCommonName)) this.#ini.EraseSection(name);
    for (const san of domain.sans)
      this.#write(sanSection(domain.CertCommonName, san.Domain), SAN_FIELDS, san);
    this.#save();
  }

  deleteDomain(commonName: string): void {
    this.#ini.EraseSection(DOMAIN + commonName.toLowerCase());
    for (const name of this.#sanSections(commonName)) this.#ini.EraseSection(name);
    this.#save();
  }

  /** All challenges that are not over; those that are leave the file. */
  readChallenges(now = Date.now()): TChallengeItem[] {
    const found: TChallengeItem[] = [];
    let erased = false;
    for (const section of this.#sections(CHALLENGE)) {
      const item: TChallengeItem = this.#read(section, CHALLENGE_FIELDS);
      if (item.CDomain !== '' && now < endOf(item)) found.push(item);
      else {
        this.#ini.EraseSection(section);
        erased = true;
      }
    }
    if (erased) this.#save();
    return found;
  }

  writeChallenge(item: TChallengeItem): void {
    this.#write(challengeSection(item), CHALLENGE_FIELDS, item);
    this.#save();
  }

  deleteChallenge(item: TChallengeItem): void {
    this.#ini.EraseSection(challengeSection(item));
    this.#save();
  }

  #read<F extends IniFields>(section: string, fields: F): RecordOf<F> {
    const record = initialOf(fields) as Record<string, unknown>;
    for (const [name, field] of Object.entries(fields))
      if (this.#ini.ValueExists(section, name))
        record[name] = field.read(this.#ini.ReadString(section, name));
    return record as RecordOf<F>;
  }

  #write(section: string, fields: IniFields, values: object): void {
    for (const [name, field] of Object.entries(fields)) {
      const value = (values as Record<string, unknown>)[name];
      if (value !== undefined) this.#ini.WriteString(section, name, field.write(value));
    }
  }

  #sections(prefix: string): string[] {
    const names = new TStringList();
    this.#ini.ReadSections(names);
    return names.toArray().filter((name) => name.toLowerCase().startsWith(prefix));
  }

  #sanSections(commonName: string): string[] {
    return this.#sections(`${SAN}${commonName.toLowerCase()}=`);
  }

  /** The new file takes the rights of the old one, so there must be one. */
  #save(): void {
    if (!fs.existsSync(this.fileName)) writeCertFile(this.fileName, '', true);
    this.#ini.UpdateFile();
  }
}

function sanSection(commonName: string, san: string): string {
  return `${SAN}${commonName.toLowerCase()}=${san.toLowerCase()}`;
}

function challengeSection(item: TChallengeItem): string {
  return `${CHALLENGE}${item.CWildcard ? 'wild' : 'host'}-${item.CDomain.toLowerCase()}`;
}

function endOf(item: TChallengeItem): number {
  if (item.CExpireDT.getTime() !== 0) return item.CExpireDT.getTime();
  const days = SLOW.has(item.CType) ? SLOW_CHALLENGE_DAYS : CHALLENGE_DAYS;
  return item.CStartDT.getTime() + days * DAY_MS;
}
