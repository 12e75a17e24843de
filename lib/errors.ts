// Every error class, number and text of the package. Numbers are the Windows (Winsock) ones on
// every platform, because ported code and its logs compare them; the name of the POSIX error is
// kept beside them in `code`. Texts are those of ICS (WSocketErrorDesc).
import { constants } from 'node:os';

interface ErrorEntry {
  readonly number: number;
  readonly text: string;
  /** POSIX names that mean this; the first one is reported as `code`. */
  readonly names: readonly string[];
}

const entry = (number: number, text: string, ...names: string[]): ErrorEntry => ({
  number,
  text,
  names,
});

const TABLE: readonly ErrorEntry[] = [
  entry(0, 'No Error'),
  entry(10004, 'Interrupted system call', 'EINTR'),
  entry(10009, 'Bad file number', 'EBADF'),
  entry(10013, 'Permission denied', 'EACCES', 'EPERM'),
  entry(10014, 'Bad address', 'EFAULT'),
  entry(10022, 'Invalid argument', 'EINVAL'),
  entry(10024, 'Too many open files', 'EMFILE', 'ENFILE'),
  entry(10035, 'Operation would block', 'EAGAIN', 'EWOULDBLOCK'),
  entry(10036, 'Operation now in progress', 'EINPROGRESS'),
  entry(10037, 'Operation already in progress', 'EALREADY'),
  entry(10038, 'Socket operation on non-socket', 'ENOTSOCK'),
  entry(10039, 'Destination address required', 'EDESTADDRREQ'),
  entry(10040, 'Message too long', 'EMSGSIZE'),
  entry(10041, 'Protocol wrong type for socket', 'EPROTOTYPE'),
  entry(10042, 'Protocol not available', 'ENOPROTOOPT'),
  entry(10043, 'Protocol not supported', 'EPROTONOSUPPORT'),
  entry(10044, 'Socket type not supported', 'ESOCKTNOSUPPORT'),
  entry(10045, 'Operation not supported on socket', 'EOPNOTSUPP'),
  entry(10046, 'Protocol family not supported', 'EPFNOSUPPORT'),
  entry(10047, 'Address family not supported by protocol family', 'EAFNOSUPPORT'),
  entry(10048, 'Address already in use', 'EADDRINUSE'),
  entry(10049, 'Address not available', 'EADDRNOTAVAIL'),
  entry(10050, 'Network is down', 'ENETDOWN'),
  entry(10051, 'Network is unreachable', 'ENETUNREACH'),
  entry(10052, 'Network dropped connection on reset', 'ENETRESET'),
  entry(10053, 'Connection aborted', 'ECONNABORTED'),
  entry(10054, 'Connection reset by peer', 'ECONNRESET', 'EPIPE'),
  entry(10055, 'No buffer space available', 'ENOBUFS', 'ENOMEM', 'ENOSPC'),
  entry(10056, 'Socket is already connected', 'EISCONN'),
  entry(10057, 'Socket is not connected', 'ENOTCONN'),
  entry(10058, "Can't send after socket shutdown", 'ESHUTDOWN'),
  entry(10059, "Too many references: can't splice", 'ETOOMANYREFS'),
  entry(10060, 'Connection timed out', 'ETIMEDOUT'),
  entry(10061, 'Connection refused', 'ECONNREFUSED'),
  entry(10062, 'Too many levels of symbolic links', 'ELOOP'),
  entry(10063, 'File name too long', 'ENAMETOOLONG'),
  entry(10064, 'Host is down', 'EHOSTDOWN'),
  entry(10065, 'No route to host', 'EHOSTUNREACH'),
  entry(10066, 'Directory not empty', 'ENOTEMPTY'),
  entry(10067, 'Too many processes', 'EPROCLIM'),
  entry(10068, 'Too many users', 'EUSERS'),
  entry(10069, 'Disc quota exceeded', 'EDQUOT'),
  entry(10070, 'Stale NFS file handle', 'ESTALE'),
  entry(10071, 'Too many levels of remote in path', 'EREMOTE'),
  entry(10091, 'Network sub-system is unusable'),
  entry(10092, 'WinSock DLL cannot support this application'),
  entry(10093, 'WinSock not initialized'),
  entry(10108, 'Service not found'),
  entry(11001, 'Host not found', 'ENOTFOUND'),
  entry(11002, 'Non-authoritative host not found', 'EAI_AGAIN'),
  entry(11003, 'Non-recoverable error', 'EAI_FAIL'),
  entry(11004, 'No Data', 'ENODATA'),
];

