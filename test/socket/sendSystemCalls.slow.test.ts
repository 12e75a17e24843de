// CoalesceSends counted where it matters: the system calls of a server process under strace.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from '../support';
import { skipTest } from '../support/skipTest';

const lines = 50;
const request = Array.from({ length: lines }, (_, i) => `line ${i}\r\n`).join('');
const answer = request.replaceAll('line', 'ok line');

/** Why strace cannot be used here, or ''. */
function straceProblem(): string {
  const trial = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' });
  if (trial.error) return `strace is not installed (${trial.error.message})`;
  return trial.status === 0 ? '' : `strace may not trace here (${trial.stderr.trim()})`;
}

/** Runs the server under strace, sends all lines in one write, counts the calls that answer. */
async function countSendCalls(mode: 'gathered' | 'separate'): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ics-strace-'));
  const trace = path.join(folder, 'trace.txt');
  const script = path.join(__dirname, '../fixtures/lineAnswerServer.ts');
  const server = spawn(
    'strace',
    ['-f', '-qq', '-s', '8', '-e', 'trace=sendto,sendmsg,write,writev', '-o', trace].concat([
      process.execPath,
      '-r',
      'ts-node/register/transpile-only',
      script,
      mode,
    ]),
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(server, 'exit');
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const peer = await connect(Number(port.toString()));
    peer.write(request);
    assert.equal((await peer.read(answer.length)).toString(), answer);
  } finally {
    server.stdin.end();
    await ended;
  }
  const calls = readFileSync(trace, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  return calls.filter((call) => /(send(to|msg)|writev?)\(.*"ok line/.test(call)).length;
}

describe('The system calls of a line server', () => {
  before(function () {
    const problem = straceProblem();
    if (problem === '') return;
    skipTest(this, problem);
  });

  it('are one send for 50 answers to lines that came together', async function () {
    this.timeout(30_000);
    assert.equal(await countSendCalls('gathered'), 1);
  });

  it('are 50 sends when CoalesceSends is False', async function () {
    this.timeout(30_000);
    assert.equal(await countSendCalls('separate'), lines);
  });
});
