import { silentLogger, type Sink, type SinkWriter } from '../../model/index.ts';
import { systemScheduler } from '../../platform/web/index.ts';
import { VirtualTime } from '../virtual-time.ts';
import { waitForWake } from '../wait-for-io.ts';
import { requireSame, requireThat, requireThrows, type ContractCase } from './contract-case.ts';

/** A sink to be checked, and how to see what it wrote. */
export interface SinkUnderTest<T> {
  readonly sink: Sink<T>;
  /** Records to write, two or more. */
  readonly records: readonly T[];
  /** What a reader of the output sees now, in order. */
  published(): readonly unknown[] | Promise<readonly unknown[]>;
  /** What a reader sees of `record`. Default: itself. */
  readonly seen?: (record: T) => unknown;
  /** A value that cannot be written, if there is one. */
  readonly bad?: T;
  /** Called after each case. */
  dispose?(): void | Promise<void>;
}

/** Records after which a writer that is still ready is held to have no limit. */
const RECORDS_MAX = 200_000;

/**
 * The protocol of `Sink` and `SinkWriter` as cases for any test framework.
 *
 * @param make makes a new sink, with nothing written, for each case
 * @example
 * for (const { name, run } of sinkContract(() => { const sink = memorySink<number>();
 *   return { sink, records: [1, 2, 3], published: () => sink.rows }; })) test(name, run);
 */
export function sinkContract<T>(make: () => SinkUnderTest<T> | Promise<SinkUnderTest<T>>): readonly ContractCase[] {
  const run = async (check: Check): Promise<void> => {
    const made = await make();
    try {
      // Each case only writes records that it was given.
      await check(await Subject.open(made as SinkUnderTest<unknown>));
    } finally {
      await made.dispose?.();
    }
  };
  return CASES.map(([name, check]) => ({ name, run: () => run(check) }));
}

class Subject {
  readonly made: SinkUnderTest<unknown>;
  readonly writer: SinkWriter<unknown>;
  private woken = false;
  private waiter: (() => void) | undefined;
  private readonly time: VirtualTime;
  private readonly written: unknown[] = [];

  private constructor(made: SinkUnderTest<unknown>, time: VirtualTime, writer: SinkWriter<unknown>) {
    this.made = made;
    this.time = time;
    this.writer = writer;
  }

  static async open(made: SinkUnderTest<unknown>): Promise<Subject> {
    const time = new VirtualTime();
    const holder: { subject?: Subject } = {};
    const wake = (): void => holder.subject?.wake();
    const context = { name: 'sink under test', partition: 0, clock: time, scheduler: time, logger: silentLogger };
    holder.subject = new Subject(made, time, await made.sink.open({ ...context, wake }));
    return holder.subject;
  }

  /** Writes the records once, more often with `times`. */
  write(times: number = 1): void {
    for (let i = 0; i < times; i++) {
      for (const record of this.made.records) {
        this.writer.write(record, 1_000);
        this.written.push(record);
      }
    }
  }

  async requirePublished(what: string): Promise<void> {
    const { seen = (record: unknown) => record } = this.made;
    const published = await this.made.published();
    requireSame(published.length, this.written.length, `number of records ${what}`);
    requireSame(published, this.written.map(seen), `records ${what}`);
  }

  async waitUntilReady(): Promise<void> {
    this.woken = false;
    if (this.writer.ready()) return;
    const wait = (callback: () => void): void => {
      if (this.woken) callback();
      else this.waiter = callback;
    };
    while (!this.writer.ready()) {
      const woken = await this.whileTimeGoesOn(waitForWake(wait, 'long'));
      requireThat(woken, 'a full writer calls wake() once it has room again');
      this.woken = false;
    }
  }

  /** A writer may try again by timers, as often as it takes; time goes on no faster than it really does, for it may give up, too. */
  async whileTimeGoesOn<R>(waiting: Promise<R>): Promise<R> {
    let over = false;
    const goOn = (): void => {
      if (over) return;
      this.time.advance(1);
      systemScheduler.after(1, goOn);
    };
    goOn();
    try {
      return await waiting;
    } finally {
      over = true;
    }
  }

  private wake(): void {
    this.woken = true;
    this.waiter?.();
  }
}

type Check = (subject: Subject) => Promise<void>;

const CASES: readonly (readonly [name: string, check: Check])[] = [
  ['publishes every record once, in order, by the time finish() resolves', publishes],
  ['has room when it was just opened', hasRoom],
  ['counts what it holds, and holds nothing after flush()', countsBuffered],
  ['may be flushed again and again, also while more is written', flushes],
  ['wakes the job when it has room again', wakes],
  ['publishes nothing further once aborted', aborts],
  ['can finish without a record', finishesEmpty],
  ['can abort without a record', abortsEmpty],
  ['throws for a value it cannot write, and loses nothing else', refusesBad],
];

async function publishes(subject: Subject): Promise<void> {
  subject.write();
  await subject.writer.finish();
  await subject.requirePublished('after finish()');
}

async function hasRoom({ writer }: Subject): Promise<void> {
  requireSame(writer.ready(), true, 'ready() of a new writer');
  requireSame(writer.buffered, 0, 'buffered of a new writer');
  await writer.finish();
}

async function countsBuffered(subject: Subject): Promise<void> {
  const { writer, made } = subject;
  subject.write();
  const held = writer.buffered;
  requireThat(held >= 0 && held <= made.records.length, `buffered is ${held} after ${made.records.length} records`);
  await writer.flush();
  requireSame(writer.buffered, 0, 'buffered after flush()');
  await writer.finish();
  await subject.requirePublished('after finish()');
}

async function flushes(subject: Subject): Promise<void> {
  const { writer } = subject;
  await writer.flush();
  subject.write();
  const first = writer.flush();
  subject.write();
  const second = writer.flush();
  await Promise.all([first, second]);
  await writer.flush();
  subject.write();
  await writer.finish();
  await subject.requirePublished('after flush() between them');
}

async function wakes(subject: Subject): Promise<void> {
  const { writer, made } = subject;
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < RECORDS_MAX && writer.ready(); n += made.records.length) subject.write();
    await subject.waitUntilReady();
  }
  subject.write();
  await subject.whileTimeGoesOn(writer.finish());
  requireSame(writer.buffered, 0, 'buffered after finish()');
  await subject.requirePublished('after being full');
}

async function aborts(subject: Subject): Promise<void> {
  subject.write();
  await subject.writer.flush();
  const flushed = [...(await subject.made.published())];
  subject.write();
  // Of a sink that shows each record at once, what is visible can be seen at once, too.
  const now = subject.made.published();
  const before = Array.isArray(now) ? [...(now as unknown[])] : flushed;
  await subject.writer.abort();
  requireSame(await subject.made.published(), before, 'what is visible after abort()');
}

async function finishesEmpty(subject: Subject): Promise<void> {
  await subject.writer.finish();
  await subject.requirePublished('after nothing');
}

async function abortsEmpty(subject: Subject): Promise<void> {
  await subject.writer.abort();
  await subject.requirePublished('after nothing');
}

async function refusesBad(subject: Subject): Promise<void> {
  const { writer, made } = subject;
  subject.write();
  if (made.bad !== undefined) {
    const { buffered } = writer;
    requireThrows(() => writer.write(made.bad, 1_000), undefined, 'a value that cannot be written');
    requireSame(writer.buffered, buffered, 'buffered after a value that cannot be written');
  }
  subject.write();
  await writer.finish();
  await subject.requirePublished('around a value that cannot be written');
}
