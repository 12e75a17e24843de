// A component for tests: quick looks, addresses of loopback, the ports of the test authority.
import { TSslX509Certs } from '../../lib';
import { SuppProtoAcmeV2, type TChallengeType } from '../../lib/ssl/orderTypes';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { OutFmtBudl, OutFmtP12, OutFmtPwP12 } from '../../lib/certs/x509CertsTypes';
import { track } from '../support';
import { tempDir } from '../support/certificates';
import type { Pebble } from '../support/pebble';

export interface TestCerts {
  readonly certs: TSslX509Certs;
  readonly dir: string;
  /** All lines of the log. */
  readonly log: string[];
}

export function newCerts(pebble: Pebble | null = null, dir = tempDir()): TestCerts {
  const certs = track(new TSslX509Certs(null));
  const log: string[] = [];
  certs.OnCertProg = (_sender, _option, line) => void log.push(line);
  certs.SupplierProto = SuppProtoAcmeV2;
  certs.AcmeAccKeyType = TSslPrivKeyType.PrivKeyECsecp256;
  certs.PrivKeyType = TSslPrivKeyType.PrivKeyECsecp256;
  certs.CertOutFmts = new Set([OutFmtBudl, OutFmtP12, OutFmtPwP12]);
  certs.DomWebSrvIP = '127.0.0.1';
  certs.DomWebSrvIP2 = '';
  certs.LocalCheckAddr = '127.0.0.1';
  certs.PollInterval = 50;
  if (pebble) {
    certs.SupplierServer = pebble.directoryUrl;
    certs.SupplierRootCA = pebble.rootPem;
    certs.ChallHttpPort = pebble.httpPort;
    certs.ChallAlpnPort = pebble.tlsPort;
    certs.DnsServer = `127.0.0.1:${pebble.dnsPort}`;
  }
  return { certs, dir, log };
}

/** Sets a domain up; further properties may be set before. */
export async function save(
  certs: TSslX509Certs,
  name: string,
  type: TChallengeType,
  more: string[] = [],
): Promise<void> {
  certs.CertCommonName = name;
  certs.SuppCertChallenge = type;
  certs.CertSubAltNames.Clear();
  for (const san of more) certs.CertSubAltNames.AddItem(san);
  const saved = await certs.CertSaveDomain(name);
  if (!saved) throw new Error(certs.LastError);
}

/** Places an order and waits for its end. */
export async function order(certs: TSslX509Certs, name: string): Promise<boolean> {
  if (!(await certs.CertGetChallgDomain(name))) return false;
  if (!(await certs.CertOrderDomain(name))) return false;
  return (await certs.CertReadDomain(name)) && certs.CertCollectDomain(name);
}
