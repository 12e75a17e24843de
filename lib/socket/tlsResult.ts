// What a handshake came to: the peer's certificate is judged, the properties that tell about the
// session are filled in, and OnSslHandshakeDone fires (ICS: TriggerSslHandshakeDone).
import type { DetailedPeerCertificate } from 'node:tls';
import { certFromDer } from '../ssl/certMaterial';
import { TSslState } from '../ssl/sslTypes';
import { NO_AGREEMENT, agreementOf } from '../ssl/tlsAgreement';
import { writeKeyLog } from '../ssl/keyLog';
import { tlsErrorNumber, tlsErrorText } from '../ssl/alerts';
import { peerOfSession } from '../ssl/sessionPeer';
import type { TlsFacts } from '../ssl/tlsFacts';
import { TlsFilter } from '../ssl/tlsFilter';
import type { TSslContext } from '../ssl/TSslContext';
import { TX509Base } from '../ssl/TX509Base';
import * as V from '../ssl/verifyCodes';
import type { TVar } from '../types';
import type { SslProperties } from './SslProperties';
import type { TCustomSslWSocket } from './TCustomSslWSocket';
import { fire } from './tlsHello';
import type { TlsEngine } from '../ssl/tlsEngine';
import type { TlsSession } from './tlsSession';

const OK = V.X509_V_OK;
/** Codes about the end of the chain, and about the dates of a certificate. */
const LAST = new Set([
  V.X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
  V.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
]);
/** The peer's certificate and the root do not count for SslVerifyDepth. */
const ENDS_OF_CHAIN = 2;
/** SslCheckHostFlagsValue without any check. */
const NO_HOST_CHECK = -1;
const DATES = new Set([V.X509_V_ERR_CERT_HAS_EXPIRED, V.X509_V_ERR_CERT_NOT_YET_VALID]);
/** A chain is followed this far; the default of SslVerifyDepth is 9. */
const MAX_CHAIN = 100;

/**
 * How a peer is judged. Settled when the session begins: a context that is changed or freed in the
 * handshake must not let a stranger in.
 */
export interface PeerRules {
  readonly verifies: boolean;
  readonly requiresCert: boolean;
  readonly maxDepth: number;
  readonly checksHost: boolean;
}

export function rulesOf(context: TSslContext, isServer: boolean): PeerRules {
  return {
    verifies: isServer ? context.requestCert : context.SslVerifyPeer,
    requiresCert: !isServer || context.requireCert,
    maxDepth: context.SslVerifyDepth,
    checksHost: !isServer && context.SslCheckHostFlagsValue !== NO_HOST_CHECK,
  };
}

/** The handshake is complete: judged, told. */
export function finishedHandshake(
  socket: TCustomSslWSocket,
  session: TlsSession,
  facts: TlsFacts,
): void {
  socket.agreement = agreementOf(facts);
  if (session.rules?.verifies) {
    const refused = judge(socket, session, session.rules, facts);
    if (session.closed) return;
    if (refused !== '') {
      session.fail(1, refused);
      return;
    }
  }
  session.accept();
  socket.SslState = TSslState.sslEstablished;
  socket.SslHandshakeErr = 0;
  socket.SslHandshakeRespMsg = connectedText(socket);
  const disconnect: TVar<boolean> = { Value: false };
  try {
    socket.TriggerSslHandshakeDone(0, socket.SslPeerCert, disconnect);
  } catch (E) {
    socket.HandleBackGroundException(E, 'TriggerSslHandshakeDone');
  }
  if (!session.closed && disconnect.Value) socket.Close();
}

/** ErrCode and text of a handshake that Node's TLS gave up; null: the peer just left. */
export function failedHandshake(error: NodeJS.ErrnoException | null): {
  code: number;
  text: string;
} {
  if (error === null)
    return { code: 1, text: 'Error, SSL handshake failed, connection closed unexpectedly' };
  return { code: tlsErrorNumber(error), text: tlsErrorText(error) };
}

/** Before a handshake and after the session. */
export function clearResult(socket: SslProperties): void {
  socket.agreement = NO_AGREEMENT;
  socket.SslVerifyResult = -1;
  socket.SslState = TSslState.sslNone;
  socket.peerCert = null;
  socket.certChain = null;
}

