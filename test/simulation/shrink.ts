// Finds a short list of actions that still fails (delta debugging): halves, quarters … are left out
// as long as the rest fails, then single actions of the scripts.
import type { Action } from './actions';

type Fails = (actions: readonly Action[]) => boolean;

export function shrink(actions: readonly Action[], fails: Fails): readonly Action[] {
  let best = removeParts(actions, fails);
  for (let changed = true; changed;) {
    const smaller = removeParts(shrinkScripts(best, fails), fails);
    changed = weight(smaller) < weight(best);
    best = smaller;
  }
  return best;
}

function weight(actions: readonly Action[]): number {
  return actions.reduce((sum, action) => sum + 1 + (action.script?.length ?? 0), 0);
}

function removeParts<T>(list: readonly T[], fails: (list: readonly T[]) => boolean): readonly T[] {
  let best = list;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0)
    for (let start = 0; start < best.length;) {
      const shorter = [...best.slice(0, start), ...best.slice(start + size)];
      if (fails(shorter)) best = shorter;
      else start += size;
    }
  return best;
}

function shrinkScripts(actions: readonly Action[], fails: Fails): readonly Action[] {
  let best = actions;
  for (let i = 0; i < best.length; i++) {
    const { script } = best[i]!;
    if (!script || script.length < 2) continue;
    const replaced = (part: readonly Action[]): readonly Action[] =>
      best.map((action, at) => (at === i ? { ...action, script: part } : action));
    best = replaced(removeParts(script, (part) => part.length > 0 && fails(replaced(part))));
  }
  return best;
}
