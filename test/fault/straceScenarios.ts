// The fixed part: each call of the server, each error a kernel may answer, at the first call, a later
// one and again and again, injected by strace. Slower than the shim and without chance; what it
// shows does not depend on a library of ours.
//
// strace cannot tell the addon's calls from Node's. These are made by the addon alone: Node uses
// epoll_pwait, read, write and recvmsg for its own.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Kind } from './conversation';

export interface Scenario {
  call: string;
  error: string;
  when: string;
  /** The fault may cost the connection it hits. */
  hard: boolean;
  kinds: Kind[];
}

const OFTEN = ['1', '3', '2+4'];
const ONCE = ['1', '2'];
const PLAIN: Kind[] = ['lines', 'lines', 'bytes', 'pour'];
const CONNECTS: Kind[] = ['back', 'back', 'back'];

function every(
  call: string,
  errors: string[],
  moments: string[],
  kinds: Kind[],
  hard: boolean,
): Scenario[] {
  return errors.flatMap((error) => moments.map((when) => ({ call, error, when, hard, kinds })));
}

export const SCENARIOS: readonly Scenario[] = [
  ...every('accept4', ['EINTR', 'EAGAIN', 'ECONNABORTED', 'EPROTO'], OFTEN, PLAIN, false),
  ...every('accept4', ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM'], OFTEN, PLAIN, true),
  ...every('sendto', ['EINTR', 'EAGAIN', 'ENOBUFS', 'ENOMEM'], OFTEN, PLAIN, false),
  ...every('sendmsg', ['EINTR', 'EAGAIN', 'ENOBUFS', 'ENOMEM'], ['1', '2+3'], PLAIN, false),
  ...every('recvfrom', ['EINTR'], OFTEN, PLAIN, false),
  ...every('epoll_wait', ['EINTR'], OFTEN, PLAIN, false),
  ...every('connect', ['EAGAIN', 'ENOBUFS', 'ENETUNREACH'], ['1', '2'], CONNECTS, true),
  ...every('bind', ['EADDRINUSE', 'ENOBUFS'], ONCE, PLAIN, true),
  ...every('listen', ['EADDRINUSE', 'ENOBUFS'], ONCE, PLAIN, true),
  ...every('socket', ['ENOBUFS', 'EMFILE', 'ENFILE'], ['3'], CONNECTS, true),
];

/** strace with its arguments, up to the program. */
export function straceCommand({ call, error, when }: Scenario, folder: string): string[] {
  const trace = path.join(folder, 'trace.txt');
  return ['strace', '-f', '-qq', '--seccomp-bpf', '-s', '8', '-o', trace].concat([
    ...['-e', `trace=${call}`, `--inject=${call}:error=${error}:when=${when}`],
  ]);
}

/** Why strace cannot be used here, or ''. */
export function straceProblem(): string {
  const trial = spawnSync('strace', ['--seccomp-bpf', '-f', '-o', '/dev/null', 'true'], {
    encoding: 'utf8',
  });
  if (trial.error) return `strace is not installed (${trial.error.message})`;
  return trial.status === 0 ? '' : `strace may not trace here (${trial.stderr.trim()})`;
}
