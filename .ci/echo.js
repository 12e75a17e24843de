// Run by .ci/run in a folder where only the packed package is installed: one line to a server and
// back, over a real connection. Exits with 1 when that takes longer than ten seconds.
'use strict';

const net = require('node:net');
const { TWSocketServer } = require('ics-wsocket');

setTimeout(() => {
  console.error('no echo within ten seconds');
  process.exit(1);
}, 10_000).unref();

const server = new TWSocketServer();
server.Proto = 'tcp';
server.Addr = '127.0.0.1';
server.Port = '0';
server.Banner = '';
server.OnClientConnect = (_Sender, Client) => {
  Client.OnDataAvailable = () => Client.SendStr(Client.ReceiveStr());
};
server.Listen();

const peer = net.connect(Number(server.BindPort), '127.0.0.1', () => peer.write('echo'));
peer.setEncoding('utf8');
peer.once('data', (text) => {
  console.log(`installed package answered: ${text}`);
  peer.destroy();
  server.Free();
  process.exitCode = text === 'echo' ? 0 : 1;
});
