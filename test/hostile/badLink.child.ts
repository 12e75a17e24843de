// Server and client of badLink.slow.test.ts, alone in a network namespace whose loopback loses and
// delays packets: sends bytes to and fro and prints what came of it.

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { TWSocketServer } from '../../lib';

const BYTES = Number(process.argv[2]);
const CLIENTS = 4;

const server = new TWSocketServer();
const events: string[] = [];
Object.assign(server, { Addr: '127.0.0.1', Port: '0', Banner: '' });
server.OnClientConnect = (_server, client, error) => {
  events.push(`connect ${error}`);
  client.OnDataAvailable = () => void client.Send(client.ReceiveTB());
};
server.OnClientDisconnect = (_server, _client, error) => void events.push(`disconnect ${error}`);
server.OnBgException = (_sender, E) => void events.push(E.message);
server.Listen();

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An upload that is echoed: equal or not. */
function transfer(number: number): Promise<string> {
  const data = Buffer.from(Uint8Array.from({ length: BYTES }, (_, i) => (i * (7 + number)) >> 3));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let got = 0;
    const socket = connect({ port: Number(server.BindPort), host: '127.0.0.1' });
    socket.write(data);
    socket.on('data', (bytes: Buffer) => {
      chunks.push(bytes);
      got += bytes.length;
      if (got >= BYTES) socket.end();
    });
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', () => {
      resolve(hashOf(Buffer.concat(chunks)) === hashOf(data) ? 'equal' : `${got} of ${BYTES}`);
    });
  });
}

async function main(): Promise<void> {
  const results = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => transfer(i)));
  while (server.ClientCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  events.sort();
  console.log(JSON.stringify({ results, events }));
  server.Free();
}

void main();
