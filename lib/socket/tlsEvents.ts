// Events of Node's TLS that a server of Node gets for all its connections: sessions to store and to
// resume, OCSP responses to staple. Each is given to the socket whose bytes are being processed.
// Node's TLS waits for the answer, so the application is asked outside of it.
import type { Server } from 'node:tls';
import { currentFilter } from '../ssl/tlsFilter';
import type { TVar } from '../types';
import { TCustomSslWSocket } from './TCustomSslWSocket';
import { fire } from './tlsHello';

type Reply = (error: Error | null, data: Buffer | null) => void;

const known = new WeakSet<Server>();

/** The context's server for sessions with such events; its listeners are added once. */
export function withSessionEvents(server: Server): Server {
  if (known.has(server)) return server;
  known.add(server);
  server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
    ask(
      (socket) => socket.TriggerSslSvrNewSession(session, id, { Value: true }),
      () => done(),
    );
  });
  server.on('resumeSession', (id: Buffer, reply: Reply) => {
    const session: TVar<Buffer | null> = { Value: null };
    ask(
      (socket) => socket.TriggerSslSvrGetSession(session, id),
      () => reply(null, session.Value),
    );
  });
  server.on('OCSPRequest', (_cert: Buffer, _issuer: Buffer, reply: Reply) => {
    const socket = currentFilter()?.tag;
    reply(null, socket instanceof TCustomSslWSocket ? socket.OcspStapleRaw : null);
  });
  return server;
}

// An answer is always given, or the handshake would wait for ever.
function ask(event: (socket: TCustomSslWSocket) => void, answer: () => void): void {
  const filter = currentFilter();
  const socket = filter?.tag;
  if (!filter || !(socket instanceof TCustomSslWSocket)) {
    answer();
    return;
  }
  filter.ask(() => {
    fire(socket, () => event(socket));
    filter.enter(answer);
  });
}
