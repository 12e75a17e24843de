// For mocha: the fault server under the shim with one plan, listening, its faults switched off.

import path from 'node:path';
import type { Context } from 'mocha';
import { onCleanup } from '../support/cleanup';
import { SLOWNESS } from '../support/waitFor';
import { FaultProcess, compileShim, scratchFolder } from './faultProcess';
import { Control, planText, type PlannedCall } from './plan';
import { listenQuestion } from './round';
import { skipTest } from '../support/skipTest';

export interface ShimServer {
  server: FaultProcess;
  control: Control;
  port: number;
  tlsPort: number;
}

let shim: string | undefined;

/** For `before` hooks: skips the suite with a printed reason. */
export function skipWithoutShim(this: Context): void {
  try {
    if (process.platform !== 'linux') throw new Error('the shim is for Linux');
    if (SLOWNESS > 1) throw new Error('the sanitizer stands between the addon and the shim');
    shim ??= compileShim(scratchFolder());
  } catch (error) {
    skipTest(this, (error as Error).message);
  }
}

export async function shimServer(...calls: PlannedCall[]): Promise<ShimServer> {
  const plan = { hard: true, calls };
  const file = path.join(scratchFolder(), 'control');
  const control = new Control(file, plan);
  const env = {
    LD_PRELOAD: [process.env.LD_PRELOAD, shim].filter(Boolean).join(':'),
    ICS_FAULT_SEED: '1',
    ICS_FAULT_PLAN: planText(plan),
    ICS_FAULT_CONTROL: file,
  };
  const server = new FaultProcess({ env });
  onCleanup(() => {
    void server.stop();
    control.close();
  });
  const { port, tlsPort } = await server.ask(listenQuestion(0));
  return { server, control, port, tlsPort };
}
