// How a server process talks to the runner: one JSON line with its port, a
// collection on "gc", a figure on "measure", and the end of the process when
// stdin closes.

declare const gc: (() => void) | undefined;

/** What a server that measures itself has found. */
export interface Measured {
  /** In the unit of the scenario's measure; smaller is better. */
  value: number;
  perSecond: number;
}

type Measure = () => Measured | Promise<Measured>;

export function announce(port: number, measure?: Measure): void {
  say(JSON.stringify({ port }));
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string | Buffer) => {
    if (text === 'gc\n') {
      gc?.();
      say('done');
    } else if (text === 'measure\n' && measure !== undefined) {
      void Promise.resolve(measure()).then((found) => say(JSON.stringify(found)));
    }
  });
  process.stdin.on('end', () => process.exit());
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
