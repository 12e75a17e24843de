// Request, and files of a certificate (ICS: CreateKeyandReq, SetPartFNames, SaveCertificateFiles).
// Every file is replaced in one step, the ones with a key are made readable for their owner only. The
// final files, which servers load, come last: nothing that went wrong before has touched them.
import type { KeyObject, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { TStringList } from '../base/TStringList';
import { certName, makeRequest, type SubjectParts } from '../ssl/certBuilder';
import { readCertFile, writeCertFile } from '../ssl/certFiles';
import { certsFromPem } from '../ssl/certMaterial';
import { matchesHost } from '../ssl/hostMatch';
import { TEvpDigest } from '../ssl/orderTypes';
import { TCertReadOpt } from '../ssl/sslTypes';
import { blockBytes, hasPem, pemBlocks, toPem } from '../ssl/pem';
import { EX509Exception } from '../ssl/sslErrors';
import { TX509Base } from '../ssl/TX509Base';
import { IcsBuildCertFName } from './certNames';
import { allNames, type DomainRecord } from './records';
import { TCertOutFmt } from './x509CertsTypes';

const { OutFmtBudl, OutFmtP12, OutFmtPwP12, OutFmtPwPem, OutFmtReq, OutFmtSep } = TCertOutFmt;
const MAX_COMMON_NAME = 64;

const DIGESTS: Readonly<Partial<Record<TEvpDigest, 'sha256' | 'sha384' | 'sha512'>>> = {
  [TEvpDigest.Digest_sha256]: 'sha256',
  [TEvpDigest.Digest_sha384]: 'sha384',
  [TEvpDigest.Digest_sha512]: 'sha512',
};

/** Digests that are weak or unknown to certificates become SHA-256. */
export function digestOf(type: TEvpDigest): 'sha256' | 'sha384' | 'sha512' {
  return DIGESTS[type] ?? 'sha256';
}

export function subjectOf(domain: DomainRecord): SubjectParts {
  const { CertCommonName: name } = domain;
  const isPlain = isIP(name) > 0 || name.includes(' ');
  const ascii = isPlain ? name : certName(name);
  return {
    CN: isIP(name) || ascii.length > MAX_COMMON_NAME ? '' : ascii,
    OU: domain.CertOrgUnit,
    ST: domain.CertState,
    O: domain.CertOrganization,
    C: domain.CertCountry,
    L: domain.CertLocality,
    emailAddress: domain.CertContactEmail,
  };
}

/** Names without those of a CA, which are no host names. */
export function hostNames(domain: DomainRecord): { dns: string[]; ips: string[] } {
  const names = allNames(domain).filter((name) => !name.includes(' '));
  return { dns: names.filter((name) => !isIP(name)), ips: names.filter((name) => isIP(name) > 0) };
}

export function makeCsr(domain: DomainRecord, key: KeyObject): Buffer {
  const digest = digestOf(domain.CertSignDigestType);
  return makeRequest({ subject: subjectOf(domain), ...hostNames(domain), key, digest });
}

/** The request of a file, as DER. */
export function readCsr(file: string): Buffer {
  const bytes = readCertFile(file);
  const text = bytes.toString('latin1');
  if (!hasPem(text)) return bytes;
  const block = pemBlocks(text).find(({ label }) => label.endsWith('CERTIFICATE REQUEST'));
  if (!block) throw new EX509Exception(`No certificate request in "${file}"`);
  return blockBytes(block);
}

export interface NewCertificate {
  readonly cert: X509Certificate;
  readonly key: KeyObject;
  readonly inters: readonly X509Certificate[];
  readonly csr: Buffer | null;
}

/** Sorts what was downloaded: the one for the domain and the key, and its intermediates. */
export function sortDownload(
  pem: string,
  domain: DomainRecord,
  key: KeyObject,
): Pick<NewCertificate, 'cert' | 'inters'> & { dropped: number } {
  const all = certsFromPem(pem);
  const leaf = all.find((cert) => !cert.ca && cert.checkPrivateKey(key));
  if (!leaf) throw new EX509Exception('No certificate for the private key in the download');
  const missing = allNames(domain).find(
    (name) => !name.startsWith('*.') && !matchesHost(leaf, name),
  );
  if (missing) throw new EX509Exception(`The certificate is not for ${missing}`);
  const rest = all.filter((cert) => cert !== leaf);
  const inters = rest.filter((cert) => cert.subject !== cert.issuer);
  return { cert: leaf, inters, dropped: rest.length - inters.length };
}

/** Directories of a comma list. */
export function directoriesIn(list: string): string[] {
  const dirs = new TStringList();
  dirs.CommaText = list;
  return dirs.toArray().filter((dir) => dir !== '');
}

/** Every directory files will go to, made if missing. Raises when one cannot be written to. */
export function requireDirectories(workDir: string, domain: DomainRecord): void {
  for (const dir of [workDir, ...directoriesIn(domain.DirPubWebCert)]) {
    try {
      fs.mkdirSync(dir, { recursive: true });
      const trial = path.join(dir, `.ics-${process.pid}.tmp`);
      fs.writeFileSync(trial, '0');
      fs.rmSync(trial);
    } catch (error) {
      throw new EX509Exception(`Can't write to directory "${dir}" - ${(error as Error).message}`);
    }
  }
}

/** Names of the files without their ends. */
export function setPartNames(domain: DomainRecord, workDir: string, prefix: string): void {
  const name = IcsBuildCertFName(domain.CertCommonName);
  const order = domain.SuppOrderId === '' ? 'work' : IcsBuildCertFName(domain.SuppOrderId);
  domain.PartFNameOrder = path.join(workDir, `${prefix}${order}-${name}`);
  domain.PartFNameFinal = path.join(workDir, name);
  const servers = new TStringList();
  servers.AddStrings(directoriesIn(domain.DirPubWebCert).map((dir) => path.join(dir, name)));
  domain.PartFNameServer = servers.CommaText;
}

export interface SavedFiles {
  bundle: string;
  p12: string;
  privateKey: string;
  cert: string;
  inters: string;
  request: string;
}

/** Writes the set of the order and checks it, then the final set, then the copies for the servers. */
export function saveCertificate(domain: DomainRecord, parts: NewCertificate): SavedFiles {
  const base = new TX509Base(null);
  base.X509 = parts.cert;
  base.PrivateKey = parts.key;
  base.X509Inters = parts.inters;
  try {
    checkSet(saveSet(domain.PartFNameOrder, domain, base, parts), domain);
    const saved = saveSet(domain.PartFNameFinal, domain, base, parts);
    const servers = new TStringList();
    servers.CommaText = domain.PartFNameServer;
    for (const server of servers) saveSet(server, domain, base, parts);
    domain.FileFinalBundle = saved.bundle || saved.p12 || saved.cert;
    domain.FileFinalPrvKey = saved.privateKey;
    domain.FileFinalCert = saved.cert;
    return saved;
  } finally {
    base.Free();
  }
}

function saveSet(
  part: string,
  domain: DomainRecord,
  base: TX509Base,
  { csr }: NewCertificate,
): SavedFiles {
  const formats = domain.CertOutFmts;
  const { PrivKeyPassword: password, PrivKeyCipher: cipher } = domain;
  const pemPassword = formats.has(OutFmtPwPem) ? password : '';
  const pemCipher = pemPassword === '' ? 0 : cipher;
  const hasOther = formats.has(OutFmtBudl) || formats.has(OutFmtP12);
  const saved = { bundle: '', p12: '', privateKey: '', cert: '', inters: '', request: '' };
  if (formats.has(OutFmtSep) || !hasOther) {
    saved.privateKey = `${part}-privatekey.pem`;
    base.PrivateKeySaveToPemFile(saved.privateKey, pemPassword, pemCipher);
    saved.cert = `${part}-certonly.pem`;
    base.SaveToPemFile(saved.cert);
    saved.inters = base.IsInterLoaded ? `${part}-inters.pem` : '';
    if (saved.inters) base.SaveIntersToToPemFile(saved.inters);
  }
  if (formats.has(OutFmtBudl)) {
    saved.bundle = `${part}-bundle.pem`;
    base.SaveToPemFile(saved.bundle, true, true, true, pemPassword, pemCipher);
  }
  if (formats.has(OutFmtP12)) {
    // ICS: a blank password becomes the word "password" there, which no server can load again.
    saved.p12 = `${part}.pfx`;
    base.SaveToP12File(saved.p12, formats.has(OutFmtPwP12) ? password : '', true);
  }
  if (formats.has(OutFmtReq) && csr) {
    saved.request = `${part}-request.pem`;
    writeCertFile(saved.request, toPem('CERTIFICATE REQUEST', csr), false);
  }
  return saved;
}

/** What servers will load must be readable. */
function checkSet(saved: SavedFiles, domain: DomainRecord): void {
  for (const file of [saved.bundle, saved.p12]) {
    if (file === '') continue;
    const trial = new TX509Base(null);
    try {
      const { croYes, croTry } = TCertReadOpt;
      trial.LoadFromFile(file, croYes, croTry, domain.PrivKeyPassword);
    } finally {
      trial.Free();
    }
  }
}
