// Sending (ICS: Send, TryToSend, the send buffer). Everything is accepted at once; what the kernel
// does not take waits in the core's send queue.
//
//  - Outside the dispatch of the socket's own input, and for the first Send of a dispatch when no
//    further input waits, the kernel is tried at once.
//  - Otherwise output is collected and written with one system call at the end of the dispatch.
import * as E from '../errors';
import {
  ARG_FLAGS,
  ARG_HANDLE,
  INFO_COUNT,
  INFO_QUEUED,
  INFO_RETRY,
  INFO_WRITTEN,
  SEND_QUEUE,
  TEXT_APPEND,
  TEXT_QUEUE,
  native,
} from '../native';
import { callInfo, flushLater, post } from '../pump/reactor';
import { TSocketState, TWSocketOption } from '../types';
import type { TCustomWSocket } from './TCustomWSocket';
import { closeNow, finishClosing } from './close';
import { afterDatagram } from './datagram';
import { WM_ICS_DATA_SENT } from './messages';
import { retryLater } from './retry';
import * as F from './socketFlags';

const { send: nativeSend, sendText: nativeSendText, flush: nativeFlush } = native;

/** Send errors after which the connection is over. */
const FATAL: ReadonlySet<number> = new Set([
  E.WSAECONNRESET,
  E.WSAENOTSOCK,
  E.WSAENOTCONN,
  E.WSAEINVAL,
  E.WSAECONNABORTED,
  E.WSAESHUTDOWN,
  E.WSAETIMEDOUT,
  E.WSAEHOSTUNREACH,
  E.WSAENETUNREACH,
]);

/** Length accepted, or -1 when the socket cannot send (LastError; raises unless told not to). */
export function sendBytes(
  socket: TCustomWSocket,
  data: Uint8Array,
  offset: number,
  size: number,
): number {
  if (!maySend(socket) || !fitsQueue(socket, size)) return -1;
  if (size <= 0) return sendNothing(socket);
  if (socket.flags & F.DATAGRAM)
    return afterDatagram(socket, nativeSend(socket.socketHandle, data, offset, size, 0), size);
  if (socket.flags & F.FILTERED) return sendFiltered(socket, partOf(data, offset, size));
  const append = collects(socket);
  const result = nativeSend(socket.socketHandle, data, offset, size, append);
  return afterSend(socket, result, append) ? size : -1;
}

/** The same for text: UTF-8, or one byte per character with latin1 = TEXT_LATIN1. */
export function sendText(socket: TCustomWSocket, text: string, latin1: number): number {
  if (!maySend(socket)) return -1;
  if (text === '') return 0;
  if (socket.sendQueueLimit > 0 && !fitsQueue(socket, textSize(text, latin1))) return -1;
  if (socket.flags & F.FILTERED) return sendFiltered(socket, textBytes(text, latin1));
  if (socket.flags & F.DATAGRAM) {
    const bytes = textToCore(socket, text, latin1);
    return afterDatagram(socket, bytes, bytes);
  }
  const append = collects(socket);
  const size = textToCore(socket, text, latin1 | (append ? TEXT_APPEND : 0));
  if (!afterSend(socket, size, append)) return -1;
  return size < 0 ? textSize(text, latin1) : size; // ICS: the length it had accepted
}

function textToCore(socket: TCustomWSocket, text: string, flags: number): number {
  callInfo[ARG_HANDLE] = socket.socketHandle;
  callInfo[ARG_FLAGS] = flags;
  nativeSendText(text);
  return callInfo[INFO_COUNT]!;
}

/** Sends bytes that are not the application's: no event tells of them. 0 or the error. */
export function sendHidden(socket: TCustomWSocket, data: Uint8Array): number {
  const result = nativeSend(socket.socketHandle, data, 0, data.length, 0);
  if (result < 0) return E.wsaFromSocketErrno(-result);
  noteQueue(socket);
  return 0;
}

/** Queues without a transmission attempt (ICS: PutDataInSendBuffer). */
export function queueBytes(socket: TCustomWSocket, data: Uint8Array, size: number): void {
  if (size <= 0 || !mayQueue(socket) || !fitsQueue(socket, size)) return;
  if (socket.flags & F.FILTERED) {
    sendFiltered(socket, partOf(data, 0, size));
    return;
  }
  if (socket.flags & F.DATAGRAM)
    afterDatagram(socket, nativeSend(socket.socketHandle, data, 0, size, 0), size);
  else afterQueue(socket, nativeSend(socket.socketHandle, data, 0, size, SEND_QUEUE));
}

