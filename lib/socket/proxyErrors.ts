// Error numbers of the SOCKS and HTTP tunnel proxies, and the texts that cover them as well as the
// socket errors (ICS: OverbyteIcsTypes; WSocketProxyErrorDesc, WSocketErrorMsgFromErrorCode).
// Numbers and texts are those of Windows on every platform.
import { STATUS_CODES } from 'node:http';
import { WSABASEERR, WSocketErrorDesc } from '../errors';

export const ICS_SOCKS_BASEERR = WSABASEERR + 10000;
export const ICS_SOCKS_MAXERR = ICS_SOCKS_BASEERR + 17;
/** Highest HTTP status. */
export const ICS_HTTP_TUNNEL_MAXSTAT = 599;
/** A tunnel error is this number plus the HTTP status of the proxy's answer. */
export const ICS_HTTP_TUNNEL_BASEERR = ICS_SOCKS_BASEERR + 1000;
export const ICS_HTTP_TUNNEL_MAXERR = ICS_HTTP_TUNNEL_BASEERR + ICS_HTTP_TUNNEL_MAXSTAT;
export const ICS_HTTP_TUNNEL_PROTERR = ICS_HTTP_TUNNEL_BASEERR;
export const ICS_HTTP_TUNNEL_GENERR = ICS_HTTP_TUNNEL_BASEERR + 1;
export const ICS_HTTP_TUNNEL_VERSIONERR = ICS_HTTP_TUNNEL_BASEERR + 2;

export const socksNoError = ICS_SOCKS_BASEERR;
export const socksProtocolError = ICS_SOCKS_BASEERR + 1;
export const socksVersionError = ICS_SOCKS_BASEERR + 2;
export const socksAuthMethodError = ICS_SOCKS_BASEERR + 3;
export const socksGeneralFailure = ICS_SOCKS_BASEERR + 4;
export const socksConnectionNotAllowed = ICS_SOCKS_BASEERR + 5;
export const socksNetworkUnreachable = ICS_SOCKS_BASEERR + 6;
export const socksHostUnreachable = ICS_SOCKS_BASEERR + 7;
export const socksConnectionRefused = ICS_SOCKS_BASEERR + 8;
export const socksTtlExpired = ICS_SOCKS_BASEERR + 9;
export const socksUnknownCommand = ICS_SOCKS_BASEERR + 10;
export const socksUnknownAddressType = ICS_SOCKS_BASEERR + 11;
export const socksUnassignedError = ICS_SOCKS_BASEERR + 12;
export const socksInternalError = ICS_SOCKS_BASEERR + 13;
export const socksDataReceiveError = ICS_SOCKS_BASEERR + 14;
export const socksAuthenticationFailed = ICS_SOCKS_BASEERR + 15;
export const socksRejectedOrFailed = ICS_SOCKS_BASEERR + 16;
export const socksHostResolutionFailed = ICS_SOCKS_BASEERR + 17;

/** By number minus ICS_SOCKS_BASEERR. */
const SOCKS_TEXTS: readonly string[] = [
  'No Error',
  'Protocol Error',
  'Version Error',
  'Authentication Method Error',
  'General Failure',
  'Connection Not Allowed',
  'Network Unreachable',
  'Host Unreachable',
  'Connection Refused',
  'TTL Expired',
  'Unknown Command',
  'Unknown Address Type',
  'Unassigned Error',
  'Internal Error',
  'Data Receive Error',
  'Authentication Failed',
  'Rejected Or Failed',
  'Host Resolution Failed',
];

/** By number minus ICS_HTTP_TUNNEL_BASEERR; the others are HTTP statuses. */
const TUNNEL_TEXTS: Readonly<Partial<Record<number, string>>> = {
  0: 'Protocol Error',
  1: 'General Failure',
  2: 'Proxy server must support HTTP/1.1',
  200: 'No Error',
};

/** True for a number of a SOCKS or HTTP proxy. */
export function WSocketIsProxyErrorCode(ErrCode: number): boolean {
  return isSocks(ErrCode) || isTunnel(ErrCode);
}

/** `SOCKS - …` or `HTTP Proxy - …`; 'Not a proxy error' for other numbers. */
export function WSocketProxyErrorDesc(ErrCode: number): string {
  if (isSocks(ErrCode)) return `SOCKS - ${SOCKS_TEXTS[ErrCode - ICS_SOCKS_BASEERR]}`;
  if (!isTunnel(ErrCode)) return 'Not a proxy error';
  const status = ErrCode - ICS_HTTP_TUNNEL_BASEERR;
  const text = TUNNEL_TEXTS[status] ?? STATUS_CODES[status] ?? `Status ${status}`;
  return `HTTP Proxy - ${text}`;
}

/** Text of a socket error, `Winsock - Connection refused`, or of a proxy's. */
export function WSocketErrorMsgFromErrorCode(ErrCode: number): string {
  if (WSocketIsProxyErrorCode(ErrCode)) return WSocketProxyErrorDesc(ErrCode);
  return `Winsock - ${WSocketErrorDesc(ErrCode)}`;
}

/** The same with the number behind it, `Winsock - Connection refused (#10061)`. */
export function WSocketGetErrorMsgFromErrorCode(ErrCode: number): string {
  return `${WSocketErrorMsgFromErrorCode(ErrCode)} (#${String(ErrCode)})`;
}

function isSocks(code: number): boolean {
  return Number.isInteger(code) && code >= ICS_SOCKS_BASEERR && code <= ICS_SOCKS_MAXERR;
}

function isTunnel(code: number): boolean {
  return (
    Number.isInteger(code) && code >= ICS_HTTP_TUNNEL_BASEERR && code <= ICS_HTTP_TUNNEL_MAXERR
  );
}
