// A UDP server: every datagram goes back to whoever has sent it. Try it with `nc -u 127.0.0.1 2302`.

import { TSockAddr, TWSocket } from '../lib';

const MAX_DATAGRAM = 65_507;

const server = new TWSocket();
const buffer = Buffer.alloc(MAX_DATAGRAM);
const sender = new TSockAddr(); // ReceiveFrom fills it

server.Proto = 'udp';
server.Addr = '127.0.0.1';
server.Port = process.argv[2] ?? '2302';
server.OnDataAvailable = () => {
  const count = server.ReceiveFrom(buffer, buffer.length, sender);
  if (count < 0) return;
  console.log(`${count} bytes from ${sender.Addr}:${sender.Port}`);
  server.SendTo(sender, buffer, count);
};
server.Listen();
console.log(`UDP echo server on 127.0.0.1, port ${server.GetXPort()}`);
