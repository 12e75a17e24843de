// The echo server of `ics-hosts check --serve`: every client gets back what it sends.
import type { TSslWSocketServer } from '../server/TSslWSocketServer';
import type { TWSocketClient } from '../server/TWSocketClient';

const BLOCK_SIZE = 64 * 1024;

/** Listens everywhere; '' or, with nothing listening, the reasons why not. */
export function startEcho(server: TSslWSocketServer): string {
  server.Banner = '';
  const block = Buffer.alloc(BLOCK_SIZE);
  server.OnClientConnect = (_Sender, Client, ErrCode) => {
    if (ErrCode === 0) echo(Client, block);
  };
  server.OnBgException = (_Sender, _E, CanClose) => {
    CanClose.Value = false; // one client's trouble is not that of the others
  };
  const failures = server.MultiListenEx();
  if (failures !== '') server.MultiClose();
  return failures;
}

function echo(client: TWSocketClient, block: Buffer): void {
  client.OnBgException = null;
  client.OnSendQueueHigh = () => client.Pause(); // it sends, but does not read
  client.OnSendQueueLow = () => client.Resume();
  client.OnDataAvailable = () => {
    const length = client.Receive(block, block.length);
    if (length > 0) client.Send(block, length);
  };
}

/** Stops listening and disconnects everybody. */
export function stopEcho(server: TSslWSocketServer): void {
  server.MultiClose();
  server.DisconnectAll();
}
