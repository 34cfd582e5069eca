import { invariant, MillraceError } from '../errors/index.ts';
import type { SourceNode } from '../graph/index.ts';
import type { OperatorMetrics, SourceMeter } from '../metrics/index.ts';
import type {
  Clock,
  OriginalRecord,
  Receiver,
  SourceBatch,
  SourcePartition,
  SourceReader,
  WatermarkAlignment,
  WatermarkStrategy,
} from '../model/index.ts';
import { OperatorFailure, type RecordOrigin, type StepControl, type TimeOrigin } from '../operators/index.ts';
import { Coalescer, nextSourceTime, type Segment } from '../time/index.ts';
import type { Failures } from './failures.ts';
import { deepFreeze } from '../internal/deep-freeze.ts';
import { PartitionRound } from './partition-round.ts';
import { Partition } from './partition.ts';
import { RateLimiter } from './rate-limiter.ts';

/** Most records a source hands over in one batch. */
const BATCH_RECORDS = 512;
/** Fewest, where records are slow: a batch is not interrupted, so it must not take long. */
const BATCH_RECORDS_MIN = 32;
/** A batch that took longer is followed by a smaller one; one that took less than a quarter of it, by a larger one. */
const BATCH_MS = 0.5;

/** What a source task is made of. */
export interface SourceTaskOptions {
  /** Position in the graph's order. */
  readonly index: number;
  readonly node: SourceNode;
  readonly reader: SourceReader<unknown>;
  readonly segment: Segment;
  readonly next: Receiver<unknown>;
  readonly metrics: OperatorMetrics;
  readonly meter: SourceMeter;
  readonly control: StepControl;
  readonly failures: Failures;
  readonly clock: Clock;
  /** Whether a sample of the records is frozen. */
  readonly development: boolean;
}

/** What a poll gave: a batch to pump, nothing for now, nothing until some time, or the end of a partition. */
export type SourcePoll = 'batch' | 'pending' | 'throttled' | 'ended';

/**
 * One source: polls its reader, pushes records into the graph, keeps a watermark per partition and combines them into
 * that of its segment.
 *
 * Pushing stops in the middle of a batch when the watermark reaches a timer (`raiseTo` is set: the step loop advances
 * event time, then calls `pump` again for the rest) or when an operator holds output back.
 */
export class SourceTask implements RecordOrigin, TimeOrigin {
  readonly index: number;
  readonly node: SourceNode;
  readonly partitions: Partition[];
  readonly coalescer: Coalescer;
  readonly segment: Segment;
  readonly metrics: OperatorMetrics;
  readonly meter: SourceMeter;
  readonly rateLimiter: RateLimiter | undefined;
  readonly clock: Clock;
  /** Limited live sources: whose turn it is. */
  readonly round = new PartitionRound();
  /** Watermark that the segment must be raised to before anything else is pushed. */
  raiseTo: number | undefined;
  /** When periodic watermarks are due, epoch ms; +Infinity: never. */
  nextEmitMs: number;
  private readonly reader: SourceReader<unknown>;
  private readonly next: Receiver<unknown>;
  private readonly control: StepControl;
  private readonly failures: Failures;
  private readonly strategy: WatermarkStrategy<unknown> | undefined;
  private readonly perRecord: boolean;
  private readonly development: boolean;
  private batch: SourceBatch<unknown> | undefined;
  private reading: Partition;
  private cursor = 0;
  /** Event time of the record in process; NaN where it has none. */
  private timestamp = NaN;
  private rejectedDone = 0;
  private batchRecords = BATCH_RECORDS;
  private readonly now = (): number => this.clock.now();

