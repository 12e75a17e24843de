// Does a certificate stand for a host (ICS: TX509Base.PostConnectionCheck)? Names match without
// regard to case; a '*' stands for characters of the first label only, and never for a part of an
// IP address.
//
// ICS: there the names are file masks, so that '*' also spans dots (D-25).
import type { X509Certificate } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { detailsOf } from './certDetails';
import { ipFromBytes, ipToBytes } from './ipBytes';
import { OID } from './oids';

const MAX_NAME = 255;

/** A host in Unicode or ASCII, or an IP address, with or without brackets. */
export function matchesHost(cert: X509Certificate, hostOrIp: string): boolean {
  const { dnsNames, ipAddresses } = detailsOf(cert);
  const commonNames = commonNamesOf(cert);
  const ip = ipText(hostOrIp);
  if (ip !== undefined)
    return ipAddresses.includes(ip) || commonNames.some((name) => ipText(name) === ip);
  const host = asciiName(hostOrIp);
  if (host === '') return false;
  return [...dnsNames, ...commonNames].some((name) => matchesName(asciiName(name), host));
}

function commonNamesOf(cert: X509Certificate): string[] {
  const { subject } = detailsOf(cert);
  return subject.filter(({ oid }) => oid === OID.commonName).map(({ text }) => text);
}

/** Everything matchesHost compares with, for an index of many certificates. */
export function matchableNames(cert: X509Certificate): { names: string[]; ips: string[] } {
  const { dnsNames, ipAddresses } = detailsOf(cert);
  const commonNames = commonNamesOf(cert);
  const ips = commonNames.map(ipText).filter((ip) => ip !== undefined);
  const names = [...dnsNames, ...commonNames].map(asciiName).filter((name) => name !== '');
  return { names: [...new Set(names)], ips: [...new Set([...ipAddresses, ...ips])] };
}

/** The usual form of an IP address, with or without brackets; undefined for another text. */
export function ipText(text: string): string | undefined {
  const bytes = ipToBytes(text.replace(/^\[(.*)\]$/, '$1'));
  return bytes && ipFromBytes(bytes);
}

/** Lower case, Punycode, without the dot at the end; '' for what cannot be a name. */
export function asciiName(name: string): string {
  if (name.length === 0 || name.length > MAX_NAME) return '';
  const plain = name.replace(/\.$/, '');
  if (/^[!-~]*$/.test(plain)) return plain.toLowerCase();
  return domainToASCII(plain);
}

function matchesName(pattern: string, host: string): boolean {
  if (pattern === '') return false;
  const [first, rest] = cut(pattern);
  if (!first.includes('*')) return pattern === host;
  const [hostFirst, hostRest] = cut(host);
  return rest === hostRest && hostFirst !== '' && matchesMask(first, hostFirst);
}

/** The first label and everything from its dot on. */
export function cut(name: string): [first: string, rest: string] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}

/** Does a label fit a mask in which '*' stands for any characters? */
export function matchesMask(mask: string, label: string): boolean {
  const parts = mask.split('*');
  const head = parts.shift()!;
  const tail = parts.pop()!;
  if (label.length < head.length + tail.length) return false;
  if (!label.startsWith(head) || !label.endsWith(tail)) return false;
  const end = label.length - tail.length;
  let at = head.length;
  for (const part of parts) {
    const found = label.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

const ALWAYS_CHECK_SUBJECT = 0x1;
const NO_WILDCARDS = 0x2;
const NO_PARTIAL_WILDCARDS = 0x4;
const MULTI_LABEL_WILDCARDS = 0x8;
const SINGLE_LABEL_SUBDOMAINS = 0x10;
const NEVER_CHECK_SUBJECT = 0x20;

/** The name that matches by OpenSSL's rules; '' if none does. `flags`: X509_CHECK_FLAG_… */
export function checkHost(cert: X509Certificate, host: string, flags: number): string {
  const name = asciiName(host);
  if (name === '') return '';
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const subject = has(NEVER_CHECK_SUBJECT)
    ? 'never'
    : has(ALWAYS_CHECK_SUBJECT)
      ? 'always'
      : 'default';
  const found = cert.checkHost(name, {
    subject,
    wildcards: !has(NO_WILDCARDS),
    partialWildcards: !has(NO_PARTIAL_WILDCARDS),
    multiLabelWildcards: has(MULTI_LABEL_WILDCARDS),
    singleLabelSubdomains: has(SINGLE_LABEL_SUBDOMAINS),
  });
  return found ?? '';
}
