import { messageOf, MillraceError } from 'millrace';
import { bufferOf } from '../bytes/utf8.ts';
import type { ConsumerDriver, Fetched } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { originalOf } from '../source/original.ts';
import { Waiting } from '../session/waiting.ts';
import type { Attempts, Decoded, Task } from './attempts.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { KeyedWork } from './keyed-work.ts';
import type { Lane } from './lane.ts';

/** Records asked for at once: more than a little, so that a call is worth it, and little enough not to go far above `buffer`. */
const FETCH_RECORDS = 256;

/** What is read with. */
export interface ReadingParts {
  readonly settings: ConsumerSettings;
  readonly work: KeyedWork;
  readonly attempts: Attempts;
  /** Commits that records up to here are done, before they are: `guarantee: 'at-most-once'`. Resolves to whether it counts. */
  readonly commitAhead: (lanes: readonly Lane[]) => Promise<boolean>;
  readonly fail: (error: Error) => void;
}

/**
 * Reads the partitions that are this member's, in one loop, one call at a time:
 *
 *   partitions given away, partitions given, paused, resumed --> fetch --> handed to work --> again
 *                                                        \-- nothing came, or every partition is full: wait
 */
export class Reading {
  private readonly parts: ReadingParts;
  private readonly lanes = new Map<string, Lane>();
  /** Partitions that the client still reads, by what the loop has told it. */
  private readonly read = new Map<string, Lane>();
  private readonly woken = new Waiting();
  private awake = true;
  /** Every partition is full. */
  private blocked = false;
  private ended = false;
  private readonly closing = new AbortController();
  private consumer: ConsumerDriver | undefined;
  private looping: Promise<void> | undefined;

  constructor(parts: ReadingParts) {
    this.parts = parts;
  }

  /** Something may have come, or there may be room. */
  readonly wake = (): void => {
    this.awake = true;
    this.woken.happened();
  };

  begin(consumer: ConsumerDriver): void {
    this.consumer = consumer;
    this.looping = this.loop(consumer).catch((error: unknown) => this.parts.fail(error as Error));
  }

  add(lanes: readonly Lane[]): void {
    for (const lane of lanes) this.lanes.set(lane.id, lane);
    this.wake();
  }

  /** Nothing of these partitions is handed over any more, what a fetch under way brings included. */
  remove(lanes: readonly Lane[]): void {
    for (const lane of lanes) if (this.lanes.get(lane.id) === lane) this.lanes.delete(lane.id);
    this.wake();
  }

  /** A record of the lane was finished. */
  readonly finished = (lane: Lane): void => {
    if ((lane.paused || this.blocked) && lane.hasRoom) this.wake();
  };

  async close(): Promise<void> {
    this.ended = true;
    this.closing.abort();
    this.wake();
    await this.looping;
    await this.consumer?.close();
  }

  private async loop(consumer: ConsumerDriver): Promise<void> {
    while (!this.ended) {
      this.awake = false;
      this.follow(consumer);
      this.blocked = !this.hasRoom();
      const fetched = this.blocked ? undefined : await consumer.fetch(FETCH_RECORDS);
      if (fetched !== undefined && fetched.records.length + fetched.ends.length > 0) {
        await this.prepare(fetched);
        if (!this.ended) await this.accept(fetched);
        // The client says once that it has something, not how much.
        if (fetched.records.length > 0) this.awake = true;
      }
      if (!this.awake && !this.ended) await this.woken.next();
    }
  }

  /** Tells the client what has changed since the last fetch. */
  private follow(consumer: ConsumerDriver): void {
    const gone = [...this.read].filter(([id, lane]) => this.lanes.get(id) !== lane);
    for (const [id] of gone) this.read.delete(id);
    consumer.unassign(gone.map(([, lane]) => lane));
    const given = [...this.lanes].filter(([id]) => !this.read.has(id));
    for (const [id, lane] of given) this.read.set(id, lane);
    consumer.assign(
      given.map(([, lane]) => ({ topic: lane.topic, partition: lane.partition, offset: lane.offsets.next })),
    );
    this.pause(consumer);
  }

  /** A partition that is full must not hold up the others. As long as all are full nothing is fetched, which costs nothing. */
  private pause(consumer: ConsumerDriver): void {
    const lanes = [...this.read.values()];
    const roomy = lanes.filter((lane) => lane.paused && lane.hasRoom);
    for (const lane of roomy) lane.paused = false;
    if (roomy.length > 0) consumer.resume(roomy);
    if (!this.hasRoom()) return;
    const full = lanes.filter((lane) => !lane.paused && lane.full);
    for (const lane of full) lane.paused = true;
    if (full.length > 0) consumer.pause(full);
  }

  private hasRoom(): boolean {
    return [...this.read.values()].some((lane) => !lane.full && !lane.paused);
  }

  /** Formats that must look something up do so before they decode. */
  private async prepare({ records }: Fetched): Promise<void> {
    const { format, keyFormat } = this.parts.settings;
    const { signal } = this.closing;
    const all = Array.from({ length: records.length }, (_, i) => i);
    try {
      await keyFormat.prepare?.(
        all.map((i) => records.key(i)),
        signal,
      );
      await format.prepare?.(
        all.map((i) => records.value(i)),
        signal,
      );
    } catch (error) {
      // Nobody waits any more.
      if (!this.ended) throw error;
    }
  }

  private async accept({ records, ends }: Fetched): Promise<void> {
    const tasks: Task[] = [];
    for (let i = 0; i < records.length; i++) {
      const lane = this.lanes.get(partitionId(records.topic(i), records.partition(i)));
      const offset = records.offset(i);
      // Of a partition that is no longer ours, or not yet: a fetch may have begun before it was given away and given back.
      if (lane === undefined || this.read.get(lane.id) !== lane || offset < lane.offsets.next) continue;
      const original = originalOf(records, i);
      const bytes = (original.key?.length ?? 0) + (original.value?.length ?? 0);
      tasks.push({ lane, taken: lane.take(offset, bytes), bytes, original });
    }
    for (const { topic, partition, offset } of ends) {
      const lane = this.lanes.get(partitionId(topic, partition));
      if (lane !== undefined && this.read.get(lane.id) === lane) lane.offsets.reachedEnd(offset);
    }
    const lanes = [...new Set(tasks.map(({ lane }) => lane))];
    if (this.parts.settings.atMostOnce && lanes.length > 0) {
      if (!(await this.parts.commitAhead(lanes))) {
        // Not ours to do: whoever has the partition next reads them again. Nobody here is to wait for them.
        for (const { lane, taken, bytes } of tasks) await lane.while(() => lane.finish(taken, bytes));
        return this.remove(lanes);
      }
    }
    for (const task of tasks) this.hand(task);
  }

  private hand(task: Task): void {
    const { attempts, work } = this.parts;
    const { original, lane } = task;
    let decoded: Decoded;
    try {
      decoded = this.decode(original);
    } catch (error) {
      void attempts.poison(task, error);
      return;
    }
    const key = original.key === null ? undefined : `${lane.id}/${bufferOf(original.key).toString('latin1')}`;
    work.add(key, () => attempts.process(task, decoded));
  }

  private decode({ key, value }: Task['original']): Decoded {
    const { format, keyFormat } = this.parts.settings;
    try {
      return {
        key: key === null ? null : keyFormat.decode(key),
        value: value === null ? null : format.decode(value),
      };
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw new MillraceError('RECORD_MALFORMED', { message: messageOf(error), cause: error });
    }
  }
}