  constructor(options: SourceTaskOptions) {
    const { node, reader, clock } = options;
    this.index = options.index;
    this.node = node;
    this.reader = reader;
    this.segment = options.segment;
    this.next = options.next;
    this.metrics = options.metrics;
    this.meter = options.meter;
    this.control = options.control;
    this.failures = options.failures;
    this.clock = clock;
    this.development = options.development;
    // The strategy was made for the records of this source; the graph forgets their type.
    this.strategy = node.watermarks as WatermarkStrategy<unknown> | undefined;
    this.perRecord = this.strategy === undefined || this.strategy.emit === 'record';
    this.partitions = reader.partitions.map((partition, index) => this.partitionOf(partition, index));
    if (this.partitions.length === 0) {
      throw new MillraceError('IO_NOT_FOUND', {
        message: `Source '${node.name}' (${node.source.kind}) has no partition to read.`,
      });
    }
    this.reading = this.partitions[0] as Partition;
    this.coalescer = new Coalescer(this.partitions.length);
    this.rateLimiter = node.rateLimit === undefined ? undefined : new RateLimiter(node.rateLimit, clock.monotonic());
    this.nextEmitMs = clock.now() + this.emitEveryMs;
  }

  get mustRaise(): boolean {
    return this.raiseTo !== undefined;
  }

  /** Whom its partitions wait for; bounded ones are read in the order of their watermarks, and wait for nobody. */
  get alignment(): WatermarkAlignment | undefined {
    return this.bounded ? undefined : this.strategy?.alignment;
  }

  get bounded(): boolean {
    return this.node.source.bounded;
  }

  get ended(): boolean {
    return this.partitions.every((partition) => partition.ended);
  }

  /** Partitions that it was in the middle of, and that the source says are no more. */
  get gone(): readonly string[] {
    return this.reader.gone ?? [];
  }

  /** Whether records of a batch are still to be pushed. */
  get busy(): boolean {
    return this.batch !== undefined;
  }

  /** Whether the batch begins a turn: a moment that does not depend on how records were batched. */
  get startsTurn(): boolean {
    return !this.bounded || this.reading.atTurnStart;
  }

  private get emitEveryMs(): number {
    const emit = this.strategy?.emit;
    return emit === undefined || emit === 'record' ? Infinity : emit.everyMs;
  }

  get idleAfterMs(): number {
    return this.bounded ? Infinity : (this.strategy?.idleAfterMs ?? Infinity);
  }

  // The origin of the record in process, for errors and dead letters.
  get source(): string {
    return this.node.name;
  }

  get partition(): string {
    return this.batch?.part ?? this.reading.id;
  }

  get position(): number {
    const { batch, cursor } = this;
    if (batch === undefined) return -1;
    const offset = cursor - batch.from;
    return batch.positions === undefined ? batch.firstPosition + offset : (batch.positions[offset] as number);
  }

  get value(): unknown {
    return this.batch?.values[this.cursor];
  }

  get original(): OriginalRecord | undefined {
    return this.batch?.original?.(this.cursor);
  }

  /** Event time reached by the partition that is read; `undefined` for live sources. */
  get eventTime(): number | undefined {
    return this.bounded ? this.reading.highestTimestamp : undefined;
  }

  /** Batches get the size that keeps slices of work short. Nothing but that depends on it. */
  stepTook(tookMs: number): void {
    this.meter.worked(tookMs);
    if (tookMs > BATCH_MS) this.batchRecords = Math.max(BATCH_RECORDS_MIN, this.batchRecords >> 1);
    else if (tookMs < BATCH_MS / 4) this.batchRecords = Math.min(BATCH_RECORDS, this.batchRecords << 1);
  }

  /** Takes up partitions that a live source has got since. Returns whether there are any. */
  takeNewPartitions(): boolean {
    const { partitions, reader } = this;
    if (reader.partitions.length === partitions.length) return false;
    for (const partition of reader.partitions.slice(partitions.length)) {
      partitions.push(this.partitionOf(partition, partitions.length));
      this.coalescer.add();
    }
    return true;
  }

  lagOf(partition: number): number | undefined {
    return this.reader.lag?.(partition);
  }

  /** Asks the reader for a batch of one partition. */
  poll(partition: Partition): SourcePoll {
    invariant(this.batch === undefined, 'a batch is polled after the one before was done');
    const allowed = Math.min(this.batchRecords, this.rateLimiter?.allowance(this.clock.monotonic()) ?? BATCH_RECORDS);
    if (allowed < 1) return this.whileThrottled();
    const result = this.reader.poll(partition.index, Math.min(allowed, this.turnLeft(partition)));
    this.reading = partition;
    if (typeof result === 'object') return this.begin(result);
    return result === 'end' ? this.end(partition) : this.noteEmpty(partition);
  }

