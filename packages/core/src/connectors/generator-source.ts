import { optionError } from '../errors/index.ts';
import { seededRandom } from '../internal/seeded-random.ts';
import type { PollResult, Random, Source, SourceContext, SourcePartition, SourceReader } from '../model/index.ts';
import { startPosition } from './memory-source.ts';

/** Options of `generator`. */
export interface GeneratorOptions {
  /** Records in all; default: no end, a live source. */
  readonly count?: number;
  /** Start of the random numbers: the same seed gives the same records. Default 1. */
  readonly seed?: number;
  /** Records per second at most; default: as fast as they are taken. */
  readonly recordsPerSecond?: number;
}

/**
 * Records made up on the fly, reproducibly: record `i` depends on the seed and on `i` alone, so a restart goes on with
 * the same records.
 *
 * @param make makes record `index`; takes its random numbers from `random`
 * @throws {MillraceError} `OPTION_INVALID` for a negative count or a rate that is not above 0
 * @example
 * generator((index, random) => ({ id: index, celsius: 20 + 5 * random.next(), time: start + 1000 * index }), { count: 1e6 })
 */
export function generator<T>(make: (index: number, random: Random) => T, options: GeneratorOptions = {}): Source<T> {
  const { count = Infinity, seed = 1, recordsPerSecond = Infinity } = options;
  if (!(count >= 0)) throw optionError('count of generator()', count, 'a number of records, 0 or more');
  if (!(recordsPerSecond > 0))
    throw optionError('recordsPerSecond of generator()', recordsPerSecond, 'a number above 0');
  if (!Number.isSafeInteger(seed)) throw optionError('seed of generator()', seed, 'a whole number');
  return Object.freeze({
    kind: 'generator',
    bounded: count < Infinity,
    onError: 'fail' as const,
    open: (context: SourceContext): Promise<SourceReader<T>> =>
      Promise.resolve(new GeneratorReader(make, { count, seed, recordsPerSecond }, context)),
  });
}

class GeneratorReader<T> implements SourceReader<T> {
  readonly partitions: readonly SourcePartition[] = [{ id: '0' }];
  private readonly make: (index: number, random: Random) => T;
  private readonly options: Required<GeneratorOptions>;
  private readonly context: SourceContext;
  private readonly started: number;
  private readonly first: number;
  private position: number;

  constructor(make: (index: number, random: Random) => T, options: Required<GeneratorOptions>, context: SourceContext) {
    this.make = make;
    this.options = options;
    this.context = context;
    this.started = context.clock.monotonic();
    this.first = startPosition(context, '0');
    this.position = this.first;
  }

  poll(_partition: number, maxRecords: number): PollResult<T> {
    const from = this.position;
    if (from >= this.options.count) return 'end';
    const to = Math.min(this.options.count, from + maxRecords, this.first + this.allowed());
    if (to <= from) {
      this.context.scheduler.after(Math.max(1, 1000 / this.options.recordsPerSecond), this.context.wake);
      return 'pending';
    }
    const values: T[] = [];
    for (let index = from; index < to; index++) values.push(this.make(index, seededRandom(this.options.seed, index)));
    this.position = to;
    const shape = { positions: undefined, timestamps: undefined, part: undefined, rejected: [] };
    return { values, from: 0, to: to - from, firstPosition: from, next: to, ...shape };
  }

  caughtUp(): boolean {
    return this.position >= Math.min(this.options.count, this.first + this.allowed());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Records due since the start; unlike a rate limit this makes up for pauses, as a sensor that goes on measuring. */
  private allowed(): number {
    const { recordsPerSecond } = this.options;
    if (recordsPerSecond === Infinity) return Infinity;
    return Math.floor(((this.context.clock.monotonic() - this.started) * recordsPerSecond) / 1000);
  }
}
