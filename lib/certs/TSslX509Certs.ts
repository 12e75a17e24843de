// Orders certificates from an ACME authority, or makes them with one's own CA (ICS: TSslX509Certs in
// OverbyteIcsSslX509Certs.pas). Names and database of V9.4, behaviour of V9.5.
//
//   await certs.OpenAccount(dir, true);         once; then without `true`
//   certs.CertCommonName = 'www.example.org';   … and further properties
//   await certs.CertSaveDomain(name);           remembers them
//   await certs.CertGetChallgDomain(name);      places the order
//   await certs.CertOrderDomain(name);          has the challenges tested
//   await certs.CertCollectDomain(name);        waits for the files; or AutoOrderComplete and OnNewCert
//
//  - The methods run one after the other. False: LastError says why.
//  - A failed or interrupted order never touches the files of the certificate in use.
import { EX509Exception } from '../ssl/sslErrors';
import { TX509Base } from '../ssl/TX509Base';
import { TCertReadOpt } from '../ssl/sslTypes';
import type { AccountSession } from './accountSession';
import { setPartNames } from './certOutput';
import { merged, type DomainRecord } from './records';
import { DEFAULT_EXPIRE_DAYS, X509CertsHosts } from './X509CertsHosts';
import { requireOrder } from './X509CertsPending';
import { trimmedName } from './X509CertsProperties';
import { NO_DATE, TIssueState } from './x509CertsTypes';

const { IssStateCancel, IssStateChallgReq, IssStateChecked, IssStateCollected, IssStateNone } =
  TIssueState;

export class TSslX509Certs extends X509CertsHosts {
  /** Reads a domain of the database into the properties; false: there is none. */
  CertReadDomain(Domain: string): boolean {
    const domain = this.session?.db.readDomain(trimmedName(Domain)) ?? null;
    if (domain) this.publishSettings(domain);
    return domain !== null;
  }

  /** Stores the properties as the settings of a domain; an order that runs goes on. */
  CertSaveDomain(Domain: string): Promise<boolean> {
    const settings = this.snapshot();
    settings.CertCommonName = trimmedName(Domain);
    return this.attempt('save', async () => {
      const session = this.opened();
      if (settings.CertCommonName === '')
        throw new EX509Exception('Must specify domain Common Name for certificate');
      this.store(session, merged(session.db.readDomain(settings.CertCommonName), settings));
      this.notify('OnDomainsRefresh');
    });
  }

  /** Would an order be accepted? Nothing is sent. */
  CertCheckDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      this.checkOrder(domain);
      if (domain.IssueState < IssStateChallgReq) this.setState(session, domain, IssStateChecked);
    });
  }

  /** Places an order and prepares its challenges. */
  CertGetChallgDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      this.admitOrder(session, domain);
      await this.orFail(session, domain, () => this.getChallenges(session, domain));
    });
  }

  /** Has the authority test the challenges. True: the order goes on, collected or not. */
  CertOrderDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) => this.startOrder(session, domain));
  }

  /** Waits until the order has ended, at most CollectTimeout, and saves the certificate. */
  CertCollectDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      if (domain.IssueState !== IssStateCollected) {
        requireOrder(domain);
        await this.orFail(session, domain, () => this.finishOrder(session, domain));
      }
      this.closeIfDone();
    });
  }

  /** Gives up an order at the authority. */
  CertCancelDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      await this.cancelOrder(session, domain);
      this.setState(session, domain, IssStateCancel);
    });
  }

  /** Has the certificate revoked, reason "superseded". The files stay. */
  CertRevokeDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      await this.revokeOrder(session, domain);
      this.setState(session, domain, IssStateCancel);
    });
  }

  /** Removes a domain from the database; files and certificate stay. */
  CertRemoveDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      session.pending.delete(domain.CertCommonName);
      await this.cleanupChallenges(session, domain.CertCommonName);
      session.db.deleteDomain(domain.CertCommonName);
      this.notify('OnDomainsRefresh');
    });
  }

  /** Forgets the order of a domain. */
  CertResetDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      session.pending.delete(domain.CertCommonName);
      await this.cleanupChallenges(session, domain.CertCommonName);
      this.setState(session, domain, IssStateNone);
    });
  }

  /** Writes the files of a collected certificate again, and fires OnNewCert. */
  CertRedistDomain(Domain: string): Promise<boolean> {
    return this.#withDomain(Domain, async (session, domain) => {
      const isUsable = domain.OrderCertsDT > NO_DATE && domain.FileFinalBundle !== '';
      if (!isUsable || domain.NewCertEndDT.getTime() < Date.now())
        throw new EX509Exception('No certificate to distribute');
      const base = new TX509Base(null);
      try {
        const { croTry, croYes } = TCertReadOpt;
        base.LoadFromFile(domain.FileFinalBundle, croYes, croTry, domain.PrivKeyPassword);
        const { X509: cert, PrivateKey: key, X509Inters: inters } = base;
        if (!cert || !key) throw new EX509Exception('No certificate to distribute');
        setPartNames(domain, session.folder, session.prefix);
        this.saveFiles(session, domain, { cert, key, inters, csr: null });
      } finally {
        base.Free();
      }
      this.store(session, domain);
      this.publishResults(domain);
      this.notify('OnNewCert');
    });
  }

  /**
   * Asks the authority when the certificate should be replaced (RFC 9773). True: now; CertRenewNow
   * is set then. Without such information it is the number of days before the end.
   */
  CertRenewalDomain(Domain: string, ExpireDays = DEFAULT_EXPIRE_DAYS): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) =>
      this.isRenewalDue(session, domain, ExpireDays),
    );
  }

  /** Makes a certificate with the own CA of the account (CACertFile). IsCA: an intermediate. */
  OwnCASign(Domain: string, IsCA = false): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) =>
      this.signOwn(session, domain, this.LoadOwnCA(), IsCA),
    );
  }

  /** Makes a certificate that signs itself. IsCA: a root. */
  SelfSign(Domain: string, IsCA = false): Promise<boolean> {
    return this.#withDomain(Domain, (session, domain) => this.signOwn(session, domain, null, IsCA));
  }

  #withDomain(
    name: string,
    action: (session: AccountSession, domain: DomainRecord) => Promise<boolean | void>,
  ): Promise<boolean> {
    return this.attempt('domain', async () => {
      const session = this.opened();
      const domain = session.domain(trimmedName(name));
      try {
        return await action(session, domain);
      } finally {
        this.publishResults(domain);
      }
    });
  }
}
