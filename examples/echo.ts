// The smallest useful server: every client gets back what it sends.
import { TWSocketServer } from '../lib';

const server = new TWSocketServer();
server.Addr = '127.0.0.1';
server.Port = process.argv[2] ?? '2300';
server.Banner = '';
server.OnClientConnect = (Sender, Client) => {
  Client.OnDataAvailable = () => Client.SendStr(Client.ReceiveStr());
};
server.Listen();
console.log(`Echo server on port ${server.BindPort}`);
