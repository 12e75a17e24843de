// The TcpSrv demo of ICS: a line server to try with netcat or telnet. `npm start` runs it on
// 127.0.0.1, port 2300 or, if that is taken, a free one. Your choice: `npm start -- 2400`, PORT=2400.

import { TWSocketClient, TWSocketServer, wsErrFriendly } from '../lib';

class TTcpSrvClient extends TWSocketClient {
  RcvdLine = '';
  BytesToSend = 0;
  readonly ConnectTime = new Date();

  Reply(Text: string): void {
    this.SendStr(`${Text}\r\n`);
  }
}

const server = new TWSocketServer();
const block = Buffer.alloc(16 * 1024, 'abcdefghijklmnopqrstuvwxyz');

function ProcessCommand(Client: TTcpSrvClient, Command: string, Argument = '100'): void {
  if (Command === 'help') {
    Client.Reply('Commands: help, who, time, binary [bytes], exit, exception');
  } else if (Command === 'who') {
    Client.Reply(`There are ${server.ClientCount} connected clients`);
    for (let i = 0; i < server.ClientCount; i++) {
      const { CliId, PeerAddr, PeerPort, ConnectTime } = server.Client[i] as TTcpSrvClient;
      Client.Reply(`${CliId}: ${PeerAddr}:${PeerPort} since ${ConnectTime.toString()}`);
    }
  } else if (Command === 'time') {
    Client.Reply(new Date().toString());
  } else if (Command === 'binary') {
    Client.BytesToSend = Math.max(Number.parseInt(Argument) || 0, 0);
    Client.Reply(`Here come ${Client.BytesToSend} bytes`); // OnDataSent does the rest
  } else if (Command === 'exit') {
    Client.Reply('Goodbye');
    Client.CloseDelayed(); // sends what is queued, then closes
  } else if (Command === 'exception') {
    throw new Error('raised on purpose'); // goes to OnBgException
  } else {
    Client.Reply(`You sent: ${Client.RcvdLine}`);
  }
}

server.Addr = '127.0.0.1';
server.Banner = 'Welcome to TcpSrv\r'; // LineEnd follows
server.ClientClass = TTcpSrvClient; // the class itself, as in Delphi
server.SocketErrs = wsErrFriendly;
server.OnClientConnect = (Sender, AClient) => {
  const Client = AClient as TTcpSrvClient;
  console.log(`Client ${Client.CliId} connected from ${Client.PeerAddr}:${Client.PeerPort}`);
  Object.assign(Client, { LineMode: true, LineEdit: true, LineLimit: 80 }); // in place of "with"
  Client.LineEnd = '\n'; // netcat ends lines with LF, telnet with CR LF: this fits both
  Client.OnDataAvailable = () => {
    Client.RcvdLine = Client.ReceiveStr().trimEnd(); // a line comes with its end, as in ICS
    const [Command = '', Argument] = Client.RcvdLine.split(' ');
    ProcessCommand(Client, Command.toLowerCase(), Argument);
  };
  Client.OnDataSent = () => {
    const Count = Math.min(Client.BytesToSend, block.length);
    if (Count > 0) Client.BytesToSend -= Client.Send(block, Count);
  };
  Client.OnLineLimitExceeded = (_, RcvdLength, ClearData) => {
    Client.Reply(`Line too long: ${RcvdLength} bytes`);
    ClearData.Value = true; // a var argument is an object with a Value
  };
  Client.OnBgException = (_, E, CanClose) => {
    Client.Reply(`Exception: ${E.message}; the connection stays`);
    CanClose.Value = false; // True, the preset, aborts this client
  };
};
server.OnClientDisconnect = (_, Client) => console.log(`Client ${Client.CliId} disconnected`);
server.Port = process.argv[2] ?? process.env['PORT'] ?? '2300';
try {
  server.Listen();
} catch (error) {
  if (server.Port !== '2300') throw error;
  server.Port = '0'; // any free port
  server.Listen();
}
console.log(`TcpSrv listens on 127.0.0.1, port ${server.BindPort}. Type in another terminal:`);
console.log(`  nc 127.0.0.1 ${server.BindPort}\nand there: help. Ctrl+C ends TcpSrv.`);
