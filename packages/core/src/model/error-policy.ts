import type { DeadLetter } from './dead-letter.ts';
import type { Sink } from './sink.ts';

/** Send what fails to a sink and go on. Made by `deadLetter(sink)`. */
export interface DeadLetterPolicy {
  readonly kind: 'deadLetter';
  readonly sink: Sink<DeadLetter>;
}

/** What happens to a record that cannot be decoded or whose user function throws. */
export type ErrorPolicy = 'fail' | DeadLetterPolicy;

/**
 * Bad records go to `sink`, each with its source, partition, position, error and raw form; the job goes on.
 *
 * @param sink any sink that takes {@link DeadLetter}s, e.g. `ndjson.sink('out/dead-letter')`
 * @example
 * ndjson('orders.ndjson', { schema: Order, onError: deadLetter(ndjson.sink('out/dead-letter')) })
 */
export function deadLetter(sink: Sink<DeadLetter>): DeadLetterPolicy {
  return Object.freeze({ kind: 'deadLetter', sink });
}
