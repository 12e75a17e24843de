// The TLS contexts of the small web server: one for its pages, one for each challenge it answers.
import type { TComponent } from '../base/TComponent';
import { makeSelfSigned } from '../ssl/selfSigned';
import { applySrvSecurity } from '../ssl/srvSecurity';
import { TCertReadOpt, TChainResult, TSslSrvSecurity } from '../ssl/sslTypes';
import { TSslContext } from '../ssl/TSslContext';
import { TX509List } from '../ssl/TX509List';
import { WSocketIsIP } from '../socket/ipText';
import type { TVar } from '../types';

/** ICS tries it for challenge certificates, whose files live a few minutes. */
const CHALLENGE_PASSWORD = 'password';

export interface PageCertificate {
  readonly bundle: string;
  readonly password: string;
  readonly hostName: string;
  readonly security: TSslSrvSecurity;
}

/** Initialises the context; without a bundle with a new self-signed certificate. Raises. */
export function initPageContext(context: TSslContext, from: PageCertificate): void {
  applySrvSecurity(context, from.security);
  const certificate = context.SslCertX509;
  certificate.ClearAll();
  if (from.bundle === '') {
    const host = from.hostName || 'localhost';
    const { cert, key } = makeSelfSigned(isAddress(host) ? { ips: [host] } : { names: [host] });
    certificate.X509 = cert;
    certificate.PrivateKey = key;
  } else {
    const { croYes, croTry } = TCertReadOpt;
    certificate.LoadFromFile(from.bundle, croYes, croTry, from.password);
  }
  context.InitContext();
}

function isAddress(host: string): boolean {
  return WSocketIsIP(host);
}

/** What is wrong with the chain of the certificate, by the roots of a file; '' for nothing. */
export function chainProblem(context: TSslContext, host: string, rootFile: string): string {
  const roots = new TX509List(null);
  try {
    roots.LoadAllFromFile(rootFile);
    const error: TVar<string> = { Value: '' };
    const certificate = context.SslCertX509;
    const result = certificate.ValidateCertChain(host, roots.Items, { Value: '' }, error);
    return result === TChainResult.chainOK ? '' : error.Value;
  } finally {
    roots.Free();
  }
}

/** The context that shows the certificate of a tls-alpn-01 challenge. The owner frees it. Raises. */
export function challengeContext(owner: TComponent, certFile: string): TSslContext {
  const context = new TSslContext(owner);
  try {
    applySrvSecurity(context, TSslSrvSecurity.sslSrvSecHigh);
    const { croYes, croNo } = TCertReadOpt;
    context.SslCertX509.LoadFromFile(certFile, croYes, croNo, CHALLENGE_PASSWORD);
    context.InitContext();
    return context;
  } catch (E) {
    context.Free();
    throw E;
  }
}
