// What the worker module of TWSocketThrdServer calls.
import { isMainThread, workerData } from 'node:worker_threads';
import { EIcsException } from '../errors';
import type { TWSocketClientClass } from './TCustomWSocketServer';
import { ThreadHost } from './threadHost';
import type { ThreadStart } from './threadMessages';

let host: ThreadHost | null = null;

/**
 * Addition: makes this worker serve connections of the TWSocketThrdServer that has started it, each
 * with an object of ClientClass (a descendant of TWSocketClient). Called once, at the top level of
 * the module that WorkerModule names. The result is the server's WorkerData. EIcsException when
 * called elsewhere.
 */
export function RunClientThread(ClientClass: TWSocketClientClass): unknown {
  const start = workerData as Partial<ThreadStart> | null;
  const port = start?.icsPort;
  if (isMainThread || host !== null || port === undefined)
    throw new EIcsException(
      'RunClientThread is for the module of TWSocketThrdServer.WorkerModule, once per worker',
    );
  host = new ThreadHost(ClientClass, port);
  return start?.data;
}
