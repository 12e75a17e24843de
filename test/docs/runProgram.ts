// Runs one compiled program of the documents until it has done what it promises.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { Program } from './markdown';

const deadlineMs = 30_000;

type Report = { port: number } | { isThrough: true };

/** What a peer gets back for one line within the deadline, if that is the answer; else what came. */
async function hears(port: number, line: string, answer: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let heard = '';
  try {
    socket.setEncoding('utf8').setTimeout(deadlineMs, () => socket.destroy());
    if (line !== '') socket.write(`${line}\n`);
    for await (const part of socket) {
      heard += part as string;
      if (heard.includes(answer)) return '';
    }
  } catch (error) {
    heard += String(error);
  } finally {
    socket.destroy();
  }
  return `said ${JSON.stringify(line)}, heard ${JSON.stringify(heard)}`;
}

/** '' when the program did everything it promises, else what went wrong. */
export async function runProgram(
  file: string,
  { prints, tries }: Program,
  installed: string,
): Promise<string> {
  const preload = path.join(__dirname, 'preload.js');
  const child = spawn(process.execPath, ['-r', preload, file, '0'], {
    cwd: path.join(__dirname, '..', '..'),
    env: { ...process.env, DOCS_TEST_PACKAGE: installed },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const closed = once(child, 'close');
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  let printed = '';
  let errors = '';
  let port = 0;
  let isThrough = false;
  const hasPrinted = () => {
    let from = 0;
    return prints.every((line) => {
      const at = `\n${printed}`.indexOf(`\n${line}\n`, from);
      from = at + line.length + 1;
      return at >= 0;
    });
  };
  const done = new Promise<void>((resolve) => {
    const look = () => (isThrough && hasPrinted() ? resolve() : undefined);
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      printed += part;
      look();
    });
    child.stderr!.setEncoding('utf8').on('data', (part: string) => (errors += part));
    child.on('message', (report) => {
      const fact = report as Report;
      if ('port' in fact) port = fact.port;
      else isThrough = true;
      look();
    });
  });

  await Promise.race([done, closed]);
  const problems: string[] = [];
  for (const [line, answer] of tries) problems.push(await hears(port, line, answer));
  child.kill('SIGTERM');
  const [code, signal] = (await closed) as [number | null, string | null];
  clearTimeout(timer);
  if (code !== 0 && signal !== 'SIGTERM') problems.push(`ended with ${code ?? signal}`);
  if (!hasPrinted()) problems.push(`did not print ${JSON.stringify(prints)} but ${printed}`);
  return [...problems, errors].filter((problem) => problem !== '').join('\n');
}
