// A server with one host whose certificate is ordered while it serves.
import * as ics from '../../lib';
import { IcsBuildCertFName } from '../../lib/certs/certNames';
import { waitFor } from '../support';
import { tempDir } from '../support/certificates';
import { addHost, freePort, handshake, hostServer, type Served } from '../hosts/hosts';
import type { TestCerts } from './newCerts';

export const ISSUED = /Pebble Intermediate/;

export class Serving {
  readonly server = hostServer();
  readonly made: TestCerts;
  readonly name: string;
  readonly port: number;
  readonly host: ics.TIcsHost;
  /** Certificates that were saved so far. */
  newCount = 0;

  constructor(made: TestCerts, name: string, port: number, props: Partial<ics.TIcsHost> = {}) {
    this.made = made;
    this.name = name;
    this.port = port;
    const { certs, dir } = made;
    const { server } = this;
    server.SslX509Certs = certs;
    server.SslCertAutoOrder = true;
    this.host = addHost(server, [name], {
      BindSslPort: port,
      SslCert: `${tempDir()}/${IcsBuildCertFName(name)}.pfx`,
      CertDirWork: dir,
      CertSupplierProto: ics.SuppProtoAcmeV2,
      CertChallenge: ics.ChallFileSrv,
      CertPKeyType: ics.PrivKeyECsecp256,
      ...props,
    });
    answerChallenges(server, certs);
    certs.OnNewCert = () => {
      this.newCount++;
      this.recheck();
    };
    server.ValidateHosts(true, false, true);
    server.Listen();
  }

  /** What the daily check says. */
  recheck(): string {
    const info = { Value: '' };
    this.server.RecheckSslCerts(info, false, false, true);
    return info.Value;
  }

  served(): Promise<Served> {
    return handshake(this.port, this.name);
  }

  /** Waits for another certificate, and for the account to close behind it. */
  async ordered(count = this.newCount + 1): Promise<void> {
    const { certs, log } = this.made;
    await waitFor(() => this.newCount >= count && !certs.IsAccountOpen, 'an order', 40_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${this.host.CertErrs}\n${log.join('\n')}`);
      },
    );
  }

  /** Waits until CertErrs says so. */
  async told(pattern: RegExp): Promise<void> {
    await waitFor(() => pattern.test(this.host.CertErrs), String(pattern), 40_000).catch(
      (error: Error) => {
        throw new Error(`${error.message}: ${this.host.CertErrs}\n${this.made.log.join('\n')}`);
      },
    );
  }
}

/** The account of `made` is closed first: the server opens it when it needs it. */
export async function serving(
  made: TestCerts,
  name: string,
  props: Partial<ics.TIcsHost> = {},
): Promise<Serving> {
  made.certs.CloseAccount();
  return new Serving(made, name, props.BindSslPort ?? (await freePort()), props);
}

/** Clients that ask for acme-tls/1 get the certificate of the challenge. */
export function answerChallenges(server: ics.TSslWSocketServer, certs: ics.TSslX509Certs): void {
  server.OnClientConnect = (_server, client) => {
    (client as ics.TSslWSocketClient).OnClientAlpnChallg = (sender, host, file) =>
      certs.WebSrvAlpn(sender, host, file);
  };
}
