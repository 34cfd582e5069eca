/** Codes of the protocol (positive) and of librdkafka (negative) that the model answers with. */
export const CODES = {
  fenced: -144,
  timedOut: -185,
  wrongState: -172,
  purged: -152,
  gap: -148,
  unknownTopic: 3,
  tooLarge: 10,
  metadataTooLarge: 12,
  illegalGeneration: 22,
  unknownMember: 25,
  invalidTransactionState: 48,
  concurrentTransactions: 51,
  fencedInstance: 82,
  invalidRecord: 87,
  unstableOffsets: 88,
} as const;

const MESSAGES: Readonly<Record<number, string>> = {
  [CODES.fenced]: 'Local: This instance has been fenced by a newer instance',
  [CODES.timedOut]: 'Local: Timed out',
  [CODES.wrongState]: 'Local: Erroneous state',
  [CODES.gap]: 'Local: Gapless ordering guarantee cannot be satisfied: an earlier message has failed',
  [CODES.purged]: 'Local: Purged in queue',
  [CODES.unknownTopic]: 'Broker: Unknown topic or partition',
  [CODES.tooLarge]: 'Broker: Message size too large',
  [CODES.metadataTooLarge]: 'Broker: Offset metadata string too large',
  [CODES.illegalGeneration]: 'Broker: Specified group generation id is not valid',
  [CODES.unknownMember]: 'Broker: Unknown member',
  [CODES.invalidTransactionState]: 'Broker: Producer attempted a transactional operation in an invalid state',
  [CODES.concurrentTransactions]: 'Broker: Producer attempted to update a transaction while another is in progress',
  [CODES.fencedInstance]: 'Broker: Static consumer fenced by other consumer with same group.instance.id',
  [CODES.invalidRecord]: 'Broker: Broker failed to validate record',
  [CODES.unstableOffsets]: 'Broker: There are unstable offsets that need to be cleared',
};

/** What clients ask again for by themselves, without telling anybody. */
const PASSING = new Set<number>([CODES.concurrentTransactions]);

/** An answer that is an error, as the real client has it: `code` and a message. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: number;

  constructor(code: number) {
    super(MESSAGES[code] ?? `error ${code}`);
    this.code = code;
  }

  get passing(): boolean {
    return PASSING.has(this.code);
  }
}
