// A console server in the manner of ICS: Listen, MessageLoop, Free.
//
// A Delphi console program has no Application object, so the server's own MessageLoop handles the
// events, and the lines after it run when the loop has ended. A normal Node program needs no
// MessageLoop: leave it out and events come from Node's loop (docs/guides/message-pump.md).

import { TWSocketClient, TWSocketServer } from '../lib';

class TConSrv extends TWSocketServer {
  constructor() {
    super();
    this.Addr = '127.0.0.1';
    this.Port = process.argv[2] ?? '2301';
    this.Banner = 'Type a line; "quit" ends the server';
    // Delphi binds a method to its object by itself; in TypeScript an arrow function does.
    this.OnClientConnect = (Sender, Client) => this.ClientConnect(Client);
    this.OnClientDisconnect = (Sender, Client) => console.log(`Client ${Client.CliId} left`);
  }

  protected ClientConnect(Client: TWSocketClient): void {
    console.log(`Client ${Client.CliId} from ${Client.PeerAddr}:${Client.PeerPort}`);
    Client.LineMode = true;
    Client.LineEnd = '\n'; // fits netcat (LF) and telnet (CR LF)
    Client.OnDataAvailable = () => this.LineReceived(Client, Client.ReceiveStr().trimEnd());
  }

  protected LineReceived(Client: TWSocketClient, Line: string): void {
    if (Line !== 'quit') {
      Client.SendLine(`You sent: ${Line}`);
      return;
    }
    Client.SendLine('The server ends now');
    this.PostQuitMessage(); // handled after this event, as PostQuitMessage of Windows
  }
}

const server = new TConSrv();
server.Listen();
console.log(`Console server on 127.0.0.1, port ${server.BindPort}`);
server.MessageLoop(); // returns after PostQuitMessage or Terminated
server.Free(); // closes the clients that are still there
console.log('Server ended');
