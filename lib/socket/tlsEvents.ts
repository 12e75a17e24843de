// Events of Node's TLS that a server of Node gets for all its connections: sessions to store and to
// resume, OCSP responses to staple. Each is given to the socket whose bytes are being processed.
// They run inside Node's TLS code: an exception of a handler ends here.
import type { Server } from 'node:tls';
import { currentFilter } from '../ssl/tlsFilter';
import type { TVar } from '../types';
import { TCustomSslWSocket } from './TCustomSslWSocket';

type Reply = (error: Error | null, data: Buffer | null) => void;

const known = new WeakSet<Server>();

/** The context's server for sessions with such events; its listeners are added once. */
export function withSessionEvents(server: Server): Server {
  if (known.has(server)) return server;
  known.add(server);
  server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
    give((socket) => socket.TriggerSslSvrNewSession(session, id, { Value: true }));
    done();
  });
  server.on('resumeSession', (id: Buffer, reply: Reply) => {
    const session: TVar<Buffer | null> = { Value: null };
    give((socket) => socket.TriggerSslSvrGetSession(session, id));
    reply(null, session.Value);
  });
  server.on('OCSPRequest', (_cert: Buffer, _issuer: Buffer, reply: Reply) => {
    let response: Buffer | null = null;
    give((socket) => {
      response = socket.OcspStapleRaw;
    });
    reply(null, response);
  });
  return server;
}

function give(event: (socket: TCustomSslWSocket) => void): void {
  const socket = currentFilter()?.tag;
  if (!(socket instanceof TCustomSslWSocket)) return;
  try {
    event(socket);
  } catch (E) {
    socket.tellTlsException(E);
  }
}
