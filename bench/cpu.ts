// What the operating system says about a server process: CPU time and memory.
// Also the pinning of processes to CPUs.
//
// CPU time per message is the figure to trust: it hardly depends on what else
// the machine does, unlike messages per second.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS_PER_TICK = 1e7; // USER_HZ is 100 on every Linux platform of Node.
const HAS_SCHEDSTAT = existsSync('/proc/self/schedstat');

/** CPU nanoseconds that all threads of a process together have used so far. */
export function cpuNanoseconds(pid: number): number {
  if (!HAS_SCHEDSTAT) return cpuTicks(pid) * NANOSECONDS_PER_TICK;
  let used = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1');
    used += Number.parseInt(text, 10);
  }
  return used;
}

/** Nanoseconds in which a CPU was not free for its own processes so far: busy or stolen. */
export function busyNanoseconds(cpu: number): number {
  const text = readFileSync('/proc/stat', 'latin1');
  const fields = new RegExp(`^cpu${cpu} (.*)$`, 'm').exec(text)?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * NANOSECONDS_PER_TICK;
}

// For kernels without schedstat. Fields 14 and 15; the name before them may hold blanks.
function cpuTicks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident bytes. smaps_rollup is exact; statm is counted per CPU and may lag. */
export function residentBytes(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    return Number(/^Rss:\s+(\d+)/m.exec(text)?.[1]) * 1024;
  } catch {
    const pages = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1];
    return Number(pages) * 4096;
  }
}

/** The command under taskset, or the command itself when `cpu` is null. */
export function tasksetCommand(
  cpu: number | null,
  command: readonly [string, ...string[]],
): [string, ...string[]] {
  return cpu === null ? [...command] : ['taskset', '-c', String(cpu), ...command];
}

export interface Pinning {
  server: number | null;
  load: number | null;
  description: string;
}

/** One CPU for the servers, another one for the load generator. */
export function choosePinning(): Pinning {
  const cpus = allowedCpus();
  const [server, load] = cpus;
  if (server === undefined || load === undefined) {
    return unpinned('only one CPU: server and load generator share it');
  }
  if (spawnSync('taskset', ['-c', String(server), 'true']).status !== 0) {
    return unpinned('taskset is not available: processes are not pinned');
  }
  const description = `server pinned to CPU ${server}, load generator to CPU ${load} (taskset)`;
  return { server, load, description };
}

function unpinned(description: string): Pinning {
  return { server: null, load: null, description };
}

/** "0-1,4" → [0, 1, 4] */
function allowedCpus(): number[] {
  const status = readFileSync('/proc/self/status', 'latin1');
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
