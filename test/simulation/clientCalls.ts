// What scripts and steps call on a client object, told to the model, with its answers checked.
import * as L from '../../lib';
import { payload } from './bytes';
import type { ConnectionModel } from './connectionModel';
import type { Driver, Link, SimClient } from './driver';
import { expect } from './rules';

interface Call {
  driver: Driver;
  conn: ConnectionModel;
  client: SimClient;
  a: number;
  b: number;
}

const CALLS: Readonly<Record<string, (call: Call) => void>> = {
  Close: ({ client }) => client.Close(),
  Abort: ({ client }) => client.Abort(),
  CloseDelayed: closeDelayed,
  Free: free,
  Release: release,
  Shutdown: shutdown,
  Disconnect: disconnect,
  Pause: pause,
  Resume: resume,
  Send: send,
  PutData: putData,
  LineMode: lineMode,
  Receive: (call) => receive(call, false),
  PeekData: (call) => receive(call, true),
  NoReceiveLoop: noReceiveLoop,
};

export function callClient(driver: Driver, link: Link, verb: string, a: number, b: number): void {
  CALLS[verb]!({ driver, conn: link.conn, client: link.client!, a, b });
}

function closeDelayed({ conn, client }: Call): void {
  if (conn.phase === 'open' || conn.phase === 'creating') conn.closing = 'must';
  client.CloseDelayed();
}

function free({ driver, conn, client }: Call): void {
  const again = conn.grace !== null;
  if (conn.listed) driver.model.freed(conn);
  client.Free();
  if (again) driver.model.unlist(conn);
}

function release({ conn, client }: Call): void {
  conn.released = true;
  conn.releasing ||= conn.listed && !conn.sessionClosed;
  client.Release();
}

function shutdown({ conn, client, a }: Call): void {
  if (conn.phase === 'open') {
    conn.sendShut ||= a !== 0;
    conn.receiveShut ||= a !== 1;
    if (a !== 0 && conn.peerShutdownTold) conn.closing = 'must';
  }
  client.Shutdown(a);
}

function disconnect({ driver, conn, client, a }: Call): void {
  const leaves = conn.listed && !conn.disconnecting && !conn.releasing;
  conn.disconnectCode = a;
  driver.server.Disconnect(client, a);
  driver.judge(() => {
    const { name, phase } = conn;
    expect(!leaves || phase === 'gone', `${name} disconnected`, `${name} ${phase}`);
  });
}

function pause({ conn, client }: Call): void {
  if (conn.phase === 'open') conn.paused = true;
  conn.endedBeforePause ||= conn.peerEnded !== 'no';
  client.Pause();
}

function resume({ conn, client }: Call): void {
  conn.paused = conn.endedBeforePause = false;
  conn.mayTellAgain();
  client.Resume();
}

function send({ driver, conn, client, a, b }: Call): void {
  const bytes = payload(a, b);
  const expected = conn.sending(bytes);
  let answer: unknown;
  try {
    answer = client.Send(bytes);
  } catch (E) {
    if (!(E instanceof L.ESocketException)) throw E;
    answer = E.ErrorCode;
  }
  const due = { notConnected: 10057, shutdown: 10058 };
  const wanted = typeof expected === 'number' ? expected : due[expected];
  driver.judge(() => expect(answer === wanted, `Send: ${wanted}`, `${String(answer)}`));
}

function putData({ conn, client, a, b }: Call): void {
  if (conn.sendShut) return;
  const bytes = payload(a, b);
  conn.putting(bytes);
  client.PutDataInSendBuffer(bytes);
}

function lineMode({ conn, client, a }: Call): void {
  client.LineMode = a === 1;
  conn.modeSwitched(a === 1);
}

function receive({ driver, conn, client, a }: Call, peek: boolean): void {
  const buffer = Buffer.alloc(a);
  conn.readOutside = true;
  const got = peek ? client.PeekData(buffer) : client.Receive(buffer);
  if (got <= 0 && conn.peerEnded === 'reset') conn.resetRead = true;
  driver.judge(() => {
    if (got > 0) {
      expect(conn.phase === 'open', 'Receive: -1 when closed', String(got));
      conn.received(buffer.subarray(0, got), peek);
      return;
    }
    const raw = conn.phase === 'open' && !conn.lineMode && conn.peerEnded === 'no';
    const due = raw && !conn.receiveShut && conn.inbound.length > conn.read;
    expect(!due, `Receive: some of ${conn.inbound.length - conn.read} bytes`, String(got));
  });
}

function noReceiveLoop({ client, a }: Call): void {
  const options = a === 1 ? [L.wsoTcpNoDelay, L.wsoNoReceiveLoop] : [L.wsoTcpNoDelay];
  client.ComponentOptions = new Set(options);
}
