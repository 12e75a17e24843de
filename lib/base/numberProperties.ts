// Properties that hold whole numbers, and what may be assigned to them. Anything else raises in the
// component's own way (OnError, OnException or an exception) and changes nothing.
//
//  - The number is a plain field beside the property, its name beginning in lower case
//    (SendQueueLimit: sendQueueLimit). Code on the way of a byte reads the field.
//  - The default is on the prototype, so an object carries only what was assigned to it.
import { inspect } from 'node:util';

/** The largest Integer of Delphi. */
export const MAX_INTEGER = 0x7fffffff;

export interface NumberRange {
  readonly default: number;
  /** Default 0. */
  readonly min?: number;
  /** Default MAX_INTEGER. */
  readonly max?: number;
}

interface Component {
  RaiseException(Message: string): void;
}

/** Why the property cannot take the value, with its name; '' when it can. */
export function numberProblem(
  name: string,
  value: unknown,
  min = 0,
  max: number = MAX_INTEGER,
): string {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return '';
  const got = inspect(value, { depth: 0, maxStringLength: 40 });
  return `${name} must be an integer from ${min} to ${max}, got ${got}`;
}

/** Whether the property can take the value; when not, it has been raised. */
export function takesNumber(
  component: Component,
  name: string,
  value: unknown,
  min?: number,
  max?: number,
): boolean {
  const problem = numberProblem(name, value, min, max);
  if (problem === '') return true;
  component.RaiseException(problem);
  return false;
}

/** Gives a class the properties of the table. */
export function numberProperties<T extends Component>(
  prototype: T,
  table: { readonly [Name in keyof T]?: NumberRange },
): void {
  for (const [name, range] of Object.entries(table) as [string, NumberRange][]) {
    const field = name[0]!.toLowerCase() + name.slice(1);
    Object.assign(prototype, { [field]: range.default });
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Record<string, number>) {
        return this[field];
      },
      set(this: Component & Record<string, unknown>, value: unknown) {
        if (takesNumber(this, name, value, range.min, range.max)) this[field] = value;
      },
    });
  }
}
