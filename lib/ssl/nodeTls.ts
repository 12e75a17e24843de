// The classes Node's TLS is made of, below its streams: TLSWrap, which runs OpenSSL, and JSStream,
// through which it reads and writes ciphertext.
//
// They are not public. They are used only where every member that is needed is there; everywhere
// else TLS runs over a carrier (carrier.ts) with the public classes. Tests choose by environment
// variables: ICS_TLS_STREAMS=1 for a TLSSocket over the lean carrier, ICS_PUBLIC_CARRIER=1 for one
// over the public carrier.
import { createSecureContext, type DetailedPeerCertificate, type SecureContext } from 'node:tls';

/** Ciphertext in and out, as Node's TLS sees it. */
export interface CipherStream {
  /** Writes ciphertext; the result is 0 or a negative error number. */
  onwrite: (request: object, buffers: Uint8Array[]) => number;
  onshutdown: (request: object) => number;
  onreadstart: () => number;
  onreadstop: () => number;
  isClosing: () => boolean;
  readBuffer(bytes: Uint8Array): void;
  emitEOF(): void;
  finishWrite(request: object, status: number): void;
  finishShutdown(request: object, status: number): void;
}

/** A request for Node's TLS to write or to shut down; `oncomplete` tells its end. */
export interface TlsRequest {
  oncomplete?: (status: number) => void;
}

/** OpenSSL for one connection. */
export interface TlsHandle {
  /** Plaintext in the buffer of useUserBuffer(), or the peer's end; readResult() tells which. */
  onread: () => void;
  onerror: (error: NodeJS.ErrnoException) => void;
  onhandshakestart: (now: number) => void;
  onhandshakedone: () => void;
  /** Plaintext goes there from now on. It must live as long as the handle. */
  useUserBuffer(buffer: Uint8Array): void;
  setVerifyMode(request: boolean, reject: boolean): void;
  setALPNProtocols(protocols: Buffer): void;
  writeBuffer(request: TlsRequest, bytes: Uint8Array): number;
  shutdown(request: TlsRequest): number;
  destroySSL(): void;
  verifyError(): Error | null;
  getCipher(): { name: string } | undefined;
  getProtocol(): string | null;
  getSession(): Buffer | undefined;
  isSessionReused(): boolean;
  getALPNNegotiatedProtocol(): string | false | null;
  getPeerCertificate(detailed: true): DetailedPeerCertificate | undefined;
}

interface TlsBinding {
  wrap(stream: CipherStream, context: unknown, isServer: boolean, writing: boolean): TlsHandle;
}

interface StreamBinding {
  /** Facts beside Node's calls, and the place of one of them. */
  streamBaseState: Int32Array;
  kReadBytesOrError: number;
  WriteWrap: new () => TlsRequest;
  ShutdownWrap: new () => TlsRequest;
}

interface JsStreamBinding {
  JSStream: new () => CipherStream;
}

export interface NodeTls {
  makeStream(): CipherStream;
  /** OpenSSL on the server's side of the stream. */
  wrapServer(stream: CipherStream, context: SecureContext): TlsHandle;
  makeWrite(): TlsRequest;
  makeShutdown(): TlsRequest;
  /** In onread: the number of bytes, or a negative one when the peer has finished. */
  readResult(): number;
}

const STREAM_MEMBERS = ['readBuffer', 'emitEOF', 'finishWrite', 'finishShutdown'];
const HANDLE_MEMBERS = [
  'useUserBuffer',
  ...['setVerifyMode', 'setALPNProtocols', 'writeBuffer', 'shutdown', 'destroySSL'],
  ...['verifyError', 'getCipher', 'getProtocol', 'getSession', 'isSessionReused'],
  ...['getALPNNegotiatedProtocol', 'getPeerCertificate'],
];

let found: NodeTls | null | undefined;

/** Null where Node does not have these classes in the known shape, or does not give them out. */
export function nodeTls(): NodeTls | null {
  if (found === undefined) found = isUnwanted() ? null : look(); // each look at `env` takes long
  return found;
}

function isUnwanted(): boolean {
  const { ICS_PUBLIC_CARRIER, ICS_TLS_STREAMS } = process.env;
  return Boolean(ICS_PUBLIC_CARRIER || ICS_TLS_STREAMS);
}

function look(): NodeTls | null {
  try {
    const binding = (process as unknown as { binding(name: string): unknown }).binding;
    const { wrap } = binding('tls_wrap') as TlsBinding;
    const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError } = binding(
      'stream_wrap',
    ) as StreamBinding;
    const { JSStream } = binding('js_stream') as JsStreamBinding;
    const { TLSWrap } = binding('tls_wrap') as { TLSWrap?: { prototype: object } };
    const classes = [wrap, WriteWrap, ShutdownWrap, JSStream, TLSWrap];
    if (!classes.every((item) => typeof item === 'function')) return null;
    if (!has(JSStream.prototype as object, STREAM_MEMBERS)) return null;
    if (!has(TLSWrap!.prototype, HANDLE_MEMBERS)) return null;
    if (typeof streamBaseState[kReadBytesOrError] !== 'number') return null;
    if (typeof innerContext(createSecureContext()) !== 'object') return null;
    return {
      makeStream: () => new JSStream(),
      wrapServer: (stream, context) => wrap(stream, innerContext(context), true, false),
      makeWrite: () => new WriteWrap(),
      makeShutdown: () => new ShutdownWrap(),
      readResult: () => streamBaseState[kReadBytesOrError]!,
    };
  } catch {
    return null;
  }
}

/** What Node's wrap takes for a context; anything else would end the process. */
function innerContext(context: SecureContext): unknown {
  return (context as { context?: unknown }).context;
}

function has(prototype: object, members: readonly string[]): boolean {
  return members.every(
    (name) => typeof (prototype as Record<string, unknown>)[name] === 'function',
  );
}
