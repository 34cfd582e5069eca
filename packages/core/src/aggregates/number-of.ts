import { MillraceError, optionError } from '../errors/index.ts';

/** For programs without a type checker. */
export function checkSelector(aggregate: string, select: unknown): void {
  if (typeof select !== 'function')
    throw optionError(`selector of ${aggregate}`, select, 'a function from a record to a number');
}

/** The error for a selector that gave something an aggregate cannot take. Out of line: never reached on a hot path. */
export function notANumber(aggregate: string, expected: string, actual: unknown): MillraceError {
  const shown =
    typeof actual === 'string' ? JSON.stringify(actual) : typeof actual === 'bigint' ? `${actual}n` : String(actual);
  return new MillraceError('USER_FUNCTION', {
    message: `${aggregate} needs ${expected} from its selector, got ${shown} (${typeof actual}).`,
    fields: { aggregate, actual },
  });
}
