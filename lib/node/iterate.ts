// for await over what a server and a connection bring: clients(server) and lines(client).
import { ESocketException, EIcsException, WSAEMSGSIZE } from '../errors';
import type { TCustomWSocketServer } from '../server/TCustomWSocketServer';
import type { TWSocketClient } from '../server/TWSocketClient';
import type { TCustomLineWSocket } from '../socket/TCustomLineWSocket';
import { AbortError } from './AbortError';
import { type SignalOption, onAbort, onFree, socketFailure } from './endings';
import { listenTo } from './events';
import { type AttachedIterator, PullIterator } from './PullIterator';
import { claimInput } from './readers';

export interface ClientsOptions extends SignalOption {
  /** Clients that may wait for the loop; then the server pauses. Default 256. */
  limit?: number | undefined;
}

const DEFAULT_LIMIT = 256;
// eslint-disable-next-line no-control-regex -- all of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/**
 * The clients of a server, each as OnClientConnect announces it with Error 0, from now on. C is the
 * server's ClientClass. A client that has to wait for the loop is paused meanwhile unless it has an
 * OnDataAvailable; one that goes before its turn is left out.
 *
 * Ends when the server closes or is freed; throws AbortError. Breaking off leaves server and clients
 * as they are.
 */
export function clients<C extends TWSocketClient = TWSocketClient>(
  server: TCustomWSocketServer,
  options: ClientsOptions = {},
): AttachedIterator<C> {
  const { signal } = options;
  const limit = Math.max(1, options.limit ?? DEFAULT_LIMIT);
  const stops: (() => void)[] = [];
  let hasPaused = false;
  const resume = (): void => {
    if (!hasPaused) return;
    hasPaused = false;
    server.Resume();
  };
  const release = (client: C): boolean => {
    if (!client.isDestroyed) client.Resume();
    return !client.isDestroyed;
  };
  const iterator: PullIterator<C> = new PullIterator<C>({
    want: resume,
    take: release,
    stop: (left) => {
      for (const stop of stops) stop();
      for (const client of left) release(client);
      resume();
    },
  });
  stops.push(
    listenTo(server, 'ClientConnect', (_server, client, ErrCode) => {
      if (ErrCode !== 0 || client.isDestroyed) return undefined;
      if (iterator.isWanted) {
        iterator.give(client as C);
        return Promise.resolve(); // the loop goes on before the client's first event
      }
      if (client.OnDataAvailable === null) client.Pause();
      iterator.give(client as C);
      if (iterator.waiting >= limit && !hasPaused) {
        hasPaused = true;
        server.Pause();
      }
      return undefined;
    }),
    listenTo(server, 'SessionClosed', () => iterator.end()),
    onFree(server, () => iterator.end()),
  );
  if (server.isDestroyed) iterator.end();
  endBySignal(iterator, signal, stops);
  return iterator;
}

/**
 * The lines of a connection, without LineEnd. Switches LineMode on until it ends. Nothing is read
 * before the loop asks for it: while it works, the connection is paused, and after a `break` the next
 * reader finds everything behind the last line.
 *
 * What the peer sent behind its last LineEnd is the last line. Ends when the connection is closed or
 * freed, and with HalfClose at the peer's FIN. Throws ESocketException when the connection breaks
 * (its number) and when a line passes LineLimit (10040), AbortError, and what claimInput throws.
 */
export function lines(
  client: TCustomLineWSocket,
  options: SignalOption = {},
): AttachedIterator<string> {
  if (client.LineEnd === '') throw new EIcsException('lines: LineEnd is empty', 'ELINEEND');
  const stops = [claimInput(client, 'lines')];
  const { LineMode } = client;
  const iterator = new PullIterator<string>({
    want: () => client.Resume(),
    take: () => true,
    stop: () => {
      for (const stop of stops) stop();
      client.LineMode = LineMode;
      client.Resume();
    },
  });
  stops.push(
    listenTo(client, 'DataAvailable', () => {
      if (!iterator.isWanted) {
        client.Pause();
        return undefined;
      }
      iterator.give(readLine(client));
      return Promise.resolve(); // the loop asks for the next line before the next event
    }),
    listenTo(client, 'LineLimitExceeded', () => iterator.fail(lineTooLong(client))),
    listenTo(client, 'PeerShutdown', () => iterator.end()),
    listenTo(client, 'SessionClosed', (_client, ErrCode) => {
      if (ErrCode === 0) iterator.end();
      else iterator.fail(socketFailure(client, ErrCode, 'lines'));
    }),
    onFree(client, () => iterator.end()),
  );
  client.LineMode = true;
  client.Pause(); // until somebody asks
  endBySignal(iterator, options.signal, stops);
  return iterator;
}

function endBySignal<T>(
  iterator: PullIterator<T>,
  signal: AbortSignal | undefined,
  stops: (() => void)[],
): void {
  if (!signal) return;
  if (signal.aborted) iterator.abandon(new AbortError(signal));
  else stops.push(onAbort(signal, () => iterator.abandon(new AbortError(signal))));
}

function lineTooLong(client: TCustomLineWSocket): ESocketException {
  const text = `A line is longer than LineLimit (${client.LineLimit} bytes)`;
  return new ESocketException(text, WSAEMSGSIZE, '', '', 'lines');
}

/** The current line without its end; at the end of the connection it has none. */
function readLine(client: TCustomLineWSocket): string {
  const { LineEnd } = client;
  if (!ASCII.test(LineEnd)) {
    const bytes = restOfLine(client);
    const end = Buffer.from(LineEnd, 'latin1');
    const hasEnd = bytes.subarray(-end.length).equals(end);
    return bytes.toString('utf8', 0, bytes.length - (hasEnd ? end.length : 0));
  }
  let text = client.ReceiveStr();
  if (!text.endsWith(LineEnd)) text += restOfLine(client).toString();
  return text.endsWith(LineEnd) ? text.slice(0, -LineEnd.length) : text;
}

function restOfLine(client: TCustomLineWSocket): Buffer {
  const parts: Buffer[] = [];
  while (client.LineLength > 0) {
    const part = client.ReceiveTB();
    if (part.length === 0) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
