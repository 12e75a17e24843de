// Keeps ValidateHosts from writing: where a certificate is missing, cannot be read or is a temporary
// one that ends, a server makes a temporary one beside it. A check must leave everything as it is.
import { EIcsException } from '../errors';
import { fileExists, isPem } from '../hosts/certSource';
import { TSslLoadSource } from '../hosts/hostEnums';
import { expiresWithin, isTemporary } from '../hosts/temporaryCert';
import type { TIcsHost } from '../hosts/TIcsHost';
import { reasonOf } from '../ssl/sslErrors';
import { TCertReadOpt } from '../ssl/sslTypes';
import { TX509Base } from '../ssl/TX509Base';

const { croTry } = TCertReadOpt;

/** For OnBeforeContextInit: what it raises becomes the error of that host. */
export function refuseTemporary(host: TIcsHost, certExpireDays: number): void {
  const { SslCert, SslPassword, SslLoadSource } = host;
  if (SslLoadSource !== TSslLoadSource.CertLoadFile || isPem(SslCert)) return;
  if (SslCert === '') throw new EIcsException('SSL certificate can not be blank');
  if (!fileExists(SslCert)) {
    const hint = isForWindows(SslCert) ? ' (a path of Windows)' : '';
    throw new EIcsException(`SSL Certificate Not Found: ${SslCert}${hint}`);
  }
  const cert = new TX509Base(null);
  try {
    cert.LoadFromFile(SslCert, croTry, croTry, SslPassword);
    if (isTemporary(cert) && expiresWithin(cert, certExpireDays))
      throw new EIcsException('a temporary certificate that ends soon');
  } catch (error) {
    throw new EIcsException(`SSL Certificate Failed to Load - ${SslCert}, ${reasonOf(error)}`);
  } finally {
    cert.Free();
  }
}

function isForWindows(file: string): boolean {
  return process.platform !== 'win32' && /^[a-z]:\\|^\\\\/i.test(file);
}
