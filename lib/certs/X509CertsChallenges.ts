// Challenges of TSslX509Certs: making them, answering for them (WebSrvHttp, WebSrvAlpn and the internal
// server), testing them from here, removing them.
import fs from 'node:fs';
import { TChallengeType } from '../ssl/orderTypes';
import { EX509Exception, reasonOf } from '../ssl/sslErrors';
import type { TVar } from '../types';
import {
  acmeTypeOf,
  createAlpnCert,
  prepareChallenge,
  readAlpnCert,
  removeFiles,
  restoreFiles,
} from './acme/challenges';
import { keyAuthorization } from './acme/jws';
import { readAuthorization, type Authorization } from './acme/order';
import type { AccountSession } from './accountSession';
import { newChallenge } from './accountSession';
import { alpnServerName, bareHost, identifierOf } from './certNames';
import {
  LocalChallengeServer,
  type ChallengeServer,
  type ChallengeServerOptions,
} from './challengeServer';
import { checkChallenge } from './localCheck';
import type { DomainRecord } from './records';
import { X509CertsAccount } from './X509CertsAccount';
import { NO_DATE, TIssueState, type TChallengeItem } from './x509CertsTypes';

const { ChallAlpnSrv, ChallDnsAuto, ChallDnsMan, ChallFileFtp, ChallFileSrv } = TChallengeType;
const { IssStateCancel, IssStateChallgOK, IssStateChallgReq } = TIssueState;

type ServerKind = ChallengeServerOptions['kind'];
const KINDS: readonly ServerKind[] = ['http', 'tls-alpn'];
const SERVED_BY: Readonly<Record<ServerKind, TChallengeType>> = {
  http: ChallFileSrv,
  'tls-alpn': ChallAlpnSrv,
};

