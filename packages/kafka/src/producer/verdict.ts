import { MillraceError } from 'millrace';

/** What becomes of a record that was given up. */
export type Verdict =
  /** Nothing is wrong with it: it is sent again. */
  | 'again'
  /** It, or another one of its batch, will never be taken. */
  | 'suspect'
  /** It will never be taken. */
  | 'refused'
  /** It is not taken as long as the user lacks a right. */
  | 'denied'
  /** Its time is over. */
  | 'expired'
  /** Its topic or partition is not there any more. */
  | 'unknown topic';

/** Answers that are about what a batch holds: too large, corrupt, not valid, in a format or compression that is not taken. */
const OF_A_BATCH = new Set([2, 4, 10, 18, 32, 43, 76, 87]);
/** The topic's name, policy. */
const OF_A_TOPIC = new Set([17, 44]);
/** Topic or cluster not authorised. */
const OF_A_RIGHT = new Set([29, 31]);
const UNKNOWN_TOPIC = new Set([3, -188, -190]);
const TIMED_OUT = -192;

/** @param error as the driver gives it: `fields.kafka` is the code */
export function verdictOf(error: Error): Verdict {
  const code = codeOf(error);
  if (OF_A_BATCH.has(code)) return 'suspect';
  if (OF_A_TOPIC.has(code)) return 'refused';
  if (OF_A_RIGHT.has(code)) return 'denied';
  if (UNKNOWN_TOPIC.has(code)) return 'unknown topic';
  return code === TIMED_OUT ? 'expired' : 'again';
}

/** That the cluster will never take a record. */
export function refusedError(topic: string, cause: Error): MillraceError {
  const kafka = codeOf(cause);
  return new MillraceError('RECORD_REFUSED', {
    message:
      `topic '${topic}' does not take the event: ${cause.message} It is not tried again. ` +
      (kafka === 10 ? "Make it smaller, or raise the topic's max.message.bytes." : ''),
    fields: { topic, kafka },
    cause,
  });
}

/** That a record was not delivered in time. */
export function expiredError(topic: string, timeoutMs: number, last: Error | undefined): MillraceError {
  const why = last === undefined ? 'no broker has acknowledged it' : last.message;
  const missing = last instanceof MillraceError && last.code === 'IO_NOT_FOUND';
  return new MillraceError(missing ? 'IO_NOT_FOUND' : 'IO_FAILED', {
    message:
      `an event for topic '${topic}' was not delivered within ${timeoutMs / 1_000} s (deliveryTimeout): ${why} ` +
      'It may have been written all the same. A queue keeps events until the brokers are back: queue: { directory, maxBytes }.',
    fields: { topic, deliveryTimeoutMs: timeoutMs, ...(last instanceof MillraceError ? last.fields : {}) },
    cause: last,
    retryable: true,
  });
}

export function codeOf(error: Error): number {
  const code = error instanceof MillraceError ? error.fields['kafka'] : undefined;
  return typeof code === 'number' ? code : 0;
}

/** That a producer was closed before. `kept`: the event is in the queue, the next process delivers it. */
export function closedError(kept: boolean): MillraceError {
  return new MillraceError('JOB_STATE', {
    message: kept
      ? 'The producer was closed before the event was delivered. It is in the queue: the next producer with its directory delivers it.'
      : 'The producer is closed: the event was not taken. Open another one.',
    fields: { kept },
  });
}
