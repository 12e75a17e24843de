// Connects to one of the example servers, sends a line and prints what comes back until the answer
// with that line in it is there. Port and line: `npx ts-node examples/client.ts 2300 'good morning'`.

import { TWSocket, WSocketGetErrorMsgFromErrorCode, torConnect } from '../lib';

const client = new TWSocket();
const line = process.argv[3] ?? 'hello';

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
  client.Close();
}

client.Addr = '127.0.0.1';
client.Port = process.argv[2] ?? '2300';
client.LineMode = true;
client.LineEnd = '\n'; // fits answers that end with LF and with CR LF
client.TimeoutConnect = 10_000; // milliseconds
client.TimeoutIdle = 10_000;
client.OnSessionConnected = (Sender, ErrCode) => {
  if (ErrCode === 0) client.SendLine(line);
  else fail(`No connection: ${WSocketGetErrorMsgFromErrorCode(ErrCode)}`);
};
client.OnDataAvailable = () => {
  const answer = client.ReceiveStr().trimEnd(); // a line comes with its end, as in ICS
  console.log(answer.replace(/\p{Cc}/gu, '?')); // no control character reaches the terminal
  if (answer.includes(line)) client.Close();
};
client.OnTimeout = (Sender, Reason) => {
  fail(Reason === torConnect ? 'No connection in 10 seconds' : 'No answer in 10 seconds');
};
client.OnSessionClosed = () => console.log('Connection closed');
client.Connect(); // returns at once; the process lives as long as the connection
