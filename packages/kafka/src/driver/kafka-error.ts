import { MillraceError } from 'millrace';

/** Fenced, or the transaction has run out of time: nobody can tell which from the answer. */
export const FENCED = -144;

/** An error of the cluster or of the client. `fields.kafka` is the client's code. */
export function kafkaError(step: string, cause: unknown, retryable: boolean = true): MillraceError {
  const { code, message } = cause as { readonly code?: number; readonly message?: string };
  return new MillraceError('IO_FAILED', {
    message: `Kafka: ${step} failed: ${message ?? String(cause)}${code === undefined ? '' : ` (${code})`}.`,
    fields: { step, ...(code === undefined ? {} : { kafka: code }) },
    cause,
    retryable,
  });
}