export function queueText(socket: TCustomWSocket, text: string, latin1: number): number {
  if (text === '' || !mayQueue(socket)) return 0;
  if (socket.sendQueueLimit > 0 && !fitsQueue(socket, textSize(text, latin1))) return -1;
  if (socket.flags & F.FILTERED) return sendFiltered(socket, textBytes(text, latin1));
  if (socket.flags & F.DATAGRAM) {
    const bytes = textToCore(socket, text, latin1);
    return afterDatagram(socket, bytes, bytes);
  }
  const size = textToCore(socket, text, latin1 | TEXT_QUEUE);
  return afterQueue(socket, size) ? size : -1;
}

// Through the TLS session: it takes everything at once, as the send queue does.
function sendFiltered(socket: TCustomWSocket, bytes: Uint8Array): number {
  const handle = socket.socketHandle;
  socket.filterWrite(bytes);
  if (socket.socketHandle === handle && socket.queued > socket.sendQueueHigh) aboveHigh(socket);
  return bytes.length;
}

// subarray() of a Buffer costs more.
function partOf(data: Uint8Array, offset: number, size: number): Uint8Array {
  if (size === data.length) return data;
  return new Uint8Array(data.buffer, data.byteOffset + offset, size);
}

function textBytes(text: string, latin1: number): Buffer {
  return Buffer.from(text, latin1 ? 'latin1' : 'utf8');
}

// Before the connection is there as well: what is queued goes out behind OnSessionConnected.
function mayQueue(socket: TCustomWSocket): boolean {
  const { state } = socket;
  if (socket.socketHandle === 0 || socket.flags & F.NEGOTIATING) return false;
  return (
    state === TSocketState.wsConnected ||
    state === TSocketState.wsSocksConnected ||
    state === TSocketState.wsConnecting
  );
}

function textSize(text: string, latin1: number): number {
  return latin1 ? text.length : Buffer.byteLength(text);
}

function maySend(socket: TCustomWSocket): boolean {
  const { state } = socket;
  const ready = state === TSocketState.wsConnected || state === TSocketState.wsSocksConnected;
  const connected = ready && !(socket.flags & F.NEGOTIATING);
  if (connected && !(socket.flags & F.SEND_SHUT)) return true;
  return refuse(socket, connected ? E.WSAESHUTDOWN : E.WSAENOTCONN);
}

function fitsQueue(socket: TCustomWSocket, size: number): boolean {
  const limit = socket.sendQueueLimit;
  if (limit <= 0 || socket.queued + size <= limit) return true;
  // What was only collected does not count: the kernel may take it.
  if (socket.flags & F.COALESCED) flushQueue(socket);
  if (socket.socketHandle === 0) return refuse(socket, E.WSAENOTCONN);
  return socket.queued + size <= limit || refuse(socket, E.WSAENOBUFS);
}

function refuse(socket: TCustomWSocket, code: number): false {
  socket.LastError = code;
  if (!socket.hasOption(TWSocketOption.wsoNoSendException)) socket.SocketError('Send', code);
  return false;
}

// ICS completes a Send of nothing like any other: the caller gets its OnDataSent.
function sendNothing(socket: TCustomWSocket): number {
  if (socket.queued === 0) drained(socket);
  return 0;
}

/** 1 when this Send belongs to the output that is written at the end of the dispatch. */
function collects(socket: TCustomWSocket): number {
  const { flags } = socket;
  if (!(flags & F.IN_DISPATCH) || !socket.CoalesceSends) return 0;
  if (flags & (F.MORE_INPUT | F.COALESCED | F.SENT_IN_DISPATCH)) return 1;
  socket.flags |= F.SENT_IN_DISPATCH;
  return socket.queued > 0 ? 1 : 0;
}

/** What is queued goes out at the end of the dispatch. */
export function coalesce(socket: TCustomWSocket): void {
  if (socket.flags & F.COALESCED) return;
  socket.flags |= F.COALESCED;
  flushLater(socket);
}

function afterSend(socket: TCustomWSocket, result: number, append: number): boolean {
  if (result < 0) return sendFailed(socket, -result);
  const handle = socket.socketHandle;
  const written = noteQueue(socket);
  if (append) coalesce(socket);
  try {
    if (written > 0) socket.TriggerSendData(written);
  } finally {
    if (socket.socketHandle === handle && socket.queued === 0 && !append) drained(socket);
  }
  if (socket.socketHandle === handle && socket.queued > socket.sendQueueHigh) aboveHigh(socket);
  return true;
}

function afterQueue(socket: TCustomWSocket, result: number): boolean {
  if (result < 0) return sendFailed(socket, -result);
  noteQueue(socket);
  if (socket.flags & (F.CLOSE_WHEN_SENT | F.END_WHEN_SENT)) flushSoon(socket);
  if (socket.queued > socket.sendQueueHigh) tellHigh(socket);
  return true;
}