  /** Pushes records of the batch until its end, or until `raiseTo` is set or output is held back. */
  pump(): void {
    const { batch, control } = this;
    invariant(batch !== undefined, 'a pump has a batch');
    for (;;) {
      control.origin = this;
      const rejected = batch.rejected[this.rejectedDone];
      this.pushUntil(batch, rejected === undefined ? batch.to : batch.from + rejected.before);
      if (this.raiseTo !== undefined || control.interrupted) {
        // Counted as taken when they were polled; not yet passed on.
        this.metrics.buffered = batch.to - this.cursor + batch.rejected.length - this.rejectedDone;
        return;
      }
      if (rejected === undefined) break;
      this.rejectedDone++;
      this.metrics.deadLettered++;
      this.failures.rejected(this.node.name, this.node.source.onError, rejected, this.eventTime);
    }
    this.finishBatch(batch);
  }

  emitPeriodic(nowMs: number): void {
    this.nextEmitMs = nowMs + this.emitEveryMs;
    for (const partition of this.partitions) {
      if (partition.watermark > this.coalescer.watermarkOf(partition.index)) this.update(partition);
    }
    this.needsRaise();
  }

  /** Event time goes to its end, as if every partition had ended (`drain`). */
  endTime(): void {
    for (const partition of this.partitions) this.coalescer.update(partition.index, Infinity);
    this.needsRaise();
  }

