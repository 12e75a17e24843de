// A component for tests: quick looks, addresses of loopback, the ports of the test authority.
import { TSslX509Certs } from '../../lib';
import { IcsBuildCertFName } from '../../lib/certs/certNames';
import { ControlDb } from '../../lib/certs/controlDb';
import type { OrderingHost } from '../../lib/certs/hostOrder';
import type { DomainRecord } from '../../lib/certs/records';
import {
  ChallFileSrv,
  Digest_sha256,
  SuppProtoAcmeV2,
  type TChallengeType,
} from '../../lib/ssl/orderTypes';
import { TSslPrivKeyType } from '../../lib/ssl/certTypes';
import { DAY_MS, OutFmtBudl, OutFmtP12, OutFmtPwP12 } from '../../lib/certs/x509CertsTypes';
import { track } from '../support';
import { tempDir } from '../support/certificates';
import { startAcmeProxy, type AcmeProxy } from '../support/acmeProxy';
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

/** The same with a new account, open. */
export async function openCerts(pebble: Pebble): Promise<TestCerts> {
  const made = newCerts(pebble);
  await open(made);
  return made;
}

/** Opens the account, or makes one. */
export async function open({ certs, dir }: TestCerts): Promise<void> {
  if (!(await certs.OpenAccount(dir, true))) throw new Error(certs.LastError);
}

/** The same with a proxy between account and authority, which counts and disturbs. */
export async function openThroughProxy(pebble: Pebble): Promise<TestCerts & { proxy: AcmeProxy }> {
  const proxy = await startAcmeProxy(pebble);
  const made = newCerts(pebble);
  made.certs.SupplierServer = proxy.directoryUrl;
  made.certs.SupplierRootCA = proxy.rootPem;
  await open(made);
  return { ...made, proxy };
}

/** A host of a server, as orders see it: by http-01 with the internal server. */
export function orderingHost(
  dir: string,
  name: string,
  props: Partial<OrderingHost> = {},
): OrderingHost {
  return {
    HostNames: [name],
    BindIpAddr: '127.0.0.1',
    BindNonPort: 0,
    BindSslPort: 0,
    CertSupplierProto: SuppProtoAcmeV2,
    CertChallenge: ChallFileSrv,
    CertDirWork: dir,
    CertPKeyType: TSslPrivKeyType.PrivKeyECsecp256,
    CertSignDigest: Digest_sha256,
    CertProduct: '',
    WellKnownPath: '',
    SslCert: `${tempDir()}/${IcsBuildCertFName(name)}-bundle.pem`,
    SslPassword: '',
    ...props,
  };
}

/** Lets the certificate in the database of a closed account be so many days older than it is. */
export function makeOlder(
  { certs, dir }: Pick<TestCerts, 'certs' | 'dir'>,
  name: string,
  days = 2,
): void {
  changeDomain({ certs, dir }, name, (domain) => {
    domain.NewCertStartDT = new Date(domain.NewCertStartDT.getTime() - days * DAY_MS);
    domain.NewCertEndDT = new Date(domain.NewCertEndDT.getTime() - days * DAY_MS);
  });
}

/** Closes the account and changes what it has stored of a domain. */
export function changeDomain(
  { certs, dir }: Pick<TestCerts, 'certs' | 'dir'>,
  name: string,
  change: (domain: DomainRecord) => void,
): void {
  certs.CloseAccount();
  const db = new ControlDb(dir);
  const domain = db.readDomain(name)!;
  change(domain);
  db.writeDomain(domain);
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
