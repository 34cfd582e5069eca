import { optionError } from '../errors/index.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { Sink } from './sink.ts';

/** Send what fails to a sink and go on. Made by `deadLetter(sink)`. */
export interface DeadLetterPolicy {
  readonly kind: 'deadLetter';
  readonly sink: Sink<DeadLetter>;
}

/** What happens to a record that cannot be decoded or whose user function throws. */
export type ErrorPolicy = 'fail' | DeadLetterPolicy;

/** For programs without a type checker. */
export function checkErrorPolicy(name: string, policy: unknown): void {
  if (policy === undefined || policy === 'fail' || (policy as DeadLetterPolicy | null)?.kind === 'deadLetter') return;
  throw optionError(name, policy, "'fail' or deadLetter(sink)");
}

/**
 * Bad records go to `sink`, each with its source, partition, position, error and raw form; the job goes on.
 *
 * @param sink any sink that takes {@link DeadLetter}s, e.g. `ndjson.sink('out/dead-letter')`
 * @example
 * ndjson('orders.ndjson', { schema: Order, onError: deadLetter(ndjson.sink('out/dead-letter')) })
 */
export function deadLetter(sink: Sink<DeadLetter>): DeadLetterPolicy {
  if (typeof sink?.open !== 'function')
    throw optionError('deadLetter(sink)', sink, "a sink such as ndjson.sink('out/dead-letter')");
  return Object.freeze({ kind: 'deadLetter', sink });
}
