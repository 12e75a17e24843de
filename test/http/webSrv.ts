// A small web server for one test, and what its answers look like from the outside.

import { execFile } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import type { Context } from 'mocha';
import { TSimpleWebSrv } from '../../lib';
import { connect, track } from '../support';
import { skipTest } from '../support/skipTest';

/** Listening on 127.0.0.1 at a port of the system's choice; answers 200 unless told otherwise. */
export function startWebSrv(props: Partial<TSimpleWebSrv> = {}): TSimpleWebSrv {
  const webSrv = newWebSrv(props);
  if (!webSrv.StartSrv()) throw new Error(webSrv.StartError);
  return webSrv;
}

export function newWebSrv(props: Partial<TSimpleWebSrv> = {}): TSimpleWebSrv {
  const webSrv = track(new TSimpleWebSrv());
  webSrv.OnSimpWebSrvReq = (_Sender, _Host, Path, _Params, RespCode, Body) => {
    RespCode.Value = '200 OK';
    Body.Value = `page ${Path}`;
  };
  return Object.assign(webSrv, { WebSrvIP: '127.0.0.1', WebSrvPort: '0' }, props);
}

export interface Answer {
  /** First line. */
  readonly status: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly ending: 'end' | 'reset';
}

/** Sends `request` and reads until the server closes. */
export async function ask(webSrv: TSimpleWebSrv, request: string | Uint8Array): Promise<Answer> {
  const peer = await connect(Number(webSrv.BindPort));
  peer.write(request);
  const ending = await peer.closed();
  const answer = parseAnswer(peer.text, ending);
  peer.end();
  return answer;
}

export function parseAnswer(text: string, ending: 'end' | 'reset' = 'end'): Answer {
  const split = text.indexOf('\r\n\r\n');
  const [status = '', ...fields] = text.slice(0, Math.max(split, 0)).split('\r\n');
  const headers = new Map(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  return { status, headers, body: split < 0 ? text : text.slice(split + 4), ending };
}

/** Standard output of a command, and its exit code. */
export function run(command: string, args: string[]): Promise<{ out: string; code: number }> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8' as const, timeout: 20_000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(command, args, options, (_error, out) =>
      resolve({ out, code: child.exitCode ?? -1 }),
    );
  });
}

/** For `before` hooks: skips the suite, with a printed reason, where the command is missing. */
export function skipWithout(command: string): (this: Context) => void {
  return function () {
    try {
      execFileSync(command, ['--version'], { stdio: 'ignore' });
    } catch {
      skipTest(this, `no ${command} here`);
    }
  };
}
