import {
  silentLogger,
  type CheckpointName,
  type Committed,
  type SinkContext,
  type SinkTransaction,
  type SinkWriter,
} from '../../model/index.ts';
import { VirtualTime } from '../virtual-time.ts';
import { requireSame, requireThat, type ContractCase } from './contract-case.ts';
import type { SinkUnderTest } from './sink-contract.ts';

/** A life of the job, from its begin to its end or crash, as far as a sink has to do with it. */
export interface LifeUnderTest {
  /** What the sink is opened with, beside the usual: `resources` that it shares with the commit point, real time, ... */
  readonly context?: Partial<SinkContext>;
  /** The commit point, after `prepare` and before `commit`. It may be what makes the output visible. */
  commitPoint(name: CheckpointName): Promise<void>;
}

/** A sink to be checked. */
export interface TransactionalSinkUnderTest<T> extends SinkUnderTest<T> {
  /**
   * For sinks that share their commit point, as those on Kafka do: begins a life as a new process does, and locks out its
   * predecessor. Default: the commit point is none of the sink's business.
   */
  beginLife?(): Promise<LifeUnderTest>;
}

/**
 * The protocol of `SinkTransaction`, for sinks whose `guarantee` is `exactly-once`, as cases for any test framework.
 *
 * @param make makes a new sink, with nothing written, for each case; `published` must see all that became visible
 * @example
 * for (const { name, run } of sinkTransactionContract(() => { const sink = memorySink<number>();
 *   return { sink, records: [1, 2, 3], published: () => sink.rows }; })) test(name, run);
 */
export function sinkTransactionContract<T>(
  make: () => TransactionalSinkUnderTest<T> | Promise<TransactionalSinkUnderTest<T>>,
): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const made = await make();
      try {
        // Each case only writes records that it was given.
        await check(new Subject(made as TransactionalSinkUnderTest<unknown>));
      } finally {
        await made.dispose?.();
      }
    },
  }));
}

type Check = (subject: Subject) => Promise<void>;

const CASES: readonly (readonly [name: string, check: Check])[] = [
  ['says that it writes exactly once, and has a transaction', declares],
  ['publishes nothing before commit, and all of it then', publishesAtCommit],
  ['keeps what is written after the cut for the next checkpoint', cutsExactly],
  ['commits again without effect', commitsAgain],
  ['publishes at recovery what was committed but not published', recovers],
  ['publishes nothing at recovery of what was prepared only', forgetsPrepared],
  ['publishes nothing of an attempt that was aborted', aborts],
  ['lets a paused predecessor repeat its commit without effect', predecessorRepeats],
  ['has committables that survive JSON', committablesAreJson],
  ['commits a checkpoint without records', commitsNothing],
];

class Life {
  readonly writer: SinkWriter<unknown>;
  readonly transaction: SinkTransaction;
  readonly attempt: string;
  private readonly around: LifeUnderTest | undefined;

  constructor(writer: SinkWriter<unknown>, attempt: string, around: LifeUnderTest | undefined) {
    requireThat(writer.transaction !== undefined, 'a writer that is opened transactional has a transaction');
    this.writer = writer;
    this.transaction = writer.transaction;
    this.attempt = attempt;
    this.around = around;
  }

  name(id: number): CheckpointName {
    return { id, attempt: this.attempt };
  }

  write(records: readonly unknown[]): void {
    for (const record of records) this.writer.write(record, 1_000);
  }

  async prepare(id: number, last: boolean = false): Promise<Committed> {
    this.transaction.cut(this.name(id), last);
    const committable = await this.transaction.prepare(this.name(id));
    // As the manifest keeps it.
    return { name: this.name(id), committable: JSON.parse(JSON.stringify(committable)) as Committed['committable'] };
  }

  async commitPoint({ name }: Committed): Promise<void> {
    await this.around?.commitPoint(name);
  }

  /** What follows `prepare`. */
  async commit(committed: Committed): Promise<void> {
    await this.commitPoint(committed);
    await this.transaction.commit(committed);
  }
}

class Subject {
  readonly made: TransactionalSinkUnderTest<unknown>;
  private lives = 0;

  constructor(made: TransactionalSinkUnderTest<unknown>) {
    this.made = made;
  }

  get records(): readonly unknown[] {
    return this.made.records;
  }

  async begin(last: Committed | undefined): Promise<Life> {
    const time = new VirtualTime();
    const context = {
      name: 'sink',
      partition: 0,
      clock: time,
      scheduler: time,
      logger: silentLogger,
      wake: () => undefined,
    };
    const around = await this.made.beginLife?.();
    const writer = await this.made.sink.open({ ...context, ...around?.context, transactional: true });
    const life = new Life(writer, `attempt${++this.lives}`, around);
    await life.transaction.recover(life.attempt, last);
    return life;
  }

