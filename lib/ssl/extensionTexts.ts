// Extensions of a certificate as text, one value per line, in the words of OpenSSL's printer.
import { contextTag, readAsn1, type Asn1 } from './asn1';
import {
  DIRECTORY,
  DNS,
  EMAIL,
  IP,
  latin1,
  nameParts,
  oneLine,
  shown,
  URI,
  type RawExtension,
} from './certDetails';
import { ipFromBytes } from './ipBytes';
import { EV_POLICIES, EXTENSIONS, KEY_USAGES, OID, USAGES } from './oids';
import type { TExtension } from './certTypes';

export const NO_EXTENSION: TExtension = { Critical: false, ShortName: '', Value: '' };

const LINE_BREAK = '\r\n';
const MAX_UNKNOWN_BYTES = 4096;

export function extensionName(oid: string): string {
  return EXTENSIONS[oid] ?? oid;
}

/** An extension that cannot be read is shown as its bytes. */
export function extensionText(extension: RawExtension): TExtension {
  const lines = readable(extension);
  return {
    Critical: extension.critical,
    ShortName: extensionName(extension.oid),
    Value: lines.join(LINE_BREAK),
  };
}

function readable({ oid, value }: RawExtension): string[] {
  const reader = READERS[oid];
  try {
    if (reader) return reader(readAsn1(value));
  } catch {
    // Malformed: falls through to the bytes.
  }
  return [colons(value.subarray(0, MAX_UNKNOWN_BYTES))];
}

const READERS: Readonly<Record<string, (value: Asn1) => string[]>> = {
  [OID.keyUsage]: keyUsage,
  [OID.extKeyUsage]: (value) => value.sequence().map((item) => USAGES[item.oid()] ?? item.oid()),
  [OID.basicConstraints]: basicConstraints,
  [OID.subjectAltName]: (value) => value.sequence().map((name) => generalName(name, '=')),
  [OID.subjectKeyId]: (value) => [colons(value.octets())],
  [OID.authorityKeyId]: authorityKeyId,
  [OID.certPolicies]: (value) => value.sequence().flatMap(policy),
  [OID.crlDistribution]: (value) => value.sequence().flatMap(distributionPoint),
  [OID.authorityInfoAccess]: (value) => value.sequence().map(accessDescription),
};

export function colons(bytes: Buffer): string {
  return bytes
    .toString('hex')
    .toUpperCase()
    .replace(/..(?!$)/g, '$&:');
}

function keyUsage(value: Asn1): string[] {
  const bits = value.bits();
  return KEY_USAGES.filter((_, at) => ((bits[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0);
}

function basicConstraints(value: Asn1): string[] {
  const items = value.sequence();
  const isCa = items[0]?.tag === 0x01 && items[0].content[0] !== 0;
  const length = items.find(({ tag }) => tag === 0x02);
  const limit = length ? [`pathlen=${length.smallInteger()}`] : [];
  return [`CA=${isCa ? 'TRUE' : 'FALSE'}`, ...limit];
}

function generalName(name: Asn1, between: string): string {
  switch (name.tag) {
    case DNS:
      return `DNS${between}${shown(latin1(name.content))}`;
    case IP:
      return `IP Address${between}${ipFromBytes(name.content) ?? '<invalid>'}`;
    case EMAIL:
      return `email${between}${shown(latin1(name.content))}`;
    case URI:
      return `URI${between}${shown(latin1(name.content))}`;
    case DIRECTORY:
      return `DirName${between}${oneLine(nameParts(name.children()[0]!))}`;
    default:
      return `othername${between}<unsupported>`;
  }
}

const KEY_ID = contextTag(0, false);
const AUTHORITY_NAMES = contextTag(1);
const AUTHORITY_SERIAL = contextTag(2, false);

function authorityKeyId(value: Asn1): string[] {
  const fields = value.sequence();
  const alone = fields.length === 1;
  return fields.flatMap((field) => {
    if (field.tag === KEY_ID) return [`${alone ? '' : 'keyid='}${colons(field.content)}`];
    if (field.tag === AUTHORITY_SERIAL) return [`serial=${colons(field.content)}`];
    if (field.tag !== AUTHORITY_NAMES) return [];
    return field.children().map((name) => generalName(name, '='));
  });
}

function policy(item: Asn1): string[] {
  const [id, qualifiers] = item.sequence(1) as [Asn1, Asn1?];
  const places = (qualifiers?.sequence() ?? []).flatMap((qualifier) => {
    const [kind, value] = qualifier.sequence(2) as [Asn1, Asn1];
    return kind.oid() === OID.cps ? [`  CPS: ${shown(latin1(value.content))}`] : [];
  });
  return [`Policy: ${id.oid()}`, ...places];
}

const POINT_NAME = contextTag(0);

function distributionPoint(point: Asn1): string[] {
  const full = point
    .sequence()
    .filter(({ tag }) => tag === POINT_NAME)
    .flatMap((field) => field.children())
    .filter(({ tag }) => tag === POINT_NAME);
  return full.flatMap((names) => [
    'Full Name:',
    ...names.children().map((name) => `  ${generalName(name, ':')}`),
  ]);
}

function accessDescription(item: Asn1): string {
  const [method, place] = item.sequence(2) as [Asn1, Asn1];
  const oid = method.oid();
  const name = oid === OID.ocsp ? 'OCSP' : oid === OID.caIssuers ? 'CA Issuers' : oid;
  return `${name} - ${generalName(place, '=')}`;
}

/** Is one of the policies that of an Extended Validation certificate? */
export function hasEvPolicy(extension: RawExtension | undefined): boolean {
  if (!extension) return false;
  return readable(extension).some((line) => EV_POLICIES.has(line.replace('Policy: ', '')));
}