/** A close waits for the queue: what a handler has only queued goes out without a further Send. */
export function flushSoon(socket: TCustomWSocket): void {
  if (socket.flags & F.DATA_SENT_QUEUED) return;
  socket.flags |= F.DATA_SENT_QUEUED;
  post(socket, WM_ICS_DATA_SENT);
}

function noteQueue(socket: TCustomWSocket): number {
  socket.queued = callInfo[INFO_QUEUED]! + socket.plainQueued;
  const written = callInfo[INFO_WRITTEN]!;
  if (callInfo[INFO_RETRY]) retryLater(socket, F.RETRYING, flushAgain);
  return written;
}

const flushAgain = (socket: TCustomWSocket): void => socket.flushCoalesced();

/** True when the connection was over (and is closed now): the data counts as accepted. */
function sendFailed(socket: TCustomWSocket, errno: number): boolean {
  const code = E.wsaFromSocketErrno(errno);
  if (FATAL.has(code)) {
    closeNow(socket, code);
    socket.LastError = code;
    return true;
  }
  if (code === E.WSAENOBUFS) return refuse(socket, code);
  socket.SocketError('TryToSend failed', code);
  return false;
}

/** Writes what is queued; OnDataSent follows from the queue when everything is out. */
export function flushQueue(socket: TCustomWSocket): void {
  const handle = socket.socketHandle;
  if (handle === 0 || socket.state === TSocketState.wsConnecting) return;
  const result = nativeFlush(handle);
  if (result < 0) {
    sendFailed(socket, -result);
    return;
  }
  const written = noteQueue(socket);
  const hidden = socket.flags & (F.NEGOTIATING | F.TLS_HANDSHAKE);
  try {
    if (written > 0 && !hidden) socket.TriggerSendData(written);
  } finally {
    // Whatever OnSendData throws: a CloseDelayed may be waiting for this.
    if (socket.socketHandle === handle && socket.queued === 0) drained(socket);
  }
  if (socket.socketHandle === handle && socket.flags & F.ABOVE_HIGH) belowLow(socket);
}

/** The kernel has room again (FD_WRITE). */
export function writable(socket: TCustomWSocket): void {
  flushQueue(socket);
}

/** The queue is empty: OnDataSent comes from the message queue, once. */
export function drained(socket: TCustomWSocket): void {
  if (socket.flags & (F.DATA_SENT_QUEUED | F.TLS_HANDSHAKE)) return;
  const closing = socket.flags & (F.CLOSE_WHEN_SENT | F.END_WHEN_SENT);
  if (!closing && !socket.wantsDataSent()) return;
  socket.flags |= F.DATA_SENT_QUEUED;
  post(socket, WM_ICS_DATA_SENT);
}

/**
 * OnDataSent from the queue, unless something was queued meanwhile: then the drain fires it, and a
 * connection that is closing writes it.
 */
export function dataSent(socket: TCustomWSocket): void {
  if (!(socket.flags & F.DATA_SENT_QUEUED)) return; // of an earlier connection
  socket.flags &= ~F.DATA_SENT_QUEUED;
  const handle = socket.socketHandle;
  if (handle === 0 || socket.state !== TSocketState.wsConnected) return;
  if (socket.queued > 0) {
    if (socket.flags & (F.CLOSE_WHEN_SENT | F.END_WHEN_SENT)) flushQueue(socket);
    return;
  }
  try {
    if (!(socket.flags & (F.NEGOTIATING | F.TLS_HANDSHAKE))) socket.TriggerDataSent(0);
  } finally {
    const added = socket.queued > 0 || (socket.flags & F.DATA_SENT_QUEUED) !== 0;
    if (socket.socketHandle === handle && !added) finishClosing(socket);
  }
}

function aboveHigh(socket: TCustomWSocket): void {
  if (socket.flags & F.ABOVE_HIGH) return;
  if (socket.flags & F.COALESCED) {
    flushQueue(socket);
    if (socket.queued <= socket.sendQueueHigh) return;
  }
  tellHigh(socket);
}

function tellHigh(socket: TCustomWSocket): void {
  if (socket.flags & F.ABOVE_HIGH) return;
  socket.flags |= F.ABOVE_HIGH;
  socket.TriggerSendQueueHigh(socket.queued);
}

function belowLow(socket: TCustomWSocket): void {
  if (socket.queued > socket.SendQueueLow) return;
  socket.flags &= ~F.ABOVE_HIGH;
  socket.TriggerSendQueueLow(socket.queued);
}
