// A listener that takes no connection: its queue is full and stays so, because nothing accepts. What
// connects to it waits for ever. A program of its own, since Node accepts by itself.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onCleanup } from './cleanup';

const PROGRAM = `
import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
fill = []
for _ in range(4):
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(listener.getsockname())
    fill.append(s)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()
`;

/** The port. */
export async function fullBacklog(): Promise<number> {
  const child = spawn('python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  onCleanup(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    lines.close();
    return Number(line);
  }
  throw new Error('python3 told no port');
}
