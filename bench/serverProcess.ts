// A server under test: one of bench/servers/*.ts, compiled, in a process of its
// own. Both servers run with the same Node and the same flags.

import { LineChild } from './lineChild';
import type { Measured } from './servers/childProtocol';

const START_MS = 30_000;
const GC_MS = 10_000;
const MEASURE_MS = 60_000;

// --expose-gc: memory is compared after a collection, not at a random moment between two.
export const SERVER_FLAGS: readonly string[] = ['--expose-gc'];

export interface ServerKind {
  script: string;
  mode: string;
}

export class ServerProcess {
  readonly #child: LineChild;
  readonly port: number;

  private constructor(child: LineChild, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(kind: ServerKind, cpu: number | null): Promise<ServerProcess> {
    const args = [...SERVER_FLAGS, kind.script, kind.mode];
    const child = new LineChild(`server ${kind.mode}`, process.execPath, args, cpu);
    try {
      const { port } = JSON.parse(await child.line(START_MS)) as { port: number };
      return new ServerProcess(child, port);
    } catch (error) {
      await child.stop();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  async collectGarbage(): Promise<void> {
    this.#child.write('gc');
    await this.#child.line(GC_MS);
  }

  /** The figure of a server that measures itself. */
  async measure(): Promise<Measured> {
    this.#child.write('measure');
    return JSON.parse(await this.#child.line(MEASURE_MS)) as Measured;
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