export const WSABASEERR = 10000;
export const WSAEINTR = 10004;
export const WSAEBADF = 10009;
export const WSAEACCES = 10013;
export const WSAEFAULT = 10014;
export const WSAEINVAL = 10022;
export const WSAEMFILE = 10024;
export const WSAEWOULDBLOCK = 10035;
export const WSAEINPROGRESS = 10036;
export const WSAEALREADY = 10037;
export const WSAENOTSOCK = 10038;
export const WSAEDESTADDRREQ = 10039;
export const WSAEMSGSIZE = 10040;
export const WSAEPROTOTYPE = 10041;
export const WSAENOPROTOOPT = 10042;
export const WSAEPROTONOSUPPORT = 10043;
export const WSAESOCKTNOSUPPORT = 10044;
export const WSAEOPNOTSUPP = 10045;
export const WSAEPFNOSUPPORT = 10046;
export const WSAEAFNOSUPPORT = 10047;
export const WSAEADDRINUSE = 10048;
export const WSAEADDRNOTAVAIL = 10049;
export const WSAENETDOWN = 10050;
export const WSAENETUNREACH = 10051;
export const WSAENETRESET = 10052;
export const WSAECONNABORTED = 10053;
export const WSAECONNRESET = 10054;
export const WSAENOBUFS = 10055;
export const WSAEISCONN = 10056;
export const WSAENOTCONN = 10057;
export const WSAESHUTDOWN = 10058;
export const WSAETOOMANYREFS = 10059;
export const WSAETIMEDOUT = 10060;
export const WSAECONNREFUSED = 10061;
export const WSAELOOP = 10062;
export const WSAENAMETOOLONG = 10063;
export const WSAEHOSTDOWN = 10064;
export const WSAEHOSTUNREACH = 10065;
export const WSAENOTEMPTY = 10066;
export const WSAEPROCLIM = 10067;
export const WSAEUSERS = 10068;
export const WSAEDQUOT = 10069;
export const WSAESTALE = 10070;
export const WSAEREMOTE = 10071;
export const WSASYSNOTREADY = 10091;
export const WSAVERNOTSUPPORTED = 10092;
export const WSANOTINITIALISED = 10093;
export const WSASERVICE_NOT_FOUND = 10108;
export const WSAHOST_NOT_FOUND = 11001;
export const WSATRY_AGAIN = 11002;
export const WSANO_RECOVERY = 11003;
export const WSANO_DATA = 11004;
/** A blocking call of this package did not end in its time; ICS's own number. */
export const WSA_WSOCKET_TIMEOUT = 12001;

const byNumber = new Map(TABLE.map((e) => [e.number, e]));

const errnoOfName = constants.errno as unknown as Readonly<Record<string, number | undefined>>;
const byErrno = new Map<number, number>();
for (const { number, names } of TABLE)
  for (const name of names) {
    const errno = errnoOfName[name];
    if (errno !== undefined && !byErrno.has(errno)) byErrno.set(errno, number);
  }
// Node's table does not name every error the kernel knows.
const LINUX_ONLY: Readonly<Record<number, number>> = { 108: 10058, 109: 10059, 112: 10064 };

/** Windows number for a (positive) errno of this platform; 10022 for one that has none. */
export function wsaFromErrno(errno: number): number {
  if (errno === 0) return 0;
  return byErrno.get(errno) ?? LINUX_ONLY[errno] ?? WSAEINVAL;
}

/**
 * Like wsaFromErrno, for a call on a socket we own: a "bad descriptor" there means that somebody
 * closed it behind our back, which Winsock calls "not a socket" (10038).
 */
export function wsaFromSocketErrno(errno: number): number {
  const number = wsaFromErrno(errno);
  return number === WSAEBADF ? WSAENOTSOCK : number;
}

/** Text of a Windows socket error number (ICS: WSocketErrorDesc). */
export function WSocketErrorDesc(ErrCode: number): string {
  return byNumber.get(ErrCode)?.text ?? 'Not a Winsocket error';
}

/** Text with number, `Connection refused (#10061)` (ICS: GetWinsockErr). */
export function GetWinsockErr(ErrCode: number): string {
  return `${WSocketErrorDesc(ErrCode)} (#${String(ErrCode)})`;
}

/** Base class of the package's errors (ICS: EIcsException). `code` is stable, texts may change. */
export class EIcsException extends Error {
  readonly code: string;

  constructor(Message: string, code = 'EICS') {
    super(Message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Ends a handler silently: neither OnBgException nor an abort follows (Delphi: EAbort). */
export class EAbort extends EIcsException {
  constructor(Message = 'Operation aborted') {
    super(Message, 'EABORT');
  }
}

/** An index outside a list of strings (Delphi: EStringListError). */
export class EStringListError extends EIcsException {
  constructor(Message: string) {
    super(Message, 'ERR_OUT_OF_RANGE');
  }
}

/** An index outside a list (Delphi: EListError). */
export class EListError extends EIcsException {
  constructor(Message: string) {
    super(Message, 'ELIST');
  }
}

/** An INI file that cannot be read, kept or written (Delphi: EIniFileException). */
export class EIniFileException extends EIcsException {
  constructor(Message: string, code = 'EINIFILE') {
    super(Message, code);
  }
}

/** Assign between classes that do not know each other (Delphi: EConvertError). */
export class EConvertError extends EIcsException {
  constructor(Message: string) {
    super(Message, 'ECONVERT');
  }
}

/** Error of a socket component (ICS: ESocketException). */
export class ESocketException extends EIcsException {
  /** Windows number, 0 when the error has none. */
  readonly ErrorCode: number;
  /** Description without number and function. */
  readonly ErrorMessage: string;
  /** The message for users; equals `message` when there is none. */
  readonly FriendlyMsg: string;
  /** What was being done, e.g. `listen: Bind`. */
  readonly Func: string;
  readonly IPStr: string;
  readonly PortStr: string;
  readonly ProtoStr: string;
  /** The platform's own number of the error, 0 when there is none. */
  readonly SysErrno: number;

  constructor(
    Message: string,
    ErrorCode = 0,
    ErrorMessage = '',
    FriendlyMsg = '',
    Func = '',
    IP = '',
    Port = '',
    Proto = '',
  ) {
    const posix = byNumber.get(ErrorCode)?.names[0];
    super(Message, posix ?? 'ESOCKET');
    this.ErrorCode = ErrorCode;
    this.ErrorMessage = ErrorMessage || (ErrorCode > 0 ? WSocketErrorDesc(ErrorCode) : '');
    this.FriendlyMsg = FriendlyMsg || Message;
    this.Func = Func;
    this.IPStr = IP;
    this.PortStr = Port;
    this.ProtoStr = Proto;
    this.SysErrno = (posix !== undefined && errnoOfName[posix]) || 0;
  }
}
