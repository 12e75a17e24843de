// A TWSocketThrdServer for one test: its workers run a module of test/fixtures.

import path from 'node:path';
import { TWSocketThrdServer } from '../../lib';
import { onCleanup } from './cleanup';
import { ROOT, preload } from './compiled';
import { newServer } from './startServer';

/** The server before Listen; its workers are ended after the test. */
export function newThrdServer(
  props: Partial<TWSocketThrdServer> = {},
  module = 'thrdModule',
  ServerClass: typeof TWSocketThrdServer = TWSocketThrdServer,
): TWSocketThrdServer {
  const server = newServer({}, ServerClass) as TWSocketThrdServer;
  server.WorkerModule = path.join(ROOT, 'test/fixtures', `${module}.ts`);
  server.WorkerOptions = { execArgv: ['-r', preload()] };
  onCleanup(() => {
    for (const thread of server.ClientThreads) void thread.Worker.terminate();
  });
  return Object.assign(server, props);
}

export function startThrdServer(
  props: Partial<TWSocketThrdServer> = {},
  module?: string,
  ServerClass?: typeof TWSocketThrdServer,
): TWSocketThrdServer {
  const server = newThrdServer(props, module, ServerClass);
  server.Listen();
  return server;
}
