// Our server, written as an application would write it, with the public API only.
//
//   icsServer.js echo | lines

import { TWSocketClient, TWSocketServer, type TComponent } from '../../lib';
import { announce } from './childProtocol';

const buffer = Buffer.allocUnsafeSlow(64 * 1024);

function echo(client: TWSocketClient): void {
  const count = client.Receive(buffer);
  if (count > 0) client.Send(buffer, count);
}

function answerLine(client: TWSocketClient): void {
  client.SendStr(client.ReceiveStr());
}

class EchoClient extends TWSocketClient {
  override OnDataAvailable = echo;
}

class LineClient extends TWSocketClient {
  override OnDataAvailable = answerLine;

  constructor(AOwner: TComponent | null) {
    super(AOwner);
    this.LineMode = true;
  }
}

const CLIENTS: Record<string, typeof TWSocketClient> = { echo: EchoClient, lines: LineClient };

const mode = process.argv[2] ?? '';
const clientClass = CLIENTS[mode];
if (clientClass === undefined) throw new Error(`unknown mode ${mode}`);

const server = new TWSocketServer();
server.Addr = '127.0.0.1';
server.Port = '0';
server.Proto = 'tcp';
server.Banner = '';
server.ClientClass = clientClass;
server.Listen();
announce(Number(server.BindPort));
