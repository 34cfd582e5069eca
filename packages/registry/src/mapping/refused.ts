import { MillraceError, messageOf, type Schema } from 'millrace';
import { malformed } from './malformed.ts';

/** What a generated function throws for a value that does not fit; whoever called it finds out why. */
export const REFUSED = new Error('the value does not fit');

/** Why a value could not be written: what its schema says, which names the field; else what the codec says. */
export function refusedBy<T>(schema: Schema<T>, value: T, error: unknown): MillraceError {
  try {
    schema.encode(value);
  } catch (found) {
    if (found instanceof MillraceError) return found;
  }
  return error instanceof MillraceError ? error : malformed(`cannot encode: ${messageOf(error)}`);
}
