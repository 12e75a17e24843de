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
import { TSocketFamily } from '../types';

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, raw: 255 };

// For systems without a services file.
const WELL_KNOWN_PORTS: Readonly<Record<string, number>> = {
  echo: 7,
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap: 143,
  https: 443,
  submissions: 465,
  imaps: 993,
  pop3s: 995,
};

export const MAX_PORT = 65535;

/** Protocol number of 'tcp', 'udp', 'raw' or a number as text. */
export function WSocketResolveProto(Proto: string): number {
  if (Proto === '') throw new ESocketException('Winsock Resolve Proto: Invalid Protocol.');
  if (/^\d+$/.test(Proto)) return Number(Proto);
  const number = PROTOCOLS[Proto.toLowerCase()];
  if (number !== undefined) return number;
  throw new ESocketException(
    `Winsock Resolve Proto: Cannot convert protocol '${Proto}' - ` +
      GetWinsockErr(WSASERVICE_NOT_FOUND),
    WSASERVICE_NOT_FOUND,
  );
}

/** Port number of a number as text (its leading digits) or a service name. */
export function WSocketResolvePort(Port: string, Proto: string): number {
  if (Port === '') throw new ESocketException('Winsock Resolve Port: Invalid Port.');
  if (Proto === '') throw new ESocketException('Winsock Resolve Port: Invalid Proto.');
  const digits = /^\d+/.exec(Port);
  if (digits) {
    const number = Number(digits[0]);
    if (number <= MAX_PORT) return number;
    throw new ESocketException(
      `Winsock Resolve Port: Invalid Port. '${Port}' is above ${MAX_PORT}`,
    );
  }
  const service = native.servicePort(Port, Proto);
  const number = service > 0 ? service : WELL_KNOWN_PORTS[Port.toLowerCase()];
  if (number !== undefined) return number;
  throw new ESocketException(
    `Winsock Resolve Port: Cannot convert port '${Port}' - ${GetWinsockErr(WSASERVICE_NOT_FOUND)}`,
    WSASERVICE_NOT_FOUND,
  );
}

/** sfIPv4 or sfIPv6 for a literal address, null for anything else (ICS: WSocketIsIP). */
export function literalFamily(Addr: string): TSocketFamily | null {
  const version = native.ipVersion(Addr);
  if (version === 4) return TSocketFamily.sfIPv4;
  return version === 6 ? TSocketFamily.sfIPv6 : null;
}

/** Numeric form of a literal address or host name. Blocks while the system looks a name up. */
export function WSocketResolveHost(Addr: string, Family: TSocketFamily): string {
  if (Addr === '') throw new ESocketException("Winsock Resolve Host: '' Invalid Hostname.");
  if (native.ipVersion(Addr) !== 0) return Addr;
  if (/^[\d.]+$/.test(Addr))
    throw new ESocketException(
      `Winsock Resolve Host: '${Addr}' Invalid IP address.`,
      WSAHOST_NOT_FOUND,
    );
  let failure = WSAHOST_NOT_FOUND;
  for (const version of lookupOrder(Family)) {
    const found = native.resolveHost(Addr, version);
    if (typeof found === 'string') return found;
    failure = found;
  }
  throw new ESocketException(
    `Winsock Resolve Host: Cannot convert host address '${Addr}' - ${GetWinsockErr(failure)}`,
    failure,
  );
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

/** The host name in the form DNS knows, null when it has none. */
export function asciiHost(HostName: string, _socket: unknown): string | null {
  return HostName;
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
