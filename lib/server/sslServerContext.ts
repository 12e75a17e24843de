// Settings of a TLS server that end up in its context: client certificates, DH parameters.
import { TSslCliCertMethod, TSslVerifyPeerMode } from '../ssl/sslTypes';
import type { TSslContext } from '../ssl/TSslContext';
import type { TSslWSocketServer } from './TSslWSocketServer';

const PEM = '-----BEGIN';

/** Changes the context only where the server says something, and initialises it anew then. */
export function applyServerSettings(server: TSslWSocketServer): void {
  const context = server.SslContext;
  if (context === null) return;
  const wanted = server.SslCliCertMethod !== TSslCliCertMethod.sslCliCertNone;
  if (!wanted && server.DHParams === '') return;
  if (wanted) askForCertificates(context, server);
  if (server.DHParams !== '') {
    if (server.DHParams.includes(PEM)) context.SslDHParamLines.Text = server.DHParams;
    else context.SslDHParamFile = server.DHParams;
  }
  if (context.IsCtxInitialized) context.InitContext();
}

function askForCertificates(context: TSslContext, server: TSslWSocketServer): void {
  context.SslVerifyPeer = true;
  context.SslVerifyPeerModes = new Set([TSslVerifyPeerMode.SslVerifyMode_PEER]);
  if (server.SslCliCertMethod === TSslCliCertMethod.sslCliCertRequire)
    context.SslVerifyPeerModes.add(TSslVerifyPeerMode.SslVerifyMode_FAIL_IF_NO_PEER_CERT);
  if (server.RootCA === '') return;
  if (server.RootCA.includes(PEM)) {
    context.SslCAFile = '';
    context.SslCALines.Text = server.RootCA;
  } else {
    context.SslCAFile = server.RootCA;
  }
}
