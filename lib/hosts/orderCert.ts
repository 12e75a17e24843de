// Whether a host's certificate may be ordered, and by whom (ICS: OrderCert). The order itself is the
// work of SslX509Certs.
import { reasonOf } from '../ssl/sslErrors';
import { TSupplierProto } from './hostEnums';
import { type HostServer } from './hostTypes';
import type { TIcsHost } from './TIcsHost';

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
    return SslX509Certs.OrderHost(server, IcsHosts.Items[hostNr]!, hostNr);
  } catch (error) {
    return reasonOf(error) || 'Failed to Order New Certificate';
  }
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
