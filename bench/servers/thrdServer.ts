// Our server with worker threads; it is its own worker module.
//
//   thrdServer.js <workers>-<echo | burn>

import { isMainThread } from 'node:worker_threads';
import { RunClientThread, TWSocketThrdServer } from '../../lib';
import { announce } from './childProtocol';
import { clientClass } from './clients';

function serve(workers: number, mode: string): void {
  const server = new TWSocketThrdServer();
  server.Addr = '127.0.0.1';
  server.Port = '0';
  server.Banner = '';
  server.WorkerModule = __filename;
  server.WorkerOptions = { argv: [mode] };
  server.MinThreads = server.MaxThreads = workers;
  server.OnThreadException = (_Sender, _Thread, AErrMsg) => {
    console.error(AErrMsg);
    process.exit(1);
  };
  server.Listen();
  announce(Number(server.BindPort));
}

if (isMainThread) {
  const [workers, mode] = (process.argv[2] ?? '').split('-');
  serve(Number(workers), mode ?? '');
} else {
  RunClientThread(clientClass(process.argv[2] ?? ''));
}
