// Names as they appear in files, orders and challenges.
import { isIP } from 'node:net';
import { certName } from '../ssl/certBuilder';
import { ipToBytes } from '../ssl/ipBytes';

/**
 * The name of a file for a domain: dots and blanks become `_`, a `*` in front becomes `x`.
 *
 * ICS: other characters are kept there; here a name can never lead out of its directory.
 */
export function IcsBuildCertFName(Domain: string): string {
  return Domain.replace(/^\*/, 'x').replace(/[. /\\:*?"<>|\0]/g, '_');
}

/** `dns` or `ip` and the value, as an ACME order wants it. Raises EX509Exception for a bad name. */
export function identifierOf(name: string): { type: 'dns' | 'ip'; value: string } {
  if (isIP(name)) return { type: 'ip', value: name };
  return { type: 'dns', value: certName(name) };
}

/** The name a tls-alpn-01 validation asks for (RFC 8738, 6): the reversed one of an address. */
export function alpnServerName(name: string): string {
  const bytes = ipToBytes(name);
  if (!bytes) return certName(name);
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`;
  return `${[...bytes.toString('hex')].reverse().join('.')}.ip6.arpa`;
}

/** Host header or server name without port, in lower case. */
export function bareHost(host: string): string {
  return host
    .trim()
    .toLowerCase()
    .replace(/^\[([^\]]*)\](?::\d+)?$/, '$1')
    .replace(/^([^:]*):\d+$/, '$1');
}
