// Facts about time without fixed sleeps.
import { TWSocket, type TWSocketClient } from '../../lib';
import { startTimer } from '../../lib/pump/reactor';
import { accepted } from './accepted';
import { startServer, track, waitFor } from '../support';

/** Waits until another connection has seen a whole sampling period of 1000 ms in silence. */
export async function samplingPeriod(): Promise<void> {
  let passed = false;
  await accepted((client) => {
    client.TimeoutSampling = 1000;
    client.TimeoutIdle = 1;
    client.OnTimeout = () => void (passed = true);
  });
  await waitFor(() => passed, 'a sampling period', 15_000);
}

/** Does something while a blocking call pumps: Node's own timers stand still then. */
export function inPump(delayMs: number, action: () => void): void {
  startTimer(delayMs, action);
}

/** A TWSocket that connects to the server's port, connected already. */
export async function connected(socket: TWSocket, port: string): Promise<TWSocket> {
  let code = -1;
  Object.assign(socket, { Addr: '127.0.0.1', Port: port });
  socket.OnSessionConnected = (_sender, error) => void (code = error);
  socket.Connect();
  await waitFor(() => code === 0, 'the connection');
  return socket;
}

/** A client of a server and its peer, a TWSocket: both can act while Node's loop stands still. */
export async function ownPair(
  setup: (client: TWSocketClient) => void,
): Promise<{ client: TWSocketClient; caller: TWSocket }> {
  let client: TWSocketClient | undefined;
  const server = startServer({
    OnClientConnect: (_server, newClient) => {
      client = newClient;
      setup(newClient);
    },
  });
  const caller = await connected(track(new TWSocket()), server.GetXPort());
  await waitFor(() => client !== undefined, 'the client');
  return { client: client!, caller };
}

/** Notes that no more than the limit has been moved, whenever it is asked. */
export class Meter {
  readonly #start = performance.now();
  readonly #portion: number;
  readonly #sampling: number;

  /** Made before the connection is limited, so that it never expects too little. */
  constructor(limit: number, sampling: number) {
    this.#portion = (limit * sampling) / 1000;
    this.#sampling = sampling;
  }

  get elapsed(): number {
    return performance.now() - this.#start;
  }

  /** Bytes that may have been moved by now. */
  get allowed(): number {
    return (Math.floor(this.elapsed / this.#sampling) + 1) * this.#portion;
  }

  /** The shortest time in which so many bytes can be moved. */
  shortest(bytes: number): number {
    return (Math.ceil(bytes / this.#portion) - 1) * this.#sampling;
  }
}

/** Applied in OnClientCreate, before the client has its socket. */
export function limited(
  limit: number,
  sampling: number,
): { meter: () => Meter; create: (server: unknown, client: TWSocketClient) => void } {
  let meter: Meter | undefined;
  return {
    meter: () => meter!,
    create: (_server, client) => {
      meter = new Meter(limit, sampling);
      client.BandwidthLimit = limit;
      client.BandwidthSampling = sampling;
    },
  };
}