  async requirePublished(times: number, what: string): Promise<void> {
    const { seen = (record: unknown) => record } = this.made;
    const expected = Array.from({ length: times }, () => this.records.map(seen)).flat();
    requireSame(await this.made.published(), expected, what);
  }
}

async function declares(subject: Subject): Promise<void> {
  requireSame(subject.made.sink.guarantee, 'exactly-once', 'guarantee of the sink');
  await (await subject.begin(undefined)).writer.abort();
}

async function publishesAtCommit(subject: Subject): Promise<void> {
  const life = await subject.begin(undefined);
  life.write(subject.records);
  await life.writer.flush();
  await subject.requirePublished(0, 'records after flush()');
  const committed = await life.prepare(1, true);
  await subject.requirePublished(0, 'records after prepare()');
  await life.commit(committed);
  await subject.requirePublished(1, 'records after commit()');
  await life.writer.finish();
  await subject.requirePublished(1, 'records after finish()');
}

async function cutsExactly(subject: Subject): Promise<void> {
  const life = await subject.begin(undefined);
  life.write(subject.records);
  life.transaction.cut(life.name(1), false);
  life.write(subject.records);
  const committable = await life.transaction.prepare(life.name(1));
  await life.commit({ name: life.name(1), committable });
  await subject.requirePublished(1, 'records of the first checkpoint');
  await life.commit(await life.prepare(2, true));
  await subject.requirePublished(2, 'records of both checkpoints');
  await life.writer.finish();
}

async function commitsAgain(subject: Subject): Promise<void> {
  const life = await subject.begin(undefined);
  life.write(subject.records);
  const committed = await life.prepare(1, true);
  await life.commit(committed);
  await life.transaction.commit(committed);
  await subject.requirePublished(1, 'records after a second commit()');
  await life.writer.finish();
}

async function recovers(subject: Subject): Promise<void> {
  const first = await subject.begin(undefined);
  first.write(subject.records);
  const committed = await first.prepare(1, true);
  await first.commitPoint(committed);
  await first.writer.abort();
  const second = await subject.begin(committed);
  await subject.requirePublished(1, 'records after recovery');
  second.write(subject.records);
  await second.commit(await second.prepare(2, true));
  await subject.requirePublished(2, 'records after recovery and one more checkpoint');
  await second.writer.finish();
}

async function forgetsPrepared(subject: Subject): Promise<void> {
  const first = await subject.begin(undefined);
  first.write(subject.records);
  const one = await first.prepare(1);
  await first.commit(one);
  first.write(subject.records);
  await first.prepare(2);
  await first.writer.abort();
  const second = await subject.begin(one);
  second.write(subject.records);
  await second.commit(await second.prepare(2, true));
  await second.writer.finish();
  await subject.requirePublished(2, 'records of the checkpoints that were committed');
}

async function aborts(subject: Subject): Promise<void> {
  const first = await subject.begin(undefined);
  first.write(subject.records);
  await first.prepare(1);
  await first.writer.abort();
  await subject.requirePublished(0, 'records after abort()');
  const second = await subject.begin(undefined);
  await second.commit(await second.prepare(1, true));
  await second.writer.finish();
  await subject.requirePublished(0, 'records of another attempt');
}

async function predecessorRepeats(subject: Subject): Promise<void> {
  const first = await subject.begin(undefined);
  first.write(subject.records);
  const committed = await first.prepare(1);
  await first.commitPoint(committed);
  await first.writer.abort();
  const second = await subject.begin(committed);
  second.write(subject.records);
  const next = await second.prepare(2, true);
  // It was paused right before this, and nobody told it that it is no longer alone.
  await first.transaction.commit(committed);
  await second.commit(next);
  await second.writer.finish();
  await subject.requirePublished(2, 'records');
}

async function committablesAreJson(subject: Subject): Promise<void> {
  const life = await subject.begin(undefined);
  life.write(subject.records);
  life.transaction.cut(life.name(1), true);
  const committable = await life.transaction.prepare(life.name(1));
  requireSame(JSON.parse(JSON.stringify(committable)), committable, 'a committable written as JSON and read back');
  await life.commit({ name: life.name(1), committable });
  await life.writer.finish();
}

async function commitsNothing(subject: Subject): Promise<void> {
  const life = await subject.begin(undefined);
  await life.commit(await life.prepare(1));
  await life.commit(await life.prepare(2, true));
  await subject.requirePublished(0, 'records of empty checkpoints');
  await life.writer.finish();
  await subject.requirePublished(0, 'records at the end');
}
