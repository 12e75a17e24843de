// The certificates a server's chain checks trust: RootCA (a file or PEM text), or the roots that all
// components share. A file is read again only when it has changed.
import type { X509Certificate } from 'node:crypto';
import { readCertFile } from '../ssl/certFiles';
import { certsFromPem } from '../ssl/certMaterial';
import { textOfFile } from '../ssl/pem';
import { IcsSslRootCAStore } from '../ssl/rootStore';
import { TX509Base } from '../ssl/TX509Base';
import { sourceStamp } from './certSource';
import type { HostServer } from './hostTypes';
import { PEM_STRING_HDR_BEGIN } from './hostTypes';

interface Roots {
  readonly source: string;
  readonly certs: readonly TX509Base[];
}

const known = new WeakMap<HostServer, Roots>();

/** Raises when RootCA cannot be read. */
export function rootsOf(server: HostServer): Iterable<TX509Base> {
  const { RootCA } = server;
  if (RootCA === '') return IcsSslRootCAStore;
  const source = sourceStamp(RootCA);
  const before = known.get(server);
  if (before?.source === source) return before.certs;
  const isPem = RootCA.includes(PEM_STRING_HDR_BEGIN);
  const text = isPem ? RootCA : textOfFile(readCertFile(RootCA));
  const certs = certsFromPem(text).map((cert: X509Certificate) => new TX509Base(null, cert));
  known.set(server, { source, certs });
  return certs;
}
