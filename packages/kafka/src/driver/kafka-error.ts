import { MillraceError } from 'millrace';

/** Fenced, or the transaction has run out of time: nobody can tell which from the answer. */
export const FENCED = -144;

/** Rights that the client's user lacks, by the broker's answer. Trying again does not help. */
const DENIED: ReadonlyMap<number, string> = new Map([
  [29, 'READ or WRITE on the topic (or CREATE, if it is to be made; DESCRIBE_CONFIGS, to read its settings)'],
  [30, 'READ on the group'],
  [31, 'a right on the cluster'],
  [53, 'WRITE on the transactional id'],
]);

/** What is wrong with what was asked for, by the broker's answer. Nothing becomes of it by asking again. */
const INVALID: ReadonlyMap<number, string> = new Map([
  [17, 'No topic can have this name: letters, digits, dots, dashes and underscores, up to 249 of them.'],
  [40, 'A setting of the topic does not exist, or cannot have this value: correct it.'],
  [-186, 'An argument is not valid: correct it.'],
]);

/** An error of the cluster or of the client. `fields.kafka` is the client's code. */
export function kafkaError(step: string, cause: unknown, retryable: boolean = true): MillraceError {
  const { code, message } = cause as { readonly code?: number; readonly message?: string };
  const denied = DENIED.get(code ?? 0);
  const invalid = INVALID.get(code ?? 0);
  const missing = denied === undefined ? '' : ` The client's user lacks ${denied}: grant it, or use another user.`;
  const cure = invalid === undefined ? missing : ` ${invalid}`;
  return new MillraceError('IO_FAILED', {
    message: `Kafka: ${step} failed: ${message ?? String(cause)}${code === undefined ? '' : ` (${code})`}.${cure}`,
    fields: { step, ...(code === undefined ? {} : { kafka: code }) },
    cause,
    retryable: retryable && denied === undefined && invalid === undefined,
  });
}
