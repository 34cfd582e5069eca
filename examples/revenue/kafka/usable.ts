import { MillraceError } from 'millrace';
import { UsageError } from '../options/usage-error.ts';

/** What whoever started the job has to put right. */
const USAGE = new Set(['CHECKPOINT_OWNED', 'CHECKPOINT_MISSING', 'DEPENDENCY_MISSING', 'STATE_MISMATCH']);

/** The job's failures that are mistakes of whoever started it, as such. */
export async function usable<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof MillraceError && USAGE.has(error.code)) throw new UsageError(messageOf(error));
    throw error;
  }
}

/** As the job's flags have it; what programs do is said in other words. */
function messageOf({ code, message }: MillraceError): string {
  if (message.includes('fresh: true')) {
    return message
      .replace(/declare it with acceptChanges: \[.*?\]/, 'run it under a name of its own (--app NAME)')
      .replace(/fresh: true(, with start: .*? stands)?/, '--fresh');
  }
  return code === 'CHECKPOINT_MISSING' ? `${message} --fresh starts over and writes all results again.` : message;
}
