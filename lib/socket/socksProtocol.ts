// The bytes of SOCKS 4, 4A and 5 (RFC 1928, RFC 1929), without a socket: what the client sends, and
// how long and what the proxy's replies are. A reply is read in exact lengths, so that nothing
// behind it is taken from the application.
import { TSockAddr } from './TSockAddr';
import * as P from './proxyErrors';

const VERSION_4 = 4;
const VERSION_5 = 5;
const COMMAND_CONNECT = 1;
const METHOD_NONE = 0;
const METHOD_USERCODE = 2;
const NO_METHOD = 0xff;
const AUTH_VERSION = 1;
const ATYP_IPV4 = 1;
const ATYP_NAME = 3;
const ATYP_IPV6 = 4;
const GRANTED_4 = 90;
const LAST_REJECTED_4 = 93;
/** Where a packed address has its four or sixteen bytes. */
const PACKED_IPV4 = 4;
const PACKED_IPV6 = 8;
/** Tells a SOCKS 4A proxy that a name follows. */
const NAME_FOLLOWS = Uint8Array.of(0, 0, 0, 1);

/** One length byte is all the protocol has for names, user codes and passwords. */
export const MAX_SOCKS_TEXT = 255;
/** The longest reply: a name of 255 bytes. */
export const MAX_SOCKS_REPLY = 7 + MAX_SOCKS_TEXT;
export const SOCKS_REPLY_4 = 8;
export const SOCKS_REPLY_5_METHOD = 2;
/** The first bytes of the reply to a request; they tell its length. */
export const SOCKS_REPLY_5_HEAD = 5;

/** The bytes of a literal address; a scope is not part of them. */
export function addressBytes(address: string): Uint8Array {
  const { packed } = new TSockAddr(address.replace(/%.*$/, ''), 0);
  return address.includes(':')
    ? packed.slice(PACKED_IPV6, PACKED_IPV6 + 16)
    : packed.slice(PACKED_IPV4, PACKED_IPV4 + 4);
}

/** name: '' for SOCKS 4; for 4A the host, and no address. */
export function socks4Request(
  address: string,
  name: string,
  port: number,
  usercode: string,
): Buffer {
  return Buffer.concat([
    Uint8Array.of(VERSION_4, COMMAND_CONNECT, port >> 8, port & 0xff),
    name === '' ? addressBytes(address) : NAME_FOLLOWS,
    Buffer.from(`${usercode}\0`),
    Buffer.from(name === '' ? '' : `${name}\0`),
  ]);
}

/** 0, or the error number the reply of SOCKS_REPLY_4 bytes stands for. */
export function socks4Error(reply: Uint8Array): number {
  if (reply[0] !== 0) return P.socksVersionError;
  const code = reply[1]!;
  if (code === GRANTED_4) return 0;
  const known = code > GRANTED_4 && code <= LAST_REJECTED_4;
  return known ? P.socksRejectedOrFailed : P.socksUnassignedError;
}

/** The methods the client offers. */
export function socks5Greeting(withUsercode: boolean): Uint8Array {
  return withUsercode
    ? Uint8Array.of(VERSION_5, 2, METHOD_NONE, METHOD_USERCODE)
    : Uint8Array.of(VERSION_5, 1, METHOD_NONE);
}

export type Socks5Method = 'none' | 'usercode';

/** The method the proxy has chosen, or an error number. */
export function socks5Method(reply: Uint8Array, withUsercode: boolean): Socks5Method | number {
  if (reply[0] !== VERSION_5) return P.socksVersionError;
  if (reply[1] === METHOD_NONE) return 'none';
  if (reply[1] === METHOD_USERCODE && withUsercode) return 'usercode';
  return reply[1] === NO_METHOD || reply[1] === METHOD_USERCODE
    ? P.socksAuthMethodError
    : P.socksProtocolError;
}

export function socks5Credentials(usercode: string, password: string): Buffer {
  const user = Buffer.from(usercode);
  const secret = Buffer.from(password);
  return Buffer.concat([
    Uint8Array.of(AUTH_VERSION, user.length),
    user,
    Uint8Array.of(secret.length),
    secret,
  ]);
}

/** 0, or an error number. */
export function socks5AuthError(reply: Uint8Array): number {
  // Some proxies put the version of SOCKS here instead of that of the negotiation.
  if (reply[0] !== AUTH_VERSION && reply[0] !== VERSION_5) return P.socksVersionError;
  return reply[1] === 0 ? 0 : P.socksAuthenticationFailed;
}

/** host: a literal address of either family, or a name the proxy looks up. */
export function socks5Request(host: string, literal: boolean, port: number): Buffer {
  const bytes = literal ? addressBytes(host) : Buffer.from(host);
  const ipType = bytes.length === 4 ? ATYP_IPV4 : ATYP_IPV6;
  const kind = literal ? [ipType] : [ATYP_NAME, bytes.length];
  return Buffer.concat([
    Uint8Array.of(VERSION_5, COMMAND_CONNECT, 0, ...kind),
    bytes,
    Uint8Array.of(port >> 8, port & 0xff),
  ]);
}

/** Whole length of the reply that begins with these SOCKS_REPLY_5_HEAD bytes, or -error number. */
export function socks5ReplyLength(head: Uint8Array): number {
  if (head[0] !== VERSION_5) return -P.socksVersionError;
  const code = head[1]!;
  if (code !== 0) return -socks5Error(code);
  switch (head[3]) {
    case ATYP_IPV4:
      return 10;
    case ATYP_NAME:
      return 7 + head[4]!;
    case ATYP_IPV6:
      return 22;
    default:
      return -P.socksUnknownAddressType;
  }
}

function socks5Error(code: number): number {
  // The eight codes and their numbers are in the same order.
  return code <= 8 ? P.socksGeneralFailure + code - 1 : P.socksUnassignedError;
}
