// Whether a host's certificate may be ordered, and by whom (ICS: OrderCert). The order itself is the
// work of SslX509Certs.
import { reasonOf } from '../ssl/sslErrors';
import { TSupplierProto } from './hostEnums';
import { type HostServer } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

/** Longest text of an order in CertErrs. */
const MAX_TEXT = 1000;

/** Is everything set for orders? */
export function mayOrder(server: HostServer, host: TIcsHost): boolean {
  const { SslCertAutoOrder, SslX509Certs } = server;
  return (
    SslCertAutoOrder &&
    SslX509Certs !== null &&
    host.CertSupplierProto > TSupplierProto.SuppProtoNone
  );
}

/** '' when an order was started, else the reason; '' is never the answer without a host. */
export function orderHostCert(server: HostServer, hostNr: number): string {
  const { SslCertAutoOrder, SslX509Certs, IcsHosts } = server;
  if (!SslCertAutoOrder) return 'Server Certificate Ordering Disabled';
  if (SslX509Certs === null) return 'Server Does Not Support Certificate Ordering';
  try {
    const host = IcsHosts.Items[hostNr]!;
    return SslX509Certs.OrderHost(server, host, hostNr, listenerOf(host));
  } catch (error) {
    return reasonOf(error) || 'Failed to Order New Certificate';
  }
}

/** Has a good certificate replaced if the authority wants it. A reason why not is of no interest. */
export function renewHostCert(server: HostServer, hostNr: number): void {
  const { SslX509Certs, IcsHosts } = server;
  const host = IcsHosts.Items[hostNr]!;
  try {
    SslX509Certs?.RenewHost?.(server, host, hostNr, listenerOf(host));
  } catch (error) {
    SslX509Certs?.LogEvent(reasonOf(error));
  }
}

/** What is told of an order stands at the end of CertErrs; the latest text takes the place of others. */
function listenerOf(host: TIcsHost): (text: string) => void {
  let shown = '';
  return (text) => {
    if (host.isDestroyed) return;
    const { state } = host;
    const isShown = shown !== '' && state.certErrs.endsWith(shown);
    const rest = isShown ? state.certErrs.slice(0, -shown.length) : state.certErrs;
    shown = `, ${text.slice(0, MAX_TEXT)}`;
    state.certErrs = rest + shown;
  };
}

/** OrderCert of a server: the reason of a failure is in CertErrs of the host. */
export function orderCert(server: HostServer, hostNr: number): boolean {
  const { IcsHosts } = server;
  if (!Number.isInteger(hostNr) || hostNr < 0 || hostNr >= IcsHosts.Count) return false;
  const reason = orderHostCert(server, hostNr);
  if (reason === '') return true;
  IcsHosts.Items[hostNr]!.state.certErrs = reason;
  return false;
}
