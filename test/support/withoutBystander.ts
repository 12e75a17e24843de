// The tests of [H-20] to [H-104] whose attacked server has no bystander, and why: bystander.ts lets
// every other test fail that forgets it.

import path from 'node:path';
import type { Test } from 'mocha';

const TESTS = path.resolve(__dirname, '..');

/** Reason → files, each with the titles it is about. */
const REASONS: Record<string, Record<string, RegExp>> = {
  'the server is freed with all its clients': {
    'server/freeServerInHandler': /./,
    'server/listenItemInHandler': /./,
    'server/serverDestroy': /./,
  },
  'the test ends every client of the server': {
    'hostile/listWalk': /(up|down)wards with/,
    'server/disconnectAll': /./,
  },
  'the process or the worker ends': {
    'hostile/processEnds': /\] by /,
    'hostile/workers.slow': /ended mid-transfer|ends the worker only/,
  },
  'a further connection would keep the process alive': { 'hostile/processLives': /./ },
  'nothing the process sends ever leaves': { 'hostile/sendRetries': /that lasts/ },
  'a single socket is attacked, with a listening TWSocket at most': {
    'hostile/descriptorReuse': /./,
    'hostile/workerEndsAfterAccept': /./,
    'socket/badDescriptor': /the socket stays closed|nonsense numbers|with OnError assigned/,
    'socket/dupRange': /./,
    'socket/fatalSend': /closes first/,
    'socket/foreignDescriptor': /./,
  },
  'nobody connects': {
    'hostile/linger': /without a connection/,
    'property/clientHello': /./,
    'pump/messageLoop': /when a timer of Node/,
    'server/multiListenThread': /./,
    'socket/references': /twice counts once|outlives Listen|after Free/,
  },
};

/** Has the test a reason to attack a server without a bystander? */
export function mayBeWithout({ file = '', title }: Test): boolean {
  const name = path.relative(TESTS, file).replace(/\.test\.ts$/, '');
  return Object.values(REASONS).some((files) => files[name]?.test(title));
}
