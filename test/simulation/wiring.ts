// The handlers of the server and its clients: each tells the model what it sees, does what a handler
// usually does (it reads), and runs the script that waits for it.
import * as L from '../../lib';
import type { Action } from './actions';
import type { ConnectionModel } from './connectionModel';
import { type Driver, type Link, SimClient, SimError } from './driver';
import { TOO_BUSY } from './model';
import { expect } from './rules';

const BLOCK = 65536;
const SHORT_LINES = 200;

const nameOf = (state: L.TSocketState): string => L.TSocketState[state];

export function wire(driver: Driver): void {
  const { server, model } = driver;
  server.Addr = '127.0.0.1';
  server.Port = '0';
  server.Banner = '';
  server.BannerTooBusy = TOO_BUSY;
  server.ClientClass = SimClient;
  wireServer(driver);
  server.OnBgException = (Sender, E, CanClose) => bgException(driver, Sender, E, CanClose);
  const frame = model.enter('call', 'serverListen');
  server.Listen();
  model.leave(frame);
}

function wireServer(driver: Driver): void {
  const { server, model } = driver;
  server.OnChangeState = (Sender, from, to) =>
    driver.event('ChangeState', null, `${nameOf(from)} → ${nameOf(to)}`, () =>
      model.serverState(nameOf(from), nameOf(to)),
    );
  server.OnSessionClosed = (Sender, error) =>
    driver.event('SessionClosed', null, String(error), () => model.serverClosed(error));
  server.OnSessionAvailable = (Sender, error) => {
    let conn: ConnectionModel | null = null;
    driver.judge(() => (conn = model.sessionAvailable(error)));
    const left = (thrown: boolean): void => {
      if (conn) model.sessionAvailableLeft(conn, thrown);
    };
    driver.event('SessionAvailable', conn, String(error), () => undefined, undefined, left);
  };
  server.OnClientCreate = (Sender, client) => clientCreate(driver, client as SimClient);
  server.OnClientConnect = (Sender, client, error) =>
    clientConnect(driver, client as SimClient, error);
  server.OnClientDisconnect = (Sender, client, error) => {
    const { conn } = (client as SimClient).link;
    const check = (): void => model.clientDisconnect(conn, error, server.ClientCount);
    const left = (): void => model.clientDisconnectLeft(conn);
    driver.event('ClientDisconnect', conn, String(error), check, undefined, left);
  };
}

function clientCreate(driver: Driver, client: SimClient): void {
  const { server, model } = driver;
  const conn = model.announced;
  const link = conn && driver.links.get(conn);
  if (link) {
    client.link = link;
    link.client = client;
    client.ComponentOptions = new Set([L.wsoTcpNoDelay]);
    conn.halfClose = client.HalfClose = conn.slot % 3 === 2;
    conn.lineMode = client.LineMode = conn.slot % 3 === 1;
    if (conn.slot % 2 === 1) conn.lineLimit = client.LineLimit = SHORT_LINES;
    wireClient(driver, client, link);
  }
  const check = (): void => model.clientCreate(conn, client.CliId, server.ClientCount);
  const left = (thrown: boolean): void => model.clientCreateLeft(conn!, thrown);
  driver.event('ClientCreate', conn, `CliId ${client.CliId}`, check, undefined, left);
}

function clientConnect(driver: Driver, client: SimClient, error: number): void {
  const { server, model } = driver;
  const { conn, peer } = client.link;
  const check = (): void => {
    model.clientConnect(conn, error, server.ClientCount);
    const from = `${client.PeerAddr} ${client.PeerPort}`;
    if (error === 0) expect(from === peer.address, `the peer ${peer.address}`, from);
  };
  const left = (thrown: boolean): void => model.clientConnectLeft(conn, thrown);
  driver.event('ClientConnect', conn, String(error), check, undefined, left);
}

function wireClient(driver: Driver, client: SimClient, link: Link): void {
  const { conn } = link;
  const { model } = driver;
  client.OnChangeState = (Sender, from, to) => {
    const check = (): void => conn.changeState(nameOf(from), nameOf(to), model.below);
    const left = (thrown: boolean): void => {
      if (thrown && to === L.wsConnected) conn.connectSkipped = true;
      if (conn.phase === 'gone') model.unlist(conn);
    };
    const seen = `${nameOf(from)} → ${nameOf(to)}`;
    driver.event('ChangeState', conn, seen, check, undefined, left);
  };
  client.OnDataAvailable = () =>
    driver.event(
      'DataAvailable',
      conn,
      '',
      () => conn.dataAvailable(model.below),
      (script) => readUnlessIgnored(driver, link, script),
      (thrown, frame) => conn.dataAvailableLeft(frame),
    );
  client.OnDataSent = () =>
    driver.event('DataSent', conn, '', () => conn.dataSent(model.below, client.AllSent));
  client.OnSendData = (Sender, count) =>
    driver.event(
      'SendData',
      conn,
      String(count),
      () => conn.sendData(count),
      undefined,
      () => conn.writing--,
    );
  client.OnSessionClosed = (Sender, error) =>
    driver.event('SessionClosed', conn, String(error), () => conn.sessionEnds(error, model.below));
  client.OnPeerShutdown = () => driver.event('PeerShutdown', conn, '', () => conn.peerShutdown());
  client.OnLineLimitExceeded = (Sender, length, ClearData) =>
    driver.event(
      'LineLimitExceeded',
      conn,
      String(length),
      () => conn.lineLimitExceeded(length),
      (script) => (ClearData.Value = script.length === 0),
      (thrown) => conn.lineLimitLeft(length, ClearData.Value && !thrown),
    );
}

function readUnlessIgnored(driver: Driver, link: Link, script: readonly Action[]): void {
  if (!script.some((action) => action.verb === 'ignore')) readAll(driver, link);
}

/** Reads what is there (in line mode: the line), in one of the ways to read. */
function readAll(driver: Driver, { conn, client }: Link): void {
  let bytes: Buffer;
  if (conn.id % 3 === 0) {
    bytes = Buffer.alloc(BLOCK);
    bytes = bytes.subarray(0, Math.max(0, client!.Receive(bytes)));
  } else if (conn.id % 3 === 1) {
    bytes = client!.ReceiveTB();
  } else {
    bytes = Buffer.from(client!.ReceiveStrA(), 'latin1');
  }
  driver.judge(() => conn.received(bytes, false));
}

function bgException(
  driver: Driver,
  Sender: L.TIcsWndControl,
  E: Error,
  CanClose: L.TVar<boolean>,
): void {
  const { model } = driver;
  const conn = Sender instanceof SimClient ? Sender.link.conn : null;
  const id = E instanceof SimError ? E.id : -1;
  const check = (): void => void model.bgException(conn, id, String(E));
  const body = (): void => {
    CanClose.Value = E instanceof SimError ? E.canClose : false;
  };
  driver.event('BgException', conn, String(id), check, body, () =>
    model.bgExceptionLeft(conn, CanClose.Value),
  );
}