function connectedText(socket: TCustomSslWSocket): string {
  const { SslVersion, SslCipher, SslKeyAuth, SslKeyExchange, SslEncryption } = socket;
  const exchange =
    SslKeyAuth === 'any' ? '' : `, key auth ${SslKeyAuth}, key exchange ${SslKeyExchange}`;
  return (
    `SSL Connected OK with ${SslVersion}, cipher ${SslCipher}${exchange}, ` +
    `encryption ${SslEncryption}, message auth ${socket.SslMessAuth}, group ${socket.SslGroupName}`
  );
}

// OnSslVerifyPeer for each certificate, root first. '' when the peer is accepted, else the reason.
function judge(
  socket: TCustomSslWSocket,
  session: TlsSession,
  rules: PeerRules,
  facts: TlsFacts,
): string {
  const chain = chainOf(facts);
  if (chain.length === 0) {
    socket.SslVerifyResult = OK;
    return rules.requiresCert ? 'Error, the peer showed no certificate' : '';
  }
  const code = verifyCode(socket, rules, facts, chain);
  socket.SslVerifyResult = code;
  socket.peerCert = chain[0]!;
  const blamed = blamedFor(code, chain);
  for (const cert of chain) socket.SslCertChain.AddItem(cert);
  for (let depth = chain.length - 1; depth >= 0; depth--) {
    const cert = chain[depth]!;
    cert.VerifyDepth = depth;
    cert.VerifyResult = cert === blamed ? code : OK;
    const ok: TVar<number> = { Value: cert.VerifyResult === OK ? 1 : 0 };
    try {
      socket.TriggerSslVerifyPeer(ok, cert);
    } catch (E) {
      ok.Value = 0; // a check that failed accepts nobody
      socket.HandleBackGroundException(E, 'TriggerSslVerifyPeer');
    }
    if (session.closed) return '';
    if (ok.Value !== 1)
      return `Error, ${V.IcsX509VerifyErrorToStr(cert.VerifyResult || V.X509_V_ERR_APPLICATION_VERIFICATION)}`;
  }
  return '';
}

function chainOf(facts: TlsFacts): TX509Base[] {
  const chain: TX509Base[] = [];
  const seen = new Set<string>();
  let next: DetailedPeerCertificate | undefined = facts.peerCertificate;
  while (next?.raw && chain.length < MAX_CHAIN && !seen.has(next.fingerprint256)) {
    seen.add(next.fingerprint256);
    chain.push(new TX509Base(null, certFromDer(next.raw)));
    next = next.issuerCertificate;
  }
  if (chain.length > 0 || !facts.isResumed) return chain;
  const resumed = peerOfSession(facts.session);
  return resumed ? [new TX509Base(null, resumed)] : [];
}

function verifyCode(
  socket: TCustomSslWSocket,
  rules: PeerRules,
  { verifyError: error }: TlsFacts,
  chain: readonly TX509Base[],
): number {
  if (error === undefined) return V.X509_V_ERR_UNSPECIFIED;
  if (error) return V.verifyCodeOf(error);
  if (chain.length - ENDS_OF_CHAIN > rules.maxDepth) return V.X509_V_ERR_CERT_CHAIN_TOO_LONG;
  const name = rules.checksHost ? socket.SslServerName : '';
  return name !== '' && !chain[0]!.PostConnectionCheck(name) ? V.X509_V_ERR_HOSTNAME_MISMATCH : OK;
}

// Node tells one result for the whole chain; ICS programs expect it at its certificate.
function blamedFor(code: number, chain: readonly TX509Base[]): TX509Base | null {
  if (code === OK) return null;
  const last = chain[chain.length - 1]!;
  if (LAST.has(code)) return last;
  if (DATES.has(code)) {
    const now = Date.now();
    const late = (cert: TX509Base): boolean =>
      cert.ValidNotAfter.getTime() < now || cert.ValidNotBefore.getTime() > now;
    return chain.find(late) ?? chain[0]!;
  }
  return chain[0]!;
}

/** Events of Node's TLS that belong to one session. */
export function watchSession(socket: TCustomSslWSocket, filter: TlsEngine): void {
  if (!(filter instanceof TlsFilter)) return; // made where nobody listens
  const tls = filter.socket;
  tls.on('session', (session: Buffer) => {
    filter.ask(() => fire(socket, () => socket.newClientSession(session)));
  });
  tls.on('OCSPResponse', (response: Buffer | null) => {
    socket.OcspStapleRaw = response;
  });
  const keyLog = socket.SslContext?.SslKeyLogFile ?? '';
  if (keyLog !== '') tls.on('keylog', (line: Buffer) => writeKeyLog(keyLog, line));
}
