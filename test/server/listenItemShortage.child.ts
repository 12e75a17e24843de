// The child of listenItemShortage.test.ts: a server with one item, in a process whose descriptors
// are few.

import { TWSocketServer } from '../../lib';
import { answerParent } from '../support/answerParent';
import { cpuShare } from '../support/cpuShare';
import { echo } from '../support/echo';

export interface Report {
  mainPort: number;
  itemPort: number;
  served: number;
  /** MultiListenIdx and code of every refused client, each once. */
  refused: string[];
  refusedCount: number;
  acceptFailCount: number;
  lastError: number;
  itemError: number;
  allListen: boolean;
  exceptions: number;
}

const server = new TWSocketServer();
Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
const item = server.MultiListenSockets.Add();
Object.assign(item, { Addr: '127.0.0.1', Port: '0' });
let served = 0;
let refusedCount = 0;
let exceptions = 0;
const refused = new Set<string>();
server.OnClientConnect = (Sender, Client, Error) => {
  if (Error === 0) {
    served++;
    echo(Client);
    return;
  }
  refusedCount++;
  refused.add(`${Client.MultiListenIdx} ${Error}`);
};
server.OnBgException = () => void exceptions++;

function report(): Report {
  return {
    mainPort: Number(server.BindPort),
    itemPort: Number(item.BindPort),
    served,
    refused: [...refused],
    refusedCount,
    acceptFailCount: server.AcceptFailCount,
    lastError: server.LastError,
    itemError: item.LastError,
    allListen: server.ListenAllOK(),
    exceptions,
  };
}

answerParent((request) => {
  if (request === 'cpu') return cpuShare(1000);
  if (request === 'listen') server.MultiListen();
  return report();
});
