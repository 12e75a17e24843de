// Delphi's indexed property, as in `Client[0]` or `Items[0]`: an object that asks a function for
// every index. Any integer may be asked for, negative ones included.

export interface IndexedSource<T> {
  get(index: number): T | null;
  /** Absent: the property is read only. */
  set?(index: number, value: T): void;
  iterate(): Iterator<T>;
}

/** A is the type the application sees; it has a numeric index and can be iterated. */
export function indexedProperty<A extends object, T>(source: IndexedSource<T>): A {
  return new Proxy({} as A, {
    get(_target, key) {
      if (key === Symbol.iterator) return () => source.iterate();
      const index = indexOf(key);
      return index === null ? undefined : source.get(index);
    },
    set(_target, key, value) {
      const index = indexOf(key);
      if (index === null || !source.set) return false;
      source.set(index, value as T);
      return true;
    },
  });
}

function indexOf(key: string | symbol): number | null {
  const index = typeof key === 'string' && key !== '' ? Number(key) : NaN;
  return Number.isInteger(index) ? index : null;
}
