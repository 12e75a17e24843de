// What our servers do with a connection, the same with and without worker threads.

import { TWSocketClient, type TComponent } from '../../lib';

/** Some 100 µs of work for each message. */
const BURN_STEPS = 50_000;

const buffer = Buffer.allocUnsafeSlow(64 * 1024);

export function echo(client: TWSocketClient): void {
  const count = client.Receive(buffer);
  if (count > 0) client.Send(buffer, count);
}

function answerLine(client: TWSocketClient): void {
  client.SendStr(client.ReceiveStr());
}

let seed = 1;

// Counted, not timed: a thread that has to wait for its processor does not get away with less.
function burn(): void {
  let value = seed;
  for (let step = 0; step < BURN_STEPS; step++) value = (Math.imul(value, 1103515245) + 12345) | 0;
  seed = value;
}

function burnAndEcho(client: TWSocketClient): void {
  burn();
  echo(client);
}

class EchoClient extends TWSocketClient {
  override OnDataAvailable = echo;
}

class BurnClient extends TWSocketClient {
  override OnDataAvailable = burnAndEcho;
}

class LineClient extends TWSocketClient {
  override OnDataAvailable = answerLine;

  constructor(AOwner: TComponent | null) {
    super(AOwner);
    this.LineMode = true;
  }
}

const CLIENTS: Record<string, typeof TWSocketClient> = {
  echo: EchoClient,
  lines: LineClient,
  burn: BurnClient,
};

export function clientClass(mode: string): typeof TWSocketClient {
  const found = CLIENTS[mode];
  if (found === undefined) throw new Error(`unknown mode ${mode}`);
  if (found === BurnClient) for (let i = 0; i < 200; i++) burn(); // V8 has compiled it then
  return found;
}
