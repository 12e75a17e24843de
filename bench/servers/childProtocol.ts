// How a server process talks to the runner: one JSON line with its port, a
// collection on "gc", and the end of the process when stdin closes.

declare const gc: (() => void) | undefined;

export function announce(port: number): void {
  process.stdout.write(JSON.stringify({ port }) + '\n');
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text: string | Buffer) => {
    if (text !== 'gc\n') return;
    gc?.();
    process.stdout.write('done\n');
  });
  process.stdin.on('end', () => process.exit());
}
