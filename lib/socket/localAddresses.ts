// Name and addresses of this machine (ICS: LocalHostName, LocalIPList in OverbyteIcsWSocket, and
// OverbyteIcsSocketUtils). They are read from the system on every call.
import { type NetworkInterfaceInfo, hostname, networkInterfaces } from 'node:os';
import { TStringList } from '../base/TStringList';
import type { TStrings } from '../base/TStrings';
import { ESocketException, GetWinsockErr, WSAENETDOWN, wsaFromErrno } from '../errors';
import { type TIcsIPv4Address, TSocketFamily } from '../types';
import { ipv4Value } from './ipText';
import { WSocketResolveProto } from './names';

/** First address of a private network, and the bits that belong to the network. */
const PRIVATE_NETWORKS: readonly (readonly [network: number, mask: number])[] = [
  [0x0a000000, 0xff000000],
  [0xac100000, 0xfff00000],
  [0xc0a80000, 0xffff0000],
];

/** Kinds of addresses of a family, the preferred one first. */
const KINDS: Readonly<Record<TSocketFamily, readonly string[]>> = {
  [TSocketFamily.sfAny]: ['IPv4', 'IPv6'],
  [TSocketFamily.sfAnyIPv4]: ['IPv4', 'IPv6'],
  [TSocketFamily.sfAnyIPv6]: ['IPv6', 'IPv4'],
  [TSocketFamily.sfIPv4]: ['IPv4'],
  [TSocketFamily.sfIPv6]: ['IPv6'],
};

/** Name of this machine. Raises `Winsock Get Host Name failed` when the system has none. */
export function LocalHostName(): string {
  try {
    return hostname();
  } catch {
    throw new ESocketException('Winsock Get Host Name failed');
  }
}

/**
 * Addresses under which others reach this machine, those of the loopback interface only when it
 * has no others. sfIPv4 (default) and sfIPv6 give one kind, sfAnyIPv4 and sfAnyIPv6 that kind
 * first, sfAny all in the order of the system. Proto must exist and changes nothing else.
 *
 * ICS: asks the name service for the machine's own name, which on Linux often is 127.0.1.1.
 */
export function LocalIPList(
  SocketFamily: TSocketFamily = TSocketFamily.sfIPv4,
  Proto: string | number = 'tcp',
): TStrings {
  WSocketResolveProto(Proto);
  const what = `Winsock GetAddrInfo: Cannot convert host address '${LocalHostName()}' - `;
  const all = interfaceAddresses(what);
  const list = new TStringList();
  list.Assign(reachable(all, SocketFamily).map(addressText));
  return list;
}

/** LocalIPList under the name of the socket's method. */
export const GetLocalIPList = LocalIPList;

/**
 * Fills StrList with the addresses of all interfaces that are up, loopback included, and returns
 * it; without a list, a new one. SkipIPv6 leaves out IPv6 addresses.
 */
export function IcsGetInterfaceList(StrList: TStrings | null = null, SkipIPv6 = false): TStrings {
  const list = StrList ?? new TStringList();
  const all = interfaceAddresses('IcsGetInterfaceList: ');
  list.Assign(all.filter((one) => !SkipIPv6 || one.family === 'IPv4').map(addressText));
  return list;
}

/**
 * True when both IPv4 addresses are inside the network of one of this machine's interfaces. False
 * for what is no address.
 */
export function IcsAddrSameSubNet(
  LocalIPv4Addr: string | TIcsIPv4Address,
  SomeIPv4Addr: string | TIcsIPv4Address,
): boolean {
  const local = ipv4Value(LocalIPv4Addr);
  const some = ipv4Value(SomeIPv4Addr);
  if (local === null || some === null) return false;
  return interfaceAddresses('IcsGetInterfaceList: ').some((one) => {
    const own = ipv4Value(one.address);
    const mask = ipv4Value(one.netmask);
    if (own === null || mask === null) return false;
    return ((own ^ local) & mask) === 0 && ((own ^ some) & mask) === 0;
  });
}

/** True for an IPv4 address in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16. */
export function IcsIsIpPrivate(saddr: string | TIcsIPv4Address): boolean {
  const value = ipv4Value(saddr);
  if (value === null) return false;
  return PRIVATE_NETWORKS.some(([network, mask]) => ((value ^ network) & mask) === 0);
}

/** `what` begins the message of the exception when the system refuses. */
function interfaceAddresses(what: string): NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  } catch (error) {
    const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : NaN;
    const code = Number.isNaN(errno) ? WSAENETDOWN : wsaFromErrno(Math.abs(errno));
    throw new ESocketException(what + GetWinsockErr(code), code);
  }
}

function reachable(
  all: readonly NetworkInterfaceInfo[],
  family: TSocketFamily,
): NetworkInterfaceInfo[] {
  const kinds = KINDS[family] ?? KINDS[TSocketFamily.sfAny];
  const wanted = all.filter((one) => kinds.includes(one.family));
  const external = wanted.filter((one) => !one.internal);
  const chosen = external.length > 0 ? external : wanted;
  if (family !== TSocketFamily.sfAnyIPv4 && family !== TSocketFamily.sfAnyIPv6) return chosen;
  return kinds.flatMap((kind) => chosen.filter((one) => one.family === kind));
}

function addressText(one: NetworkInterfaceInfo): string {
  if (one.family === 'IPv4' || !one.scopeid) return one.address;
  return `${one.address}%${one.scopeid}`;
}
