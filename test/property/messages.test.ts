// Posted messages arrive in the order in which they were posted, whoever pumps and from where; none
// is lost below the limit of the queue.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PostMessage, TIcsWndControl, WM_USER } from '../../lib';
import type { TMessage } from '../../lib';
import { track } from '../support';
import { check, TEST_TIMEOUT_MS } from './properties';

const LIMIT = 10_000;
const CONTROLS = 3;
/** Pumps inside pumps that are sure to work; the library stops at 32. */
const SURE_DEPTH = 30;

type Action =
  | { do: 'post'; to: number; then: Action[] }
  | { do: 'postMany'; to: number; count: number }
  | { do: 'free'; which: number }
  | { do: 'ProcessMessage' | 'ProcessMessages' }
  | { do: 'throw' };
type Step = Action | { do: 'turns'; count: number };

class Control extends TIcsWndControl {
  constructor(private readonly queue: Queue) {
    super();
    this.OnBgException = (_sender, _E, CanClose) => {
      CanClose.Value = false;
    };
  }

  override WndProc(Msg: TMessage): void {
    if (Msg.Msg === WM_USER) this.queue.arrived(this, Msg.WParam, Msg.LParam);
    else super.WndProc(Msg);
  }
}

interface Waiting {
  to: Control;
  number: number;
  then: Action[];
}

/** The model beside the real queue: what waits, oldest first. */
class Queue {
  readonly controls = Array.from({ length: CONTROLS }, () => track(new Control(this)));
  waiting: Waiting[] = [];
  #posted = 0;
  /** Messages of freed controls: they count until the pump comes to them. */
  #dead = 0;
  #depth = 0;
  /** What the model says does not hold; a throw in WndProc would go to OnBgException. */
  problem: unknown;

  run(action: Action): void {
    switch (action.do) {
      case 'post':
        return this.#post(action.to, action.then);
      case 'postMany':
        for (let left = action.count; left > 0; left--) this.#post(action.to, []);
        return;
      case 'free':
        return this.#free(this.controls[action.which]!);
      case 'throw':
        throw new Error('of a handler');
      default:
        this.#pump(action.do);
    }
  }

  arrived(control: Control, number: number, lParam: number): void {
    const next = this.waiting.shift();
    try {
      assert.equal(next?.number, number);
      assert.equal(lParam, -number);
      assert.equal(next.to, control);
    } catch (E) {
      this.problem ??= E;
      return;
    }
    for (const action of next.then) this.run(action);
  }

  #post(to: number, then: Action[]): void {
    const control = this.controls[to]!;
    const number = this.#posted++;
    const posted = PostMessage(control.Handle, WM_USER, number, -number);
    const room = LIMIT - this.waiting.length;
    const must = !control.isDestroyed && room > this.#dead;
    const may = !control.isDestroyed && room > 0;
    if (posted ? !may : must) this.problem ??= new Error(`message ${number}: ${posted}`);
    if (posted) this.waiting.push({ to: control, number, then });
  }

  #free(control: Control): void {
    control.Free();
    const alive = this.waiting.filter((one) => one.to !== control);
    this.#dead += this.waiting.length - alive.length;
    this.waiting = alive;
  }

  #pump(how: 'ProcessMessage' | 'ProcessMessages'): void {
    const [next] = this.waiting;
    this.#depth++;
    this.controls[0]![how]();
    this.#depth--;
    const stuck = next !== undefined && this.waiting[0] === next;
    if (stuck && this.#depth < SURE_DEPTH) this.problem ??= new Error(`${how} did nothing`);
  }

  /** Everything that waits must come now. */
  drain(): void {
    while (this.waiting.length > 0 && this.problem === undefined) this.#pump('ProcessMessages');
    this.controls[0]!.ProcessMessages();
    if (this.problem !== undefined) throw this.problem;
  }
}

const { action } = fc.letrec<{ action: Action; actions: Action[] }>((tie) => ({
  actions: fc.array(tie('action'), { maxLength: 3, depthIdentifier: 'nested' }),
  action: fc.oneof(
    { depthIdentifier: 'nested', maxDepth: 4 },
    fc.constantFrom<Action>({ do: 'ProcessMessage' }, { do: 'ProcessMessages' }),
    fc.record({
      do: fc.constant('post' as const),
      to: fc.nat(CONTROLS - 1),
      then: tie('actions'),
    }),
  ),
}));
const free = fc.record({ do: fc.constant('free' as const), which: fc.nat(CONTROLS - 1) });
const throwing = fc.record({
  do: fc.constant('post' as const),
  to: fc.nat(CONTROLS - 1),
  then: fc.constant<Action[]>([{ do: 'throw' }]),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: action },
  { weight: 2, arbitrary: throwing },
  { weight: 1, arbitrary: free },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('postMany' as const),
      to: fc.nat(CONTROLS - 1),
      count: fc.oneof(fc.nat(200), fc.integer({ min: 900, max: LIMIT + 500 })),
    }),
  },
);

describe('Property: any interleaving of PostMessage and ProcessMessage', () => {
  it('[WSS-107] keeps the order and loses no message up to the limit of the queue', async function () {
    this.timeout(TEST_TIMEOUT_MS);
    const holds = async (steps: Step[]): Promise<void> => {
      const queue = new Queue();
      for (const one of steps) {
        if (one.do !== 'turns') queue.run(one);
        else for (let left = one.count; left > 0; left--) await new Promise(setImmediate);
        if (queue.problem !== undefined) throw queue.problem;
      }
      queue.drain();
      for (const control of queue.controls) control.Free();
    };
    // One at a time: the queue is the thread's.
    await check(fc.array(step, { maxLength: 30, size: 'max' }), holds, {
      batches: 300,
      together: 1,
    });
  });
});
