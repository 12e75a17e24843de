// Alerts of TLS, and the numbers and texts ICS gives to errors of a handshake.

/** Descriptions of alerts the package sends itself (RFC 8446, 6.2). */
export const ALERT_PROTOCOL_VERSION = 70;
export const ALERT_INTERNAL_ERROR = 80;
export const ALERT_UNRECOGNIZED_NAME = 112;
export const ALERT_NO_APPLICATION_PROTOCOL = 120;

const CONTENT_ALERT = 21;
const LEVEL_WARNING = 1;
const LEVEL_FATAL = 2;
const TLS_1_0 = 0x0301;
const TLS_1_2 = 0x0303;

/**
 * The record of an alert that is sent in clear, before a handshake has begun. `version` is the
 * LegacyVersion of the hello; a record never tells a version above TLS 1.2 or below TLS 1.0.
 */
export function alertRecord(description: number, version = TLS_1_2, fatal = true): Buffer {
  const shown = Math.min(Math.max(version, TLS_1_0), TLS_1_2);
  const level = fatal ? LEVEL_FATAL : LEVEL_WARNING;
  return Buffer.from([CONTENT_ALERT, shown >> 8, shown & 0xff, 0, 2, level, description]);
}

/** Error numbers with a text of their own: OpenSSL's reasons. */
export const SSL_R_HTTPS_PROXY_REQUEST = 155;
export const SSL_R_HTTP_REQUEST = 156;
export const SSL_R_UNKNOWN_PROTOCOL = 252;
export const SSL_R_WRONG_VERSION_NUMBER = 267;

/** The connection ended without close_notify. */
export const SSL_R_UNEXPECTED_EOF = 294;

const TEXTS: ReadonlyMap<number, string> = new Map([
  [SSL_R_HTTPS_PROXY_REQUEST, 'Error, HTTPS proxy request, no SSL handshake'],
  [SSL_R_HTTP_REQUEST, 'Error, HTTP request, no SSL handshake'],
  [SSL_R_UNKNOWN_PROTOCOL, 'Error, unknown SSL protocol'],
  [SSL_R_WRONG_VERSION_NUMBER, 'Error, wrong SSL version'],
]);

/** What an error is called when OpenSSL did not report it. */
const OTHER_ERROR = 1;
const REASON_MASK = 0x7fffff;
const OPENSSL_ERROR = /\berror:([\dA-F]{8}):([^:\n]*):[^:\n]*:([^:\n]*)/i;

/** OpenSSL's packed number in the message of an error of Node's, 0 when there is none. */
export function opensslNumber(error: Error): number {
  const hex = OPENSSL_ERROR.exec(error.message)?.[1];
  return hex === undefined ? 0 : parseInt(hex, 16);
}

/** ErrCode of OnSslHandshakeDone: the reason number of OpenSSL, 1 for any other error. */
export function tlsErrorNumber(error: Error): number {
  return opensslNumber(error) & REASON_MASK || OTHER_ERROR;
}

/** Text for SslHandshakeRespMsg: that of ICS, or OpenSSL's without thread, function and place. */
export function tlsErrorText(error: Error): string {
  const special = TEXTS.get(tlsErrorNumber(error));
  if (special !== undefined) return special;
  const found = OPENSSL_ERROR.exec(error.message);
  return found ? `error:${found[1]}:${found[2]}::${found[3]}` : error.message;
}

export interface TlsRefusal {
  readonly ErrCode: number;
  readonly text: string;
}

/** What OpenSSL says to a first input that is no hello; `bytes` holds five bytes at least. */
export function refusalOf(bytes: Uint8Array): TlsRefusal {
  const start = Buffer.from(bytes.subarray(0, 5)).toString('latin1');
  const ErrCode = refusalNumber(start);
  return { ErrCode, text: TEXTS.get(ErrCode)! };
}

function refusalNumber(start: string): number {
  if (/^(?:GET |POST |HEAD |PUT )/.test(start)) return SSL_R_HTTP_REQUEST;
  return start === 'CONNE' ? SSL_R_HTTPS_PROXY_REQUEST : SSL_R_WRONG_VERSION_NUMBER;
}
