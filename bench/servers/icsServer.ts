// Our server, written as an application would write it, with the public API only.
//
//   icsServer.js echo | lines | burn | udp | tls

import {
  TSockAddr,
  TSslContext,
  TSslWSocketClient,
  TSslWSocketServer,
  TWSocket,
  TWSocketServer,
  type TWSocketClient,
} from '../../lib';
import { announce } from './childProtocol';
import { clientClass, echo } from './clients';
import { makePemPair } from './tlsCertificate';

function serveConnections(ClientClass: typeof TWSocketClient): void {
  const server = new TWSocketServer();
  server.Addr = '127.0.0.1';
  server.Port = '0';
  server.Proto = 'tcp';
  server.Banner = '';
  server.ClientClass = ClientClass;
  server.Listen();
  announce(Number(server.BindPort));
}

function serveDatagrams(): void {
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
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

class TlsEchoClient extends TSslWSocketClient {
  override OnDataAvailable = echo;
}

function serveTls(): void {
  const { cert, key } = makePemPair();
  const context = new TSslContext();
  context.SslCertLines.Text = cert;
  context.SslPrivKeyLines.Text = key;
  context.InitContext();
  const server = new TSslWSocketServer();
  server.Addr = '127.0.0.1';
  server.Port = '0';
  server.Banner = '';
  server.SslContext = context;
  server.SslEnable = true;
  server.ClientClass = TlsEchoClient;
  server.Listen();
  announce(Number(server.BindPort));
}

const mode = process.argv[2] ?? '';
if (mode === 'udp') serveDatagrams();
else if (mode === 'tls') serveTls();
else serveConnections(clientClass(mode));
