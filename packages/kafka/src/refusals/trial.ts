import type { GivenUpRecord, OutgoingRecord, ProducerDriver } from '../driver/driver.ts';
import { contentHash } from './record-hash.ts';
import { reasonOf } from './refusal-errors.ts';
import { verdictOf } from './verdict.ts';

/** Opens a producer that sends each record in a batch of its own, in a transaction that will not be committed. */
export type OpenTrial = (failed: (error: Error, record: GivenUpRecord) => void) => Promise<TrialProducer>;

/** What a trial needs of a producer. */
export interface TrialProducer extends Pick<ProducerDriver, 'send' | 'flush' | 'close'> {
  /** Between two tries of a full client. */
  pause(): Promise<void>;
}

/** Records between two looks whether one was refused: so many are sent again after one was. */
const GROUP = 64;

/**
 * Sends records, each alone. Returns those that are refused, with the error. After a refusal the producer is not used again:
 * librdkafka 2.15 goes on with sequence numbers that the broker has not seen.
 *
 * @throws what is no refusal of a record
 */
export async function tryAlone(
  records: readonly OutgoingRecord[],
  open: OpenTrial,
): Promise<ReadonlyMap<OutgoingRecord, Error>> {
  const refused = new Map<OutgoingRecord, Error>();
  let left = records;
  let group = GROUP;
  while (left.length > 0) {
    const round = new Round(await rejecting(open), refused);
    try {
      while (left.length > 0 && round.failure === undefined) {
        const tried = left.slice(0, group);
        await round.send(tried);
        if (round.failure === undefined) left = left.slice(group);
        else if (round.blame(tried)) left = left.filter((record) => !refused.has(record));
        // Several records look the same in a report.
        else group = 1;
      }
    } finally {
      await round.producer.close();
    }
  }
  return refused;
}

/** A producer, and the first record that it gave up. */
interface Opened {
  readonly producer: TrialProducer;
  readonly first: Promise<void>;
  readonly failure: () => { readonly error: Error; readonly record: GivenUpRecord } | undefined;
}

async function rejecting(open: OpenTrial): Promise<Opened> {
  let failure: ReturnType<Opened['failure']>;
  let tell: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (tell = resolve));
  const producer = await open((error, record) => {
    failure ??= { error, record };
    tell();
  });
  return { producer, first, failure: () => failure };
}

class Round {
  private readonly opened: Opened;
  private readonly refused: Map<OutgoingRecord, Error>;

  constructor(opened: Opened, refused: Map<OutgoingRecord, Error>) {
    this.opened = opened;
    this.refused = refused;
  }

  get producer(): TrialProducer {
    return this.opened.producer;
  }

  get failure(): ReturnType<Opened['failure']> {
    return this.opened.failure();
  }

  /** Until all have arrived, or one has been refused: after that the client does not end a flush by itself. */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const { producer, first } = this.opened;
    for (const record of records) {
      try {
        while (this.failure === undefined && !producer.send(record)) await producer.pause();
      } catch (error) {
        if (this.failure !== undefined) return;
        if (!(error instanceof Error) || verdictOf(reasonOf(error).code) !== 'record') throw error;
        this.refused.set(record, error);
      }
    }
    await Promise.race([producer.flush(), first]);
  }

  /** Whether it is known which record was refused. */
  blame(records: readonly OutgoingRecord[]): boolean {
    const { failure } = this;
    if (failure === undefined) return true;
    const { error, record } = failure;
    if (verdictOf(reasonOf(error).code) !== 'record') throw error;
    const hash = contentHash(record);
    const alike = records.filter((one) => contentHash(one) === hash);
    const [only] = alike;
    if (only === undefined) throw error;
    if (alike.length > 1) return false;
    this.refused.set(only, error);
    return true;
  }
}
