// A server's first step: the client's hello is read before Node's TLS sees it, so that name and
// protocol are decided in the order of ICS, for every TLS version, before there is any TLS state.
import { EAbort } from '../errors';
import * as A from '../ssl/alerts';
import { MAX_CLIENT_HELLO, MAX_HELLO_RECORDS, parseClientHello } from '../ssl/clientHello';
import { TTlsExtError } from '../ssl/sslTypes';
import type { TClientHelloData } from '../ssl/TClientHelloData';
import type { TSslContext } from '../ssl/TSslContext';
import type { TVar } from '../types';
import type { TCustomSslWSocket } from './TCustomSslWSocket';

const RECORD_HEADER = 5;
/** No hello is longer, headers of records included. */
const SIZE_LIMIT = MAX_CLIENT_HELLO + RECORD_HEADER * MAX_HELLO_RECORDS;

/** The handshake is refused: an alert (0: none), ErrCode and text of OnSslHandshakeDone. */
export interface HelloRefusal {
  readonly alert: number;
  readonly code: number;
  readonly text: string;
}

/** What the application chose. */
interface HelloChoice {
  readonly context: TSslContext;
  /** The protocol to answer ALPN with, '' for none. */
  readonly alpn: string;
}

/** A session that handlers may close. */
export interface Closable {
  readonly closed: boolean;
}

/** From the first byte of a client to what the application has chosen by its hello. */
export class HelloStage {
  readonly #socket: TCustomSslWSocket;
  readonly #context: TSslContext;
  readonly #session: Closable;
  #reader: HelloReader | null = new HelloReader();
  /** Events about the hello are running: what arrives meanwhile waits. */
  isChoosing = false;

  constructor(socket: TCustomSslWSocket, context: TSslContext, session: Closable) {
    this.#socket = socket;
    this.#context = context;
    this.#session = session;
  }

  /** null: more is needed, or the session is over. The choice comes with all bytes so far. */
  add(bytes: Uint8Array): (HelloChoice & { readonly hello: Buffer }) | HelloRefusal | null {
    const reader = this.#reader;
    const soFar = reader?.add(bytes);
    if (!reader || !soFar) return null;
    const hello = readHello(reader, soFar);
    if (hello === null) return null;
    this.#reader = null;
    const choice = 'alert' in hello ? hello : this.#choose(hello);
    if (choice === null || 'alert' in choice) return choice;
    return { context: choice.context, alpn: choice.alpn, hello: soFar };
  }

  #choose(hello: TClientHelloData): HelloChoice | HelloRefusal | null {
    this.isChoosing = true;
    try {
      return chooseByHello(this.#socket, hello, this.#context, this.#session);
    } finally {
      this.isChoosing = false;
    }
  }
}

/** Collects what comes until it is a hello, or cannot become one. */
class HelloReader {
  #parts: Buffer[] = [];
  #size = 0;
  #wanted = RECORD_HEADER;

  /** Everything so far when it is worth a look, else null. Copies. */
  add(bytes: Uint8Array): Buffer | null {
    this.#parts.push(Buffer.from(bytes));
    this.#size += bytes.length;
    if (this.#size < this.#wanted) return null;
    const all = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [all];
    this.#wanted = endOfRecords(all);
    return all;
  }

  get isTooLong(): boolean {
    return this.#size > SIZE_LIMIT;
  }
}

// The first place at which a record ends that is not there yet: with less there is nothing new to
// see. (A hello in pieces of one byte would be read again for each of them.)
function endOfRecords(bytes: Buffer): number {
  let at = 0;
  while (at <= bytes.length) {
    if (at + RECORD_HEADER > bytes.length) return at + RECORD_HEADER;
    at += RECORD_HEADER + bytes.readUInt16BE(at + 3);
  }
  return at;
}

/** null: more is needed. */
function readHello(reader: HelloReader, bytes: Buffer): TClientHelloData | HelloRefusal | null {
  const parsed = parseClientHello(bytes);
  if (typeof parsed === 'object') return parsed;
  if (parsed === 'more' && !reader.isTooLong) return null;
  if (parsed === 'sslv2')
    return {
      alert: A.ALERT_PROTOCOL_VERSION,
      code: A.SSL_R_WRONG_VERSION_NUMBER,
      text: 'Error, wrong SSL version',
    };
  if (parsed !== 'notTls') return { alert: 0, code: 1, text: 'Error, client hello too long' };
  const { ErrCode, text } = A.refusalOf(bytes);
  return { alert: 0, code: ErrCode, text };
}

/**
 * Fires OnSslServerName, then OnSslAlpnSelect. null: the session is over, because a handler
 * closed it.
 */
function chooseByHello(
  socket: TCustomSslWSocket,
  hello: TClientHelloData,
  context: TSslContext,
  session: Closable,
): HelloChoice | HelloRefusal | null {
  socket.noteHello(hello);
  const named = hello.PunyServerName === '' ? context : askServerName(socket, hello, context);
  if (session.closed) return null;
  if ('alert' in named) return named;
  const alpn = hello.AlpnList === '' ? '' : askProtocol(socket, hello);
  if (session.closed) return null;
  return typeof alpn === 'string' ? { context: named, alpn } : alpn;
}

function askServerName(
  socket: TCustomSslWSocket,
  hello: TClientHelloData,
  context: TSslContext,
): TSslContext | HelloRefusal {
  const ctx: TVar<TSslContext | null> = { Value: null };
  const answer: TVar<TTlsExtError> = { Value: TTlsExtError.teeOk };
  const threw = !fire(socket, () => socket.TriggerSslServerName(ctx, answer));
  hello.SslTlsExtErr = answer.Value;
  if (threw || answer.Value === TTlsExtError.teeAlertFatal)
    return { alert: A.ALERT_UNRECOGNIZED_NAME, code: 1, text: 'Error, server name refused' };
  if (ctx.Value === null || !ctx.Value.IsCtxInitialized) return context;
  socket.SslContext = ctx.Value;
  return ctx.Value;
}

function askProtocol(socket: TCustomSslWSocket, hello: TClientHelloData): string | HelloRefusal {
  const chosen: TVar<string> = { Value: '' };
  const answer: TVar<TTlsExtError> = { Value: TTlsExtError.teeNoAck };
  const threw = !fire(socket, () => socket.TriggerSslAlpnSelect(chosen, answer));
  const { ALERT_NO_APPLICATION_PROTOCOL: alert } = A;
  if (threw || answer.Value === TTlsExtError.teeAlertFatal)
    return { alert, code: 1, text: 'Error, no application protocol' };
  if (answer.Value !== TTlsExtError.teeOk || chosen.Value === '') return '';
  return hello.alpnProtocols.includes(chosen.Value)
    ? chosen.Value
    : { alert, code: 1, text: 'Error, the application protocol chosen was not offered' };
}

/** An event of the handshake. False when it threw: that goes to the background exceptions. */
export function fire(socket: TCustomSslWSocket, event: () => void): boolean {
  try {
    event();
    return true;
  } catch (E) {
    if (!(E instanceof EAbort)) socket.HandleBackGroundException(E, 'TCustomSslWSocket.WndProc');
    return false;
  }
}
