// Reads certificate, key and intermediates of a host into one object (ICS: the first half of
// LoadOneCert). Where there is no certificate, a temporary one takes its place, unless the host has
// one in use: a file that went bad never replaces a certificate that works.
import path from 'node:path';
import { EIcsException } from '../errors';
import { reasonOf } from '../ssl/sslErrors';
import { TCertReadOpt } from '../ssl/sslTypes';
import { TX509Base } from '../ssl/TX509Base';
import { fileExists, folderExists, isPem, sourceName, sourceStamp } from './certSource';
import {
  createTemporary,
  defaultCertName,
  endsSoon,
  isTemporary,
  temporaryFolder,
} from './temporaryCert';
import type { HostServer } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

const { croTry, croYes } = TCertReadOpt;
const TEMPORARY_TYPE = '.pfx';
const NO_KEY_THERE = 'No private key found';

/** What was read, and what happened on the way. */
export interface ReadCert {
  readonly cert: TX509Base;
  readonly notes: readonly string[];
  /** A file that is there could not be used: a warning, although the host is served. */
  readonly isSubstitute: boolean;
}

/** Raises EIcsException with the documented text. May change SslCert to the file that was read. */
export function readHostCert(server: HostServer, host: TIcsHost, inUse: boolean): ReadCert {
  return new HostCertReader(server, host, inUse).read();
}

class HostCertReader {
  readonly #server: HostServer;
  readonly #host: TIcsHost;
  readonly #inUse: boolean;
  readonly #notes: string[] = [];
  readonly #cert = new TX509Base(null);
  readonly #stampBefore: string;
  #isSubstitute = false;

  constructor(server: HostServer, host: TIcsHost, inUse: boolean) {
    this.#server = server;
    this.#host = host;
    this.#inUse = inUse;
    this.#stampBefore = sourceStamp(host.SslCert);
  }

