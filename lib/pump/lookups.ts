import { lookup, lookupService } from 'node:dns';
import { startTimer } from './reactor';
export type LookupDone = (error: number, results: readonly string[]) => void;
let last = 0;
const live = new Set<number>();
export function startLookup(name: string, version: number, done: LookupDone): number {
  const id = ++last;
  live.add(id);
  lookup(name, { all: true, family: version }, (e, r) => {
    startTimer(0, () => {
      if (live.delete(id)) done(e ? 11001 : 0, e ? [] : r.map((x) => x.address));
    });
  });
  return id;
}
export function startReverseLookup(address: string, done: LookupDone): number {
  const id = ++last;
  live.add(id);
  lookupService(address, 0, (e, h) => {
    startTimer(0, () => {
      if (live.delete(id)) done(e ? 11001 : 0, e ? [] : [h]);
    });
  });
  return id;
}
export function cancelLookup(id: number): void {
  live.delete(id);
}
