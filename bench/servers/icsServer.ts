// Our server, written as an application would write it, with the public API only.
//
//   icsServer.js echo | lines | udp

import { TSockAddr, TWSocket, TWSocketClient, TWSocketServer, type TComponent } from '../../lib';
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

function serveConnections(clientClass: typeof TWSocketClient): void {
  const server = new TWSocketServer();
  server.Addr = '127.0.0.1';
  server.Port = '0';
  server.Proto = 'tcp';
  server.Banner = '';
  server.ClientClass = clientClass;
  server.Listen();
  announce(Number(server.BindPort));
}

function serveDatagrams(): void {
  const socket = new TWSocket();
  const from = new TSockAddr();
  socket.Addr = '127.0.0.1';
  socket.Port = '0';
  socket.Proto = 'udp';
  socket.OnDataAvailable = () => {
    const count = socket.ReceiveFrom(buffer, buffer.length, from);
    if (count >= 0) socket.SendTo(from, buffer, count);
  };
  socket.Listen();
  announce(Number(socket.GetXPort()));
}

const mode = process.argv[2] ?? '';
const clientClass = CLIENTS[mode];
if (mode === 'udp') serveDatagrams();
else if (clientClass !== undefined) serveConnections(clientClass);
else throw new Error(`unknown mode ${mode}`);
