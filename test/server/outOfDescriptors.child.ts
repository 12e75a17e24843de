// The child of outOfDescriptors.test.ts: an echo server that counts what it sees, in a process
// whose descriptors can be used up and freed on request.

import { closeSync, openSync } from 'node:fs';
import { TWSocketServer } from '../../lib';
import { answerParent } from '../support/answerParent';
import { cpuShare } from '../support/cpuShare';
import { echo } from '../support/echo';

export interface Report {
  port: number;
  state: number;
  lastError: number;
  acceptFailCount: number;
  clientCount: number;
  served: number;
  refused: number;
  disconnected: number;
  exceptions: number;
  /** The events of the last refused connection. */
  order: string[];
}

const server = new TWSocketServer();
const counts = { served: 0, refused: 0, disconnected: 0, exceptions: 0 };
const fillers: number[] = [];
let current: string[] = [];
let order: string[] = [];

Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
server.OnSessionAvailable = (_Sender, Error) => {
  current = [`OnSessionAvailable ${Error}`];
};
server.OnClientCreate = () => {
  current.push('OnClientCreate');
};
server.OnClientConnect = (_Sender, Client, Error) => {
  if (Error === 0) {
    counts.served++;
    echo(Client);
    return;
  }
  counts.refused++;
  order = [...current, `OnClientConnect ${Error}`];
};
server.OnClientDisconnect = () => {
  counts.disconnected++;
};
server.OnBgException = () => {
  counts.exceptions++;
};

/** Uses up all descriptors but one, which Listen will take. */
function fill(): void {
  try {
    for (;;) fillers.push(openSync('/dev/null', 'r'));
  } catch {
    closeSync(fillers.pop()!);
  }
}

function free(): void {
  for (const descriptor of fillers.splice(0)) closeSync(descriptor);
}

function report(): Report {
  return {
    port: Number(server.BindPort),
    state: server.State,
    lastError: server.LastError,
    acceptFailCount: server.AcceptFailCount,
    clientCount: server.ClientCount,
    ...counts,
    order,
  };
}

answerParent((request) => {
  if (request === 'cpu') return cpuShare(1000);
  if (request === 'listen') server.Listen();
  if (request === 'fill') fill();
  if (request === 'free') free();
  return report();
});
