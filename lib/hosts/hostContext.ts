// The settings of a host's TLS context besides its certificate (ICS: ValidateHosts): security level,
// client certificates, Diffie-Hellman parameters, session cache.
import { applySrvSecurity } from '../ssl/srvSecurity';
import { TSslCliCertMethod, TSslSessCacheMode, TSslVerifyPeerMode } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import { PEM_STRING_HDR_BEGIN, type HostServer } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

const { sslCliCertNone, sslCliCertOptional, sslCliCertRequire } = TSslCliCertMethod;
const SESSION_TIMEOUT_S = 300;
const SESSION_ID_CONTEXT = 'AnyStringForSessionCaching';

/** What server and host say together. ICS: where both say something, the milder one counts. */
export function clientCertMethod(
  server: TSslCliCertMethod,
  host: TSslCliCertMethod,
): TSslCliCertMethod {
  if (server === sslCliCertNone) return host;
  if (server === sslCliCertOptional || host === sslCliCertOptional) return sslCliCertOptional;
  return sslCliCertRequire;
}

/** Sets everything OnBeforeContextInit may want to change. */
export function setUpContext(server: HostServer, host: TIcsHost, context: TSslContext): void {
  applySrvSecurity(context, host.SslSrvSecurity, host);
  const method = clientCertMethod(server.SslCliCertMethod, host.CliCertMethod);
  context.SslSessionCacheModes = new Set([TSslSessCacheMode.sslSESS_CACHE_SERVER]);
  context.SslSessionTimeout = SESSION_TIMEOUT_S;
  // ICS: the same text everywhere. With client certificates the context finds a text of its own, so
  // that no session begun without one is resumed where one is a must.
  context.SslDefaultSessionIDContext = method === sslCliCertNone ? SESSION_ID_CONTEXT : '';
  setClientCert(context, method);
  // Without client certificates nobody is trusted: every root costs each context some 0.4 ms.
  setTrust(context, method === sslCliCertNone ? '' : server.RootCA);
  setDhParams(context, server.DHParams);
}

function setClientCert(context: TSslContext, method: TSslCliCertMethod): void {
  const { SslVerifyMode_PEER, SslVerifyMode_CLIENT_ONCE, SslVerifyMode_FAIL_IF_NO_PEER_CERT } =
    TSslVerifyPeerMode;
  const modes = new Set([SslVerifyMode_PEER, SslVerifyMode_CLIENT_ONCE]);
  if (method === sslCliCertRequire) modes.add(SslVerifyMode_FAIL_IF_NO_PEER_CERT);
  context.SslVerifyPeer = method !== sslCliCertNone;
  context.SslVerifyPeerModes = modes;
}

function setTrust(context: TSslContext, rootCa: string): void {
  context.UseSharedCAStore = false;
  const isPem = rootCa.includes(PEM_STRING_HDR_BEGIN);
  context.SslCAFile = isPem ? '' : rootCa;
  context.SslCALines.Text = isPem ? rootCa : '';
}

/** Behind OnBeforeContextInit: somebody must vouch for client certificates. */
export function completeTrust(context: TSslContext, rootCa: string): void {
  const { SslVerifyPeer, UseSharedCAStore, SslCAFile, SslCAPath, SslCALines } = context;
  const isComplete = UseSharedCAStore || SslCAFile !== '' || SslCAPath !== '';
  if (!SslVerifyPeer || isComplete || SslCALines.Count > 0) return;
  if (rootCa === '') context.UseSharedCAStore = true;
  else setTrust(context, rootCa);
}

function setDhParams(context: TSslContext, dhParams: string): void {
  const isPem = dhParams.includes(PEM_STRING_HDR_BEGIN);
  const file = isPem ? '' : dhParams;
  if (context.SslDHParamFile !== file) context.SslDHParamFile = file;
  context.SslDHParamLines.Text = isPem ? dhParams : '';
}
