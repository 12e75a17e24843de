// One of several processes that serve one port: answers every connection with its number and serves
// an echo. Questions: "listen <port>", "close" (stops listening, goes on serving) and "count".

import { TWSocketServer } from '../../lib';
import { answerParent } from '../support/answerParent';

const server = new TWSocketServer();
const counts = { connected: 0, disconnected: 0, failures: 0 };

Object.assign(server, { Addr: '127.0.0.1', Banner: '', ReusePort: true });
server.OnClientConnect = (_server, client, error) => {
  if (error !== 0) {
    counts.failures++;
    return;
  }
  counts.connected++;
  client.SendLine(`pid ${process.pid}`);
  client.OnDataAvailable = () => void client.Send(client.ReceiveTB());
};
server.OnClientDisconnect = () => void counts.disconnected++;
server.OnBgException = () => void counts.failures++;

answerParent((question) => {
  const [command, port] = question.split(' ');
  if (command === 'listen') {
    server.Port = port!;
    server.Listen();
  }
  if (command === 'close') server.Close();
  return { port: Number(server.BindPort), listening: server.State, ...counts };
});
