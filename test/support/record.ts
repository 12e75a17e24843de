// Writes down what a server reports, one readable line per event, so that a test can compare the
// whole order with one deepEqual. Handlers assigned before are still called, after the line is
// written. OnError, onException and OnBgException are left alone: assigning them changes what the
// library does.

import { SocketStateNames } from '../../lib';
import type { TSocketState, TWSocket, TWSocketClient, TWSocketServer } from '../../lib';

/**
 * Lines: `OnChangeState Closed Bound`, `OnSessionAvailable 0`, `OnClientCreate 1`,
 * `Client 1 OnChangeState Closed Connected`, `OnClientConnect 1 0`, `Client 1 OnSessionClosed 0`,
 * `OnClientDisconnect 1 0`, `OnSessionClosed 0`. A client's number is its CliId. The client's own
 * handlers are attached before an earlier OnClientCreate runs, so that one may replace them.
 */
export function record(server: TWSocketServer): string[] {
  const lines: string[] = [];
  recordListener(server, lines);
  recordClients(server, lines);
  return lines;
}

function stateNames(before: TSocketState, after: TSocketState): string {
  return `${SocketStateNames[before]} ${SocketStateNames[after]}`;
}

function recordListener(server: TWSocketServer, lines: string[]): void {
  const { OnChangeState, OnSessionAvailable, OnSessionClosed } = server;
  server.OnChangeState = (Sender, before, after) => {
    lines.push(`OnChangeState ${stateNames(before, after)}`);
    OnChangeState?.(Sender, before, after);
  };
  server.OnSessionAvailable = (Sender, Error) => {
    lines.push(`OnSessionAvailable ${Error}`);
    OnSessionAvailable?.(Sender, Error);
  };
  server.OnSessionClosed = (Sender, Error) => {
    lines.push(`OnSessionClosed ${Error}`);
    OnSessionClosed?.(Sender, Error);
  };
}

function recordClients(server: TWSocketServer, lines: string[]): void {
  const { OnClientCreate, OnClientConnect, OnClientDisconnect } = server;
  server.OnClientCreate = (Sender, Client) => {
    lines.push(`OnClientCreate ${Client.CliId}`);
    recordClient(Client, lines);
    return OnClientCreate?.(Sender, Client);
  };
  server.OnClientConnect = (Sender, Client, Error) => {
    lines.push(`OnClientConnect ${Client.CliId} ${Error}`);
    return OnClientConnect?.(Sender, Client, Error);
  };
  server.OnClientDisconnect = (Sender, Client, Error) => {
    lines.push(`OnClientDisconnect ${Client.CliId} ${Error}`);
    return OnClientDisconnect?.(Sender, Client, Error);
  };
}

function recordClient(Client: TWSocketClient, lines: string[]): void {
  const number = Client.CliId;
  Client.OnChangeState = (_Sender: TWSocket, before: TSocketState, after: TSocketState) => {
    lines.push(`Client ${number} OnChangeState ${stateNames(before, after)}`);
  };
  Client.OnSessionClosed = (_Sender: TWSocket, Error: number) => {
    lines.push(`Client ${number} OnSessionClosed ${Error}`);
  };
}