export class X509CertsChallenges extends X509CertsAccount {
  readonly #ownServers = {
    http: new LocalChallengeServer(),
    'tls-alpn': new LocalChallengeServer(),
  };
  /** Addresses the running servers were started with. */
  readonly #addresses = { http: new Set<string>(), 'tls-alpn': new Set<string>() };

  /** The key authorisation of a page, for the well-known event of a web server. Sets nothing else. */
  WebSrvHttp(Sender: object | null, Host: string, Path: string, BodyStr: TVar<string>): void {
    const host = bareHost(Host);
    const page = Path.replace(/[?#].*$/s, '');
    const found = this.ChallengeItems.find(
      (item) =>
        item.CPage !== '' &&
        acmeTypeOf(item.CType) === 'http-01' &&
        page.endsWith(`/.well-known/${item.CPage}`) &&
        sameName(item.CDomain, host),
    );
    if (!found) return;
    BodyStr.Value = found.CResp;
    this.LogEvent(`Challenge Web Server answered ${found.CDomain} ${found.CPage}`);
  }

  /** The file with the certificate of a tls-alpn-01 challenge, for OnClientAlpnChallg. */
  WebSrvAlpn(Sender: object | null, Host: string, CertFName: TVar<string>): void {
    const host = bareHost(Host);
    const found = this.ChallengeItems.find(
      (item) =>
        item.CAcmeAlpnCert !== '' && (item.CAlpnSNI === host || sameName(item.CDomain, host)),
    );
    if (!found || !fs.existsSync(found.CAcmeAlpnCert)) return;
    CertFName.Value = found.CAcmeAlpnCert;
    this.LogEvent(`Challenge Web Server gives certificate for ${found.CDomain}`);
  }

  /** Writes the certificate of a tls-alpn-01 challenge with its key. Raises EX509Exception. */
  CreateAcmeAlpnCert(FileName: string, CommonName: string, KeyAuth: string): void {
    createAlpnCert(FileName, CommonName, KeyAuth);
  }

  /** Does the internal challenge server run? */
  get DomSrvIsRunning(): boolean {
    return KINDS.some((kind) => this.#server(kind).isRunning);
  }

  /** Starts the internal challenge server; false: LastError says why not. */
  StartDomSrv(): Promise<boolean> {
    return this.attempt('start', () => this.#startServer('http'));
  }

  /** Stops it; may be called at any time. */
  StopDomSrv(): void {
    for (const kind of KINDS) this.#stopServer(kind);
  }

  /** @internal */
  protected override accountClosing(): void {
    for (const kind of KINDS) {
      this.#server(kind).stop();
      this.#addresses[kind].clear();
    }
    super.accountClosing();
  }

  #server(kind: ServerKind): ChallengeServer {
    return (kind === 'http' && this.ChallengeServer) || this.#ownServers[kind];
  }

  #stopServer(kind: ServerKind): void {
    this.#addresses[kind].clear();
    if (!this.#server(kind).isRunning) return;
    this.#server(kind).stop();
    this.LogEvent('Challenge Web Server stopped');
  }

  /** Hosts on several addresses may order at the same time: one server listens on all of them. */
  async #startServer(kind: ServerKind): Promise<void> {
    const known = this.#addresses[kind];
    const wanted = [this.DomWebSrvIP, this.DomWebSrvIP2].filter((address) => address !== '');
    const server = this.#server(kind);
    if (server.isRunning && wanted.every((address) => known.has(address))) return;
    for (const address of wanted) known.add(address);
    const isHttp = kind === 'http';
    await server.start({
      kind,
      addresses: [...known],
      port: isHttp ? this.ChallHttpPort : this.ChallAlpnPort,
      page: (host, page) => {
        const body = { Value: '' };
        this.WebSrvHttp(null, host, page, body);
        return body.Value === '' ? null : body.Value;
      },
      certificate: (name) => {
        const file = { Value: '' };
        this.WebSrvAlpn(null, name, file);
        return file.Value === '' ? null : readAlpnCert(file.Value);
      },
      log: (line) => this.LogEvent(`Challenge Web Server ${line}`),
    });
  }

  /** @internal Starts what some of the challenges are answered by. */
  protected async serverFor(items: readonly TChallengeItem[]): Promise<void> {
    for (const kind of KINDS)
      if (items.some((item) => isServed(item, kind))) await this.#startServer(kind);
  }

  /** @internal Stops what no challenge needs any more. */
  protected stopServerIfIdle(session: AccountSession): void {
    for (const kind of KINDS)
      if (!session.challenges.some((item) => isServed(item, kind))) this.#stopServer(kind);
  }

  /** @internal One name of an order: nothing to do, or a challenge that is prepared and stored. */
  protected async prepareName(
    session: AccountSession,
    domain: DomainRecord,
    url: string,
    expires: Date,
  ): Promise<void> {
    const found = await readAuthorization(session.client, url);
    const name = foundName(domain, found);
    const san = domain.sans.find(({ Domain }) => Domain === name);
    if (found.status === 'valid') {
      if (san) Object.assign(san, { SAIssueState: IssStateChallgOK, SADoneDT: new Date() });
      this.LogEvent(`Domain is already authorised: ${name}`);
      return;
    }
    const wanted = acmeTypeOf(domain.SuppCertChallenge);
    const challenge = found.challenges.find(({ type }) => type === wanted);
    if (!challenge) throw new EX509Exception(`Failed to find challenge: ${wanted} for ${name}`);
    const bare = name.replace(/^\*\./, '');
    const item = newChallenge({
      CDomain: bare,
      CWildcard: found.wildcard || name !== bare,
      CCommonName: domain.CertCommonName,
      CSuppOrderId: domain.SuppOrderId,
      CDirWellKnown: san?.DirWellKnown || domain.DirWellKnown,
      CSupplierProto: this.SupplierProto,
      CType: domain.SuppCertChallenge,
      CIssueState: IssStateChallgReq,
      CAuthzURL: url,
      ChallengeURL: challenge.url,
      ChallgToken: challenge.token,
      CAlpnSNI: alpnServerName(bare),
      CIdType: found.identifier.type,
      CStartDT: new Date(),
      CExpireDT: expires,
    });
    const keyAuth = keyAuthorization(challenge.token, session.client.key);
    prepareChallenge(item, keyAuth, session.folder);
    session.addChallenge(item);
    if (san) Object.assign(san, { SAIssueState: IssStateChallgReq, SAStartDT: new Date() });
    await this.#tellHandler(session, item);
  }

  async #tellHandler(session: AccountSession, item: TChallengeItem): Promise<void> {
    const handler = this.#handlerOf(item);
    if (handler === undefined) return;
    const isDone = await this.askChallenge(handler, item);
    session.alive();
    if (!isDone)
      throw new EX509Exception(`Challenge was not prepared by the application: ${item.CDomain}`);
  }

  #handlerOf(item: TChallengeItem): typeof this.OnChallengeDNS | undefined {
    if (item.CType === ChallDnsAuto || item.CType === ChallDnsMan) return this.OnChallengeDNS;
    return item.CType === ChallFileFtp ? this.OnChallengeFTP : undefined;
  }

  /** @internal Files of challenges an earlier run of the program has prepared. */
  protected restoreChallenges(session: AccountSession): void {
    for (const item of session.db.readChallenges()) {
      session.challenges.push(item);
      try {
        restoreFiles(item);
      } catch (error) {
        this.LogEvent(reasonOf(error));
      }
    }
  }

  /** @internal Removes all challenges of a domain, their files and their records. Never raises. */
  protected async cleanupChallenges(session: AccountSession, commonName: string): Promise<void> {
    for (const item of session.challengesOf(commonName)) {
      item.CIssueState = IssStateCancel;
      try {
        removeFiles(item);
        const handler = this.#handlerOf(item);
        if (handler) await this.askChallenge(handler, item);
        if (session.isClosed) return;
        session.dropChallenge(item);
      } catch (error) {
        this.LogEvent(`Can't remove challenge of ${item.CDomain} - ${reasonOf(error)}`);
      }
    }
    this.stopServerIfIdle(session);
  }

  /** @internal '' or what is wrong with one of the challenges. */
  protected async testChallenges(items: readonly TChallengeItem[]): Promise<string> {
    const check = {
      httpPort: this.ChallHttpPort,
      alpnPort: this.ChallAlpnPort,
      address: this.LocalCheckAddr,
      dnsServer: this.DnsServer,
      route: this.route,
    };
    for (const item of items) {
      const wrong = await checkChallenge(item, check);
      if (wrong !== '') return `Local challenge test failed for ${item.CDomain} - ${wrong}`;
      item.CDoneDT = NO_DATE;
    }
    return '';
  }
}

/** Is the challenge waiting for an answer of the internal server? */
function isServed({ CType, CIssueState }: TChallengeItem, kind: ServerKind): boolean {
  return CType === SERVED_BY[kind] && CIssueState < IssStateChallgOK;
}

/** The authority writes names in ASCII, without the `*.` of a wildcard. */
function foundName(domain: DomainRecord, { identifier, wildcard }: Authorization): string {
  const wanted = wildcard ? `*.${identifier.value}` : identifier.value;
  const known = domain.sans.find(({ Domain }) => identifierOf(Domain).value === wanted);
  if (!known) throw new EX509Exception(`Unexpected authorisation for ${wanted}`);
  return known.Domain;
}

function sameName(domain: string, host: string): boolean {
  if (domain === host) return true;
  try {
    return identifierOf(domain).value === host;
  } catch {
    return false;
  }
}