  read(): ReadCert {
    if (isPem(this.#host.SslCert)) this.#readText();
    else this.#readFile();
    if (!isTemporary(this.#cert)) {
      this.#readKey();
      this.#readInters();
    }
    return { cert: this.#cert, notes: this.#notes, isSubstitute: this.#isSubstitute };
  }

  #fail(text: string): never {
    throw new EIcsException([...this.#notes, text].join(', '));
  }

  #readText(): void {
    const { SslCert, SslPassword } = this.#host;
    try {
      this.#cert.LoadFromText(SslCert, croTry, croTry, SslPassword);
    } catch (error) {
      this.#fail(`SSL Certificate Failed to Load - PEM Text, ${reasonOf(error)}`);
    }
  }

  #readFile(): void {
    const host = this.#host;
    if (!fileExists(host.SslCert)) this.#findFile();
    if (!fileExists(host.SslCert)) this.#useTemporary();
    const reason = this.#load(host.SslCert);
    if (reason !== '') {
      const text = `SSL Certificate Failed to Load - ${host.SslCert}`;
      if (this.#inUse) this.#fail(`${text}, ${reason}`);
      this.#notes.push(text, reason);
      this.#isSubstitute = true;
      this.#useTemporary();
    }
    this.#renewTemporary();
  }

  /** '' or why it cannot be read. */
  #load(file: string): string {
    try {
      this.#cert.LoadFromFile(file, croTry, croTry, this.#host.SslPassword);
      return '';
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The file is missing: perhaps the folder has one under the host's own name. */
  #findFile(): void {
    const host = this.#host;
    if (host.SslCert === '') {
      if (this.#inUse) this.#fail('No SSL Certificate Configured');
      return;
    }
    const missing = `SSL Certificate Not Found: ${host.SslCert}`;
    const folder = path.dirname(host.SslCert);
    const own = path.join(folder, `${defaultCertName(host)}${TEMPORARY_TYPE}`);
    if (folderExists(folder) && (fileExists(own) || this.#server.SslCertAutoOrder)) {
      if (this.#inUse && !fileExists(own)) this.#fail(missing);
      this.#notes.push(missing, `Creating Using Default Name: ${own}`);
      this.#standIn(own);
      return;
    }
    if (this.#inUse) this.#fail(missing);
    this.#notes.push(missing);
  }

  #useTemporary(): void {
    const host = this.#host;
    const folder = host.SslCert === '' ? '' : path.dirname(host.SslCert);
    const place = folderExists(folder) ? folder : temporaryFolder();
    const file = path.join(place, `${defaultCertName(host)}${TEMPORARY_TYPE}`);
    if (!fileExists(file)) this.#create(file);
    else if (this.#load(file) === '') {
      this.#notes.push(`Skipped New Local Certificate, Using Old File: ${file}`);
      this.#standIn(file);
    } else {
      // It may be a real one whose password is wrong: never overwritten.
      this.#create(path.join(temporaryFolder(), `${defaultCertName(host)}${TEMPORARY_TYPE}`));
    }
  }

  #create(file: string): void {
    try {
      createTemporary(this.#host, file);
    } catch (error) {
      this.#fail(`Failed to Create Local Certificate: ${file} - ${reasonOf(error)}`);
    }
    this.#notes.push(`Created New Local Certificate: ${file}`);
    this.#standIn(file);
    const reason = this.#load(file);
    if (reason !== '') this.#fail(`Failed to Create Local Certificate: ${file} - ${reason}`);
  }

  /** From now on the host has this file; the one it was told is remembered for later. */
  #standIn(file: string): void {
    const { state, SslCert } = this.#host;
    this.#host.SslCert = file;
    if (state.standIn?.file === SslCert) state.standIn = { ...state.standIn, file };
    else if (SslCert !== '' && SslCert !== file)
      state.standIn = { original: SslCert, stamp: this.#stampBefore, file };
  }

  #renewTemporary(): void {
    const file = this.#host.SslCert;
    const isOurs = isTemporary(this.#cert) && path.extname(file) === TEMPORARY_TYPE;
    if (isOurs && endsSoon(this.#cert, this.#server.CertExpireDays)) this.#create(file);
  }

  #readKey(): void {
    const { SslKey, SslCert, SslPassword } = this.#host;
    if (this.#cert.IsPKeyLoaded) return;
    if (SslKey === '') {
      const reason = this.#reasonForNoKey();
      const text = `SSL Private Key Can Not Be Blank for ${sourceName(SslCert)}`;
      this.#fail(reason === '' ? text : `${text}, ${reason}`);
    }
    if (isPem(SslKey)) this.#cert.PrivateKeyLoadFromText(SslKey, SslPassword);
    else this.#cert.PrivateKeyLoadFromPemFile(SslKey, SslPassword);
  }

  /** A key may be there with another password, or belong to another certificate. */
  #reasonForNoKey(): string {
    const { SslCert, SslPassword } = this.#host;
    const probe = new TX509Base(null);
    try {
      if (isPem(SslCert)) probe.LoadFromText(SslCert, croYes, croTry, SslPassword);
      else probe.LoadFromFile(SslCert, croYes, croTry, SslPassword);
      return '';
    } catch (error) {
      const reason = reasonOf(error);
      return reason.includes(NO_KEY_THERE) ? '' : reason;
    } finally {
      probe.Free();
    }
  }

  #readInters(): void {
    const { SslInter, SslCert } = this.#host;
    if (this.#cert.IsInterLoaded || SslInter === '') return;
    if (isPem(SslInter)) {
      this.#cert.LoadIntersFromString(SslInter);
      return;
    }
    if (!fileExists(SslInter))
      this.#fail(
        `SSL Intermediate Certificate Not Found: ${SslInter} for Certificate ${sourceName(SslCert)}`,
      );
    this.#cert.LoadIntersFromPemFile(SslInter);
  }
}
