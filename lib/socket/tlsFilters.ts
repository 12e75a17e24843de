// The TLS filter of a socket, made from its properties and its context; for servers with the events
// about stored sessions. Node's TLS waits for the answers, so the application is asked outside of it.
import type { Server } from 'node:tls';
import { DirectFilter } from '../ssl/directFilter';
import { nodeTls } from '../ssl/nodeTls';
import type { ServerSession, TlsEngine, TlsOwner } from '../ssl/tlsEngine';
import { TlsFilter } from '../ssl/tlsFilter';
import type { TSslContext } from '../ssl/TSslContext';
import type { TVar } from '../types';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { type Closable, fire } from './tlsHello';

type Reply = (error: Error | null, data: Buffer | null) => void;

/** null: the session is over, because a handler closed it. */
export function clientFilter(
  owner: TlsOwner & Closable,
  socket: TCustomSslWSocket,
  context: TSslContext,
): TlsFilter | null {
  const session = socket.sessionToResume();
  if (owner.closed) return null;
  const identity = context.hasCertificate ? null : socket.certToShow();
  if (owner.closed) return null;
  return TlsFilter.client(owner, {
    context: context.secureContext(identity),
    serverName: socket.SslServerName,
    alpn: context.alpnProtocols,
    requestOCSP: context.SslOcspStatus,
    session,
  });
}

/** `alpn`: the protocol to answer with, '' for none. */
export function serverFilter(
  owner: TlsOwner,
  socket: TCustomSslWSocket,
  context: TSslContext,
  alpn: string,
): TlsEngine {
  const session: ServerSession = {
    context: context.secureContext(),
    requestCert: context.requestCert,
    requireCert: context.requireCert,
    alpn,
  };
  const stores = socket.wantsSessionEvents();
  const watched = stores || (socket.SslContext?.SslKeyLogFile ?? '') !== '';
  const node = watched ? null : nodeTls();
  if (node) return new DirectFilter(owner, node, session);
  const events = stores ? new SessionEvents(socket) : null;
  const { engine } = context;
  const filter = TlsFilter.server(owner, session, events ? events.serverOf(engine) : engine);
  if (events) events.filter = filter;
  return filter;
}

/** What Node tells its server about sessions is given to the one socket it is about. */
class SessionEvents {
  filter: TlsFilter | null = null;
  readonly #socket: TCustomSslWSocket;

  constructor(socket: TCustomSslWSocket) {
    this.#socket = socket;
  }

  /** The engine, as this session sees it: its events end here. */
  serverOf(engine: Server): Server {
    const emit = (event: string, ...args: unknown[]): boolean => this.#emit(event, args);
    const listenerCount = (event: string): number => (this.#handles(event) ? 1 : 0);
    return Object.assign(Object.create(engine) as Server, { emit, listenerCount });
  }

  #handles(event: string): boolean {
    if (event === 'OCSPRequest') return this.#socket.OcspStapleRaw !== null;
    return event === 'newSession' || event === 'resumeSession';
  }

  #emit(event: string, args: unknown[]): boolean {
    const socket = this.#socket;
    if (event === 'newSession') {
      const [id, session, done] = args as [Buffer, Buffer, () => void];
      this.#ask(() => socket.TriggerSslSvrNewSession(session, id, { Value: true }), done);
    } else if (event === 'resumeSession') {
      const [id, reply] = args as [Buffer, Reply];
      const session: TVar<Buffer | null> = { Value: null };
      const event = (): void => socket.TriggerSslSvrGetSession(session, id);
      this.#ask(event, () => reply(null, session.Value));
    } else if (event === 'OCSPRequest') {
      const [, , reply] = args as [unknown, unknown, Reply];
      reply(null, socket.OcspStapleRaw);
    }
    return this.#handles(event);
  }

  // An answer is always given, or the handshake would wait for ever.
  #ask(event: () => void, answer: () => void): void {
    const { filter } = this;
    if (filter === null) {
      answer();
      return;
    }
    filter.ask(() => {
      fire(this.#socket, event);
      filter.enter(answer);
    });
  }
}
