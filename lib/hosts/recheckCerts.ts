// Looks after the certificates of all hosts while the server runs (ICS: RecheckSslCerts): files that
// have changed are loaded, the others checked again.
import { ESocketException } from '../errors';
import { TChainResult } from '../ssl/sslTypes';
import { sourceName } from './certSource';
import type { HostServer } from './hostTypes';
import { loadHostCert } from './loadHostCert';
import type { ValidateOptions } from './validateHosts';

const CRLF = '\r\n';

export interface Recheck {
  /** At least one host has another certificate. */
  readonly loaded: boolean;
  readonly text: string;
}

/** Raises ESocketException with stop1stErr, unless noExceptions is set. */
export function recheckCerts(server: HostServer, options: ValidateOptions): Recheck {
  const { stop1stErr, noExceptions, allowSelfSign } = options;
  let loaded = false;
  let text = '';
  if (server.NoSSL) return { loaded, text };
  for (const [hostNr, host] of [...server.IcsHosts].entries()) {
    if (server.isDestroyed || host.isDestroyed) break;
    if (!host.HostEnabled || (host.BindSslPort === 0 && !host.AuthSslCmd)) continue;
    const request = { hostNr, force: false, allowSelfSign, initialising: false };
    const { ok, isNew } = loadHostCert(server, request);
    const { certErrs, certValRes } = host.state;
    if (certValRes !== TChainResult.chainOK)
      text += `Host #${hostNr} ${host.HostNames.Strings[0] ?? ''}, ${certErrs}${CRLF}`;
    if (isNew) {
      text += `Loaded new SSL certificate: ${sourceName(host.SslCert)}${CRLF}`;
      loaded = true;
    }
    if (ok || !stop1stErr) continue;
    if (noExceptions) break;
    throw new ESocketException(certErrs);
  }
  return { loaded, text };
}
