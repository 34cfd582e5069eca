import { MillraceError } from './millrace-error.ts';

/** Stops the job when a belief of the engine about itself is wrong. Never used for input of users. */
export function invariant(condition: boolean, belief: string): asserts condition {
  if (!condition) {
    throw new MillraceError('INVARIANT', {
      message: `broken invariant: ${belief}. This is a defect of Millrace; please report it.`,
    });
  }
}

/** Closes a switch over a union: a new member that is not handled is a compile error here. */
export function neverHappens(value: never, what: string): never {
  throw new MillraceError('INVARIANT', {
    message: `broken invariant: ${what} is ${String(value)}. This is a defect of Millrace; please report it.`,
  });
}
