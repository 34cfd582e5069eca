/**
 * What it means that a record was not written:
 * - `record`: it, or another one of its batch, will never be taken. Brokers answer for whole batches.
 * - `neighbour`: another one of its batch is at fault, and not this one.
 * - `never`: the topic or the client is at fault; every record fares the same until a person does something about it.
 * - `passing`: anything else.
 */
export type Verdict = 'record' | 'neighbour' | 'never' | 'passing';

/** Why it is, in the protocol's terms, and what helps. Numbers above 0 are those of the protocol, others those of librdkafka. */
interface Refusal {
  readonly verdict: Verdict;
  readonly cure: string;
  /** What helps where a dead letter was refused; default: the same. */
  readonly ofLetters?: string;
}

const REFUSALS: ReadonlyMap<number, Refusal> = new Map<number, Refusal>([
  [2, { verdict: 'record', cure: 'The broker takes it for damaged.' }],
  [4, { verdict: 'record', cure: 'Its size is not allowed.' }],
  [
    10,
    {
      verdict: 'record',
      cure: 'Raise max.message.bytes of the topic, or lower maxRecordBytes of kafka.sink() to what it takes.',
      ofLetters: 'Raise max.message.bytes of the topic.',
    },
  ],
  [
    18,
    {
      verdict: 'record',
      cure: 'Raise segment.bytes of the topic, or lower maxRecordBytes of kafka.sink().',
      ofLetters: 'Raise segment.bytes of the topic.',
    },
  ],
  [
    32,
    {
      verdict: 'record',
      cure:
        'Its timestamp is further from the clock than message.timestamp.before.max.ms and message.timestamp.after.max.ms of the ' +
        'topic allow: change them, or give kafka.sink() a timestamp.',
      ofLetters:
        'It has the timestamp of its record, which is further from the clock than message.timestamp.before.max.ms and ' +
        'message.timestamp.after.max.ms of the topic allow: change them.',
    },
  ],
  [
    87,
    {
      verdict: 'record',
      cure: 'A topic that is compacted takes no record without key: give kafka.sink() a key.',
      ofLetters: "A topic that is compacted takes no record without key: set cleanup.policy of the topic to 'delete'.",
    },
  ],
  [-138, { verdict: 'neighbour', cure: 'Another record of its batch was refused.' }],
  [17, { verdict: 'never', cure: 'No topic can have this name.' }],
  [
    43,
    {
      verdict: 'never',
      cure: "The topic's message format is too old for idempotent producers: change message.format.version.",
    },
  ],
  [
    76,
    {
      verdict: 'never',
      cure: "The broker lacks the compression: give client: { 'compression.type': ... } another one.",
    },
  ],
]);

/** Refusals for size: a batch may have earned them although each of its records alone is fine. */
const OF_SIZE = new Set([10, 18]);

export function verdictOf(code: unknown): Verdict {
  return (typeof code === 'number' ? REFUSALS.get(code)?.verdict : undefined) ?? 'passing';
}

/** What helps; `''`: nobody knows. */
export function cureOf(code: unknown, ofLetter: boolean): string {
  const refusal = typeof code === 'number' ? REFUSALS.get(code) : undefined;
  return (ofLetter ? refusal?.ofLetters : undefined) ?? refusal?.cure ?? '';
}

export function isOfSize(code: unknown): boolean {
  return typeof code === 'number' && OF_SIZE.has(code);
}
