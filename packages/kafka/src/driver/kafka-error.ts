import { MillraceError } from 'millrace';

/** Fenced, or the transaction has run out of time: nobody can tell which from the answer. */
export const FENCED = -144;

/** Rights that the client's user lacks, by the broker's answer. Trying again does not help. */
const DENIED: ReadonlyMap<number, string> = new Map([
  [29, 'READ or WRITE on the topic (or CREATE, if it is to be made)'],
  [30, 'READ on the group'],
  [31, 'a right on the cluster'],
  [53, 'WRITE on the transactional id'],
]);

/** An error of the cluster or of the client. `fields.kafka` is the client's code. */
export function kafkaError(step: string, cause: unknown, retryable: boolean = true): MillraceError {
  const { code, message } = cause as { readonly code?: number; readonly message?: string };
  const denied = DENIED.get(code ?? 0);
  const cure = denied === undefined ? '' : ` The client's user lacks ${denied}: grant it, or use another user.`;
  return new MillraceError('IO_FAILED', {
    message: `Kafka: ${step} failed: ${message ?? String(cause)}${code === undefined ? '' : ` (${code})`}.${cure}`,
    fields: { step, ...(code === undefined ? {} : { kafka: code }) },
    cause,
    retryable: retryable && denied === undefined,
  });
}
