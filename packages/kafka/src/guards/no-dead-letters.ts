import type { ErrorPolicy, GuardFinding } from 'millrace';

/** Name of the format that takes any bytes. */
const ANY_BYTES = 'bytes';

/**
 * A live source that can meet a record it cannot decode, and has nowhere to put it: the job fails at it, and at each restart
 * again. Whoever writes `onError: 'fail'` has decided so. Input with an end can be corrected and read again.
 */
export function noDeadLetters(
  where: string,
  bounded: boolean,
  options: { readonly onError?: ErrorPolicy; readonly format?: { readonly name: string } },
): readonly GuardFinding[] {
  if (bounded || options.onError !== undefined || options.format?.name === ANY_BYTES) return [];
  return [
    {
      guard: 'no-dead-letters',
      message: `${where}: one record that cannot be decoded stops the job, and each restart of it.`,
      cure: "Give it onError: kafka.deadLetters(), or onError: 'fail' if it shall stop.",
    },
  ];
}
