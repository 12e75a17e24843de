// What scripts and steps call on the server, told to the model, with its answers checked.
import * as L from '../../lib';
import type { Driver } from './driver';
import { BANNER, CLOSED, LISTENING } from './model';
import { expect } from './rules';

const CALLS: Readonly<Record<string, (driver: Driver, a: number) => void>> = {
  DisconnectAll: disconnectAll,
  MaxClients: ({ model, server }, a) => (server.MaxClients = model.maxClients = a),
  Banner: ({ model, server }, a) => (server.Banner = model.banner = a === 1 ? BANNER : ''),
  serverClose: ({ server }) => server.Close(),
  serverAbort: ({ server }) => server.Abort(),
  serverCloseDelayed: closeDelayed,
  serverListen: listen,
  serverPause: pause,
  serverResume: resume,
  serverFree: free,
};

export function callServer(driver: Driver, verb: string, a: number): void {
  CALLS[verb]!(driver, a);
}

function disconnectAll({ model, server, judge }: Driver): void {
  const present = model.listed.filter((conn) => !conn.disconnecting && !conn.releasing);
  server.DisconnectAll();
  const left = present.filter((conn) => conn.phase !== 'gone' && !conn.disconnecting);
  const seen = (): string => left.map((conn) => conn.name).join(' ');
  judge(() => expect(left.length === 0, 'DisconnectAll: all of them gone', seen));
}

function closeDelayed({ model, server }: Driver): void {
  if (model.state !== LISTENING) return;
  model.closeDelayed = true;
  server.CloseDelayed();
}

function listen({ model, server, judge }: Driver): void {
  const possible = model.state === CLOSED;
  let code = 0;
  try {
    server.Listen();
  } catch (E) {
    if (!(E instanceof L.ESocketException)) throw E;
    code = E.ErrorCode;
  }
  const expected = possible ? 0 : 10022;
  judge(() => expect(code === expected, `Listen: ${expected}`, String(code)));
}

function pause({ model, server }: Driver): void {
  if (model.state === LISTENING) model.paused = true;
  server.Pause();
}

function resume({ model, server }: Driver): void {
  model.paused = false;
  server.Resume();
}

function free({ model, server }: Driver): void {
  model.serverFreed();
  server.Free();
}
