// The addon cannot get its event queue: the program is told so when it loads the package, and nothing
// crashes.

import path from 'node:path';
import { FaultProcess } from './faultProcess';
import { Control, planText, type Plan } from './plan';
import { until, type RoundResult } from './round';

export const START_ERRORS = ['EMFILE', 'ENFILE', 'ENOMEM'];
const MESSAGE = 'the kernel refused an event queue';
const START_MS = 20_000;

export async function runStart(error: string, shim: string, folder: string): Promise<RoundResult> {
  const call = { name: 'epoll_create1', rate: 10_000, faults: [error] };
  const plan: Plan = { hard: true, calls: [call] };
  const file = path.join(folder, `control-start-${error}`);
  const control = new Control(file, plan);
  control.faults = true;
  const env = { LD_PRELOAD: shim, ICS_FAULT_PLAN: planText(plan), ICS_FAULT_CONTROL: file };
  const server = new FaultProcess({ env });
  const ended = await until(() => server.ending !== '', START_MS);
  const problems: string[] = [];
  if (!ended) problems.push('the server runs without an event queue');
  else if (server.ending !== 'it ended with 1' || !server.said.includes(MESSAGE))
    problems.push(`${server.ending}: ${server.said}`);
  await server.stop();
  const tally = control.tally();
  control.close();
  return { problems, plan, tally, conversations: 0, messages: 0, bytes: 0 };
}
