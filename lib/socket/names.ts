// Protocols, ports and addresses as text, resolved the way ICS does before a socket is made
// (ICS: WSocketResolveProto, WSocketResolvePort, WSocketResolveHost). Errors are thrown with the
// ICS texts; the callers put `listen: ` in front.
import {
  ESocketException,
  GetWinsockErr,
  WSAHOST_NOT_FOUND,
  WSASERVICE_NOT_FOUND,
} from '../errors';
import { native } from '../native';
import { TSocketFamily, TWSocketOption, type TVar } from '../types';
import { IcsIDNAToASCII } from './idna';

/** ICS asks the system for the others; these are the ones of every protocols file. */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['raw', 255],
  ['ip', 0],
  ['icmp', 1],
  ['igmp', 2],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['sctp', 132],
  ['udplite', 136],
]);

// For systems without a services file.
const WELL_KNOWN_PORTS: ReadonlyMap<string, number> = new Map([
  ['echo', 7],
  ['ftp-data', 20],
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['pop3', 110],
  ['ntp', 123],
  ['imap', 143],
  ['https', 443],
  ['submissions', 465],
  ['imaps', 993],
  ['pop3s', 995],
]);

export const MAX_PORT = 65535;
/** A Delphi Integer. */
const MAX_PROTO = 0x7fffffff;
/** Longest name the system looks up. */
const MAX_NAME = 1025;
/** Longest text a message quotes in full. */
const MAX_QUOTED = 255;

/** Protocol number of 'tcp', 'udp', 'raw' and a few more names, or a number as text. */
export function WSocketResolveProto(Proto: string | number): number {
  const text = asText(Proto);
  if (text === '') throw new ESocketException('Winsock Resolve Proto: Invalid Protocol.');
  const number = /^\d{1,10}$/.test(text) ? Number(text) : known(PROTOCOLS, text);
  if (number !== undefined && number <= MAX_PROTO) return number;
  throw new ESocketException(
    `Winsock Resolve Proto: Cannot convert protocol ${quoted(text)} - ` +
      GetWinsockErr(WSASERVICE_NOT_FOUND),
    WSASERVICE_NOT_FOUND,
  );
}

/** Port number of a number as text (its leading digits) or a service name. */
export function WSocketResolvePort(Port: string | number, Proto: string | number): number {
  const port = asText(Port);
  const proto = asText(Proto);
  if (port === '') throw new ESocketException('Winsock Resolve Port: Invalid Port.');
  if (proto === '') throw new ESocketException('Winsock Resolve Port: Invalid Proto.');
  const digits = /^\d+/.exec(port);
  if (digits) {
    const number = Number(digits[0]);
    if (number <= MAX_PORT) return number;
    throw new ESocketException(
      `Winsock Resolve Port: Invalid Port. ${quoted(port)} is above ${MAX_PORT}`,
    );
  }
  const service = port.length <= MAX_NAME ? native.servicePort(port, proto) : 0;
  const number = service > 0 ? service : known(WELL_KNOWN_PORTS, port);
  if (number !== undefined) return number;
  throw new ESocketException(
    `Winsock Resolve Port: Cannot convert port ${quoted(port)} - ` +
      GetWinsockErr(WSASERVICE_NOT_FOUND),
    WSASERVICE_NOT_FOUND,
  );
}

/**
 * sfIPv4 or sfIPv6 for what the system takes for an address, null for anything else. That is more
 * than WSocketIsIP knows (an embedded IPv4 address, a scope by name) and less (leading zeros).
 */
export function literalFamily(Addr: string): TSocketFamily | null {
  const version = native.ipVersion(Addr);
  if (version === 4) return TSocketFamily.sfIPv4;
  return version === 6 ? TSocketFamily.sfIPv6 : null;
}

/** Numeric form of a literal address or host name. Blocks while the system looks a name up. */
export function WSocketResolveHost(Addr: string, Family: TSocketFamily): string {
  const name = asText(Addr);
  if (name === '') throw new ESocketException("Winsock Resolve Host: '' Invalid Hostname.");
  const usable = name.length <= MAX_NAME;
  if (usable && native.ipVersion(name) !== 0) return name;
  if (/^[\d.]+$/.test(name))
    throw new ESocketException(
      `Winsock Resolve Host: ${quoted(name)} Invalid IP address.`,
      WSAHOST_NOT_FOUND,
    );
  let failure = WSAHOST_NOT_FOUND;
  for (const version of usable ? lookupOrder(Family) : []) {
    const found = native.resolveHost(name, version);
    if (typeof found === 'string') return found;
    failure = found;
  }
  throw new ESocketException(
    `Winsock Resolve Host: Cannot convert host address ${quoted(name)} - ${GetWinsockErr(failure)}`,
    failure,
  );
}

function known(table: ReadonlyMap<string, number>, name: string): number | undefined {
  return name.length <= MAX_NAME ? table.get(name.toLowerCase()) : undefined;
}

/** '' for what is neither text nor number: the callers treat it as missing. */
function asText(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : '';
}

/** Text in quotes, cut when it is too long for a message. */
function quoted(text: string): string {
  return text.length > MAX_QUOTED ? `'${text.slice(0, MAX_QUOTED)}…'` : `'${text}'`;
}

function lookupOrder(Family: TSocketFamily): readonly number[] {
  switch (Family) {
    case TSocketFamily.sfIPv4:
      return [4];
    case TSocketFamily.sfIPv6:
      return [6];
    case TSocketFamily.sfAnyIPv4:
      return [4, 6];
    case TSocketFamily.sfAnyIPv6:
      return [6, 4];
    default:
      return [0];
  }
}

/** The name in the form DNS knows, as the socket's options want it; null when it has none. */
export function asciiHost(
  HostName: string,
  socket: { hasOption(option: TWSocketOption): boolean },
): string | null {
  if (socket.hasOption(TWSocketOption.wsoIgnoreIDNA)) return HostName;
  const failed: TVar<boolean> = { Value: false };
  const strict = socket.hasOption(TWSocketOption.wsoUseSTD3AsciiRules);
  const ascii = IcsIDNAToASCII(HostName, strict, failed);
  return failed.Value || ascii === '' ? null : ascii;
}

/** Literal addresses the family allows, preferred ones first. Names (reverse lookups) stay. */
export function orderByFamily(found: readonly string[], Family: TSocketFamily): string[] {
  const version = (text: string): number => native.ipVersion(text);
  switch (Family) {
    case TSocketFamily.sfIPv4:
      return found.filter((text) => version(text) !== 6);
    case TSocketFamily.sfIPv6:
      return found.filter((text) => version(text) !== 4);
    case TSocketFamily.sfAnyIPv4:
      return [...found].sort((a, b) => version(a) - version(b));
    case TSocketFamily.sfAnyIPv6:
      return [...found].sort((a, b) => version(b) - version(a));
    default:
      return [...found];
  }
}
