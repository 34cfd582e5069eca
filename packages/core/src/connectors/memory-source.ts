import { MillraceError } from '../errors/index.ts';
import type { PollResult, Source, SourceBatch, SourceContext, SourcePartition, SourceReader } from '../model/index.ts';

/** Options of `memory`. */
export interface MemoryOptions {
  /** `false`: a live source that never ends; `done` then never resolves by itself. Default `true`. */
  readonly bounded?: boolean;
}

/**
 * Records from an array: for tests, benchmarks and first steps.
 *
 * @param items the records, in order; read lazily, so it may be large
 * @example
 * flow.from('numbers', memory([1, 2, 3])).map((n) => n * 2).to('doubled', out);
 */
export function memory<T>(items: readonly T[], options: MemoryOptions = {}): Source<T> {
  return memoryPartitions([items], options);
}

/**
 * Like `memory`, with several partitions, each with its own order and watermark.
 *
 * @example memoryPartitions([[1, 3, 5], [2, 4]])
 */
export function memoryPartitions<T>(partitions: readonly (readonly T[])[], options: MemoryOptions = {}): Source<T> {
  const bounded = options.bounded ?? true;
  return Object.freeze({
    kind: 'memory',
    bounded,
    onError: 'fail' as const,
    open: (context: SourceContext): Promise<SourceReader<T>> =>
      Promise.resolve(new MemoryReader(partitions, bounded, context)),
  });
}

class MemoryReader<T> implements SourceReader<T> {
  readonly partitions: readonly SourcePartition[];
  private readonly items: readonly (readonly T[])[];
  private readonly bounded: boolean;
  private readonly positions: number[];

  constructor(items: readonly (readonly T[])[], bounded: boolean, context: SourceContext) {
    this.items = items;
    this.bounded = bounded;
    this.partitions = items.map((_, index) => ({ id: String(index) }));
    this.positions = this.partitions.map(({ id }) => startPosition(context, id));
  }

  poll(partition: number, maxRecords: number): PollResult<T> {
    const items = this.items[partition] as readonly T[];
    const from = this.positions[partition] as number;
    if (from >= items.length) return this.bounded ? 'end' : 'pending';
    const to = Math.min(items.length, from + maxRecords);
    this.positions[partition] = to;
    return batchOf(items, from, to);
  }

  caughtUp(partition: number): boolean {
    return (this.positions[partition] as number) >= (this.items[partition] as readonly T[]).length;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** `items[from .. to)` as a batch, without copying; positions are indexes. */
export function batchOf<T>(items: readonly T[], from: number, to: number): SourceBatch<T> {
  return {
    values: items,
    from,
    to,
    positions: undefined,
    firstPosition: from,
    timestamps: undefined,
    part: undefined,
    rejected: [],
    next: to,
  };
}

/** Index to go on from, out of a position that this connector wrote. */
export function startPosition(context: SourceContext, partition: string): number {
  const position = context.positions.get(partition) ?? 0;
  if (typeof position === 'number') return position;
  throw new MillraceError('STATE_MISMATCH', {
    message: `Source '${context.name}' cannot go on at ${JSON.stringify(position)}: a position of an array is an index.`,
  });
}
