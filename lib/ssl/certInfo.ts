// Descriptions of certificates for logs (ICS: CertInfo, CertMainInfo, AllCertInfo, ListCerts).
import type { KeyObject, X509Certificate } from 'node:crypto';
import { detailsOf, partsOf, shown } from './certDetails';
import { hasEvPolicy } from './extensionTexts';
import { keyText } from './keyInfo';
import { OID } from './oids';

const LINE_BREAK = '\r\n';

/** 'a', 'b' of lines → 'a, b' (ICS: IcsUnwrapNames). */
export function IcsUnwrapNames(S: string): string {
  return S.split(LINE_BREAK).join(', ');
}

/** yyyy-mm-ddThh:nn:ss in UTC. */
export function isoTime(moment: Date): string {
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString().slice(0, 19);
}

/** yyyy-mm-dd in UTC. ICS: there in the format of the user's Windows. */
export function isoDate(moment: Date): string {
  return isoTime(moment).slice(0, 10);
}

type Side = 'subject' | 'issuer';

/** All values of one part of a name, joined by ', '. */
export function nameOf(cert: X509Certificate, side: Side, oid: string): string {
  return partsOf(detailsOf(cert)[side], oid).join(', ');
}

const subjectCn = (cert: X509Certificate): string => nameOf(cert, 'subject', OID.commonName);
const subjectO = (cert: X509Certificate): string => nameOf(cert, 'subject', OID.organization);
const dnsList = (cert: X509Certificate): string => detailsOf(cert).dnsNames.map(shown).join(', ');

/** Issuer and subject are the same, or have at least the same common name. */
export function isSelfSigned(cert: X509Certificate): boolean {
  const name = subjectCn(cert);
  if (name !== '') return name === nameOf(cert, 'issuer', OID.commonName);
  const { subjectDer, issuerDer } = detailsOf(cert);
  return subjectDer.equals(issuerDer);
}

/** ', (O): …, (OU): …' as far as the name has them. */
function organization(cert: X509Certificate, side: Side): string {
  const o = nameOf(cert, side, OID.organization);
  const ou = nameOf(cert, side, OID.organizationalUnit);
  return `${o && `, (O): ${o}`}${ou && `, (OU): ${ou}`}`;
}

/** null for a key that OpenSSL does not know. */
export function publicKeyOf(cert: X509Certificate): KeyObject | null {
  try {
    return cert.publicKey;
  } catch {
    return null;
  }
}

export function publicKeyText(cert: X509Certificate): string {
  const key = publicKeyOf(cert);
  return key ? keyText(key) : '';
}

export function isExtendedValidation(cert: X509Certificate): boolean {
  return hasEvPolicy(detailsOf(cert).extensions.find(({ oid }) => oid === OID.certPolicies));
}

export function certInfo(cert: X509Certificate, brief: boolean): string {
  const details = detailsOf(cert);
  const dns = dnsList(cert);
  const issuer = isSelfSigned(cert)
    ? 'Issuer: Self Signed'
    : `Issuer (CN): ${nameOf(cert, 'issuer', OID.commonName)}${organization(cert, 'issuer')}`;
  const lines = [
    `Issued to (CN): ${subjectCn(cert) || '(Blank)'}${organization(cert, 'subject')}`,
    ...(dns ? [`Alt Domains (SAN): ${dns}`] : []),
    ...(details.ipAddresses.length > 0 ? [`Alt IP: ${details.ipAddresses.join(', ')}`] : []),
    issuer,
    `Expires: ${isoTime(details.notAfter)}, Signature: ${details.signature}`,
  ];
  if (brief) return lines.join(LINE_BREAK) + LINE_BREAK;
  lines.push(
    `Valid From: ${isoTime(details.notBefore)}, Serial Number: ${cert.serialNumber.toLowerCase()}`,
    `Fingerprint (sha256): ${sha256Of(cert).toLowerCase()}`,
    `Public Key: ${publicKeyText(cert)}`,
  );
  if (isExtendedValidation(cert)) lines.push('Extended Validation (EV) SSL Server Certificate');
  return lines.join(LINE_BREAK);
}

export function sha256Of(cert: X509Certificate): string {
  return cert.fingerprint256.replaceAll(':', '');
}

/** One line: names, organization, issuer, last day. */
export function certMainInfo(cert: X509Certificate): string {
  const dns = dnsList(cert);
  const o = subjectO(cert);
  const ou = nameOf(cert, 'subject', OID.organizationalUnit);
  const issuer = isSelfSigned(cert)
    ? 'Self Signed'
    : nameOf(cert, 'issuer', OID.commonName) || nameOf(cert, 'issuer', OID.organization);
  return [
    dns ? `SAN: ${dns}` : `CN: ${subjectCn(cert) || '(Blank)'}`,
    ...(o ? [`O: ${o}`] : []),
    ...(ou ? [`OU: ${ou}`] : []),
    `Issuer: ${issuer}`,
    `Expires: ${isoDate(detailsOf(cert).notAfter)}`,
  ].join(', ');
}

/** '#1 …' and so on; Reverse begins with the last certificate and keeps the numbers. */
export function allCertInfo(certs: readonly X509Certificate[], reverse: boolean): string {
  const texts = certs.map((cert, at) => `#${at + 1} ${certInfo(cert, true)}`);
  return (reverse ? texts.reverse() : texts).join(LINE_BREAK);
}

/** One line for each certificate: '#001 names (organization), Issuer: …, Expires: …, …'. */
export function listCerts(certs: readonly X509Certificate[]): string {
  return certs.map((cert, at) => listLine(cert, at + 1) + LINE_BREAK).join('');
}

function listLine(cert: X509Certificate, number: number): string {
  const o = subjectO(cert);
  const issuer = nameOf(cert, 'issuer', OID.commonName) || nameOf(cert, 'issuer', OID.organization);
  return (
    `#${String(number).padStart(3, '0')} ${dnsList(cert) || subjectCn(cert) || o} (${o})` +
    `${isSelfSigned(cert) ? '' : `, Issuer: ${issuer}`}` +
    `, Expires: ${isoDate(detailsOf(cert).notAfter)}` +
    `, Fingerprint: ${sha256Of(cert).toLowerCase()}`
  );
}