  /** Hands the new watermark to the segment; the sweep takes it from there. */
  raise(): void {
    invariant(this.raiseTo !== undefined, 'a raise has a watermark');
    this.segment.watermark = this.raiseTo;
    this.segment.idle = this.coalescer.idle;
    this.segment.changed = true;
    this.raiseTo = undefined;
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private turnLeft(partition: Partition): number {
    if (this.bounded) return partition.turnLeft;
    return this.rateLimiter === undefined ? BATCH_RECORDS : this.round.left;
  }

  private partitionOf({ id, position }: SourcePartition, index: number): Partition {
    const partition = new Partition(index, id, this.strategy?.createGenerator());
    partition.position = position;
    return partition;
  }

  private begin(batch: SourceBatch<unknown>): SourcePoll {
    const rejected = batch.rejected.length;
    const records = batch.to - batch.from + rejected;
    const bytes = batch.bytes ?? 0;
    this.rateLimiter?.spend(records, bytes);
    this.round.spend(records);
    this.metrics.in += records;
    this.meter.took(records, bytes);
    this.reading.polledData();
    if (this.development) deepFreeze(batch.values[batch.from]);
    this.batch = batch;
    this.cursor = batch.from;
    this.rejectedDone = 0;
    return 'batch';
  }

  private end(partition: Partition): SourcePoll {
    partition.ended = true;
    this.coalescer.update(partition.index, Infinity);
    this.needsRaise();
    return 'ended';
  }

  /**
   * Nothing may be read now. What was not read makes no partition idle; one that has nothing to read must become so all the
   * same, however seldom it is asked.
   */
  private whileThrottled(): SourcePoll {
    const { reader } = this;
    if (reader.caughtUp === undefined) return 'throttled';
    for (const partition of this.partitions) this.noteEmpty(partition, reader.caughtUp(partition.index) ?? false);
    return 'throttled';
  }

  private noteEmpty(partition: Partition, known?: boolean): SourcePoll {
    if (this.idleAfterMs === Infinity || partition.idle) return 'pending';
    const caughtUp = known ?? this.reader.caughtUp?.(partition.index) ?? true;
    if (partition.polledNothing(this.clock.now(), caughtUp, this.idleAfterMs)) {
      partition.idle = true;
      this.coalescer.setIdle(partition.index, true);
      this.needsRaise();
    }
    return 'pending';
  }

  private finishBatch(batch: SourceBatch<unknown>): void {
    const { reading: partition } = this;
    partition.position = batch.next;
    partition.spendTurn(batch.to - batch.from + batch.rejected.length);
    if (this.perRecord && partition.watermark > this.coalescer.watermarkOf(partition.index)) this.update(partition);
    this.metrics.buffered = 0;
    this.noteLatency(batch);
    this.batch = undefined;
    this.control.origin = undefined;
  }

  /** The first record of a batch has waited longest; where only the program knows the time of records, it is that of the last. */
  private noteLatency({ from, to, timestamps }: SourceBatch<unknown>): void {
    if (from === to) return;
    const timestamp = timestamps === undefined ? this.timestamp : (timestamps[0] as number);
    if (timestamp > 0) this.meter.latency.note(timestamp, this.now);
  }

  private update(partition: Partition): void {
    partition.idle = false;
    this.coalescer.update(partition.index, partition.watermark);
  }

  private needsRaise(): boolean {
    const { coalescer, segment } = this;
    const next = nextSourceTime(coalescer, segment);
    if (next === undefined) return false;
    this.raiseTo = next.watermark;
    return true;
  }

  private pushUntil(batch: SourceBatch<unknown>, end: number): void {
    while (this.cursor < end) {
      try {
        this.push(batch, end);
        return;
      } catch (thrown) {
        this.failures.failed(thrown, this.control.origin, this.eventTime);
        const value = batch.values[this.cursor++];
        // Its time has come all the same: what is late must not depend on what operators do with a record.
        if (this.passTime(value, this.timestamp, this.coalescer.ceilingFor(this.reading.index))) return;
        if (this.control.interrupted) return;
      }
    }
  }

  /** The hot loop. Everything that is the same for all records of a batch is taken out of it. */
  private push(batch: SourceBatch<unknown>, to: number): void {
    const { control, strategy, next, metrics } = this;
    const ceiling = this.coalescer.ceilingFor(this.reading.index);
    const { values, timestamps } = batch;
    while (this.cursor < to) {
      const value = values[this.cursor];
      const given = timestamps === undefined ? NaN : (timestamps[this.cursor - batch.from] as number);
      const timestamp = strategy === undefined ? given : this.timestampOf(strategy, value, given);
      this.timestamp = timestamp;
      metrics.out++;
      next.process(value, timestamp);
      this.cursor++;
      if (this.passTime(value, timestamp, ceiling)) return;
      if (control.interrupted) return;
    }
  }

  /** Event time after a record. Returns whether operators must be advanced before the next one. */
  private passTime(value: unknown, timestamp: number, ceiling: number): boolean {
    const { reading: partition } = this;
    const { generator } = partition;
    if (generator === undefined || Number.isNaN(timestamp)) return false;
    const watermark = generator.onEvent(value, timestamp);
    if (timestamp > partition.highestTimestamp) partition.highestTimestamp = timestamp;
    if (watermark <= partition.watermark) return false;
    partition.watermark = watermark;
    return this.perRecord && this.crosses(partition, watermark < ceiling ? watermark : ceiling, this.segment);
  }

  /** Raises the segment's number; or sets `raiseTo` and returns true where operators must be advanced first. */
  private crosses(partition: Partition, watermark: number, segment: Segment): boolean {
    if (partition.idle) {
      this.update(partition);
      return this.needsRaise();
    }
    if (watermark <= segment.watermark) return false;
    if (watermark < segment.alert && !this.control.interrupted) {
      segment.watermark = watermark;
      return false;
    }
    this.coalescer.update(partition.index, partition.watermark);
    this.raiseTo = watermark;
    return true;
  }

  private timestampOf(strategy: WatermarkStrategy<unknown>, value: unknown, given: number): number {
    this.timestamp = NaN;
    let timestamp: unknown;
    try {
      timestamp = strategy.timestampOf(value, given);
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.node.name, what: 'timestamp function', cause });
    }
    if (typeof timestamp === 'number' && Math.abs(timestamp) <= Number.MAX_SAFE_INTEGER) return timestamp;
    if (strategy.keepsTimestamps && Number.isNaN(given)) return NaN;
    this.metrics.deadLettered++;
    const cause = new TypeError(`it returned ${String(timestamp)}, but must return epoch milliseconds`);
    throw new OperatorFailure({
      operator: this.node.name,
      what: 'timestamp function',
      code: 'RECORD_NO_TIMESTAMP',
      cause,
    });
  }
}
