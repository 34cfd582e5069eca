import { durationMs, type Duration } from '../internal/duration.ts';
import { MillraceError } from '../errors/index.ts';
import type { PollResult, Source, SourceContext, SourcePartition, SourceReader } from '../model/index.ts';
import { batchOf, startPosition } from './memory-source.ts';

/** Something that happens to a source between two records. */
export class ScriptItem {
  readonly kind: 'crash' | 'pause' | 'end';
  readonly durationMs: number;

  constructor(kind: 'crash' | 'pause' | 'end', pauseMs: number = 0) {
    this.kind = kind;
    this.durationMs = pauseMs;
  }
}

/** The job fails here with `IO_FAILED`, every time the script comes to this place for the first time in its life. */
export function crash(): ScriptItem {
  return new ScriptItem('crash');
}

/** The source has nothing for so long; the job goes on waiting. */
export function pause(duration: Duration): ScriptItem {
  return new ScriptItem('pause', durationMs(duration, 'pause()'));
}

/** The input ends here; what follows is not read. */
export function end(): ScriptItem {
  return new ScriptItem('end');
}

/**
 * A source whose array also says what goes wrong, for tests. A `crash()` happens once per source object: a job that is
 * restored and run again on the same source passes it.
 *
 * @example
 * const source = scripted([1, 2, crash(), 3, pause('5s'), 4, end()]);
 */
export function scripted<T>(items: readonly (T | ScriptItem)[]): Source<T> {
  const crashed = new Set<number>();
  return Object.freeze({
    kind: 'script',
    bounded: true,
    onError: 'fail' as const,
    open: (context: SourceContext): Promise<SourceReader<T>> =>
      Promise.resolve(new ScriptReader(items, crashed, context)),
  });
}

class ScriptReader<T> implements SourceReader<T> {
  readonly partitions: readonly SourcePartition[] = [{ id: '0' }];
  private readonly items: readonly (T | ScriptItem)[];
  private readonly crashed: Set<number>;
  private readonly context: SourceContext;
  private position: number;
  private resumeAt: number | undefined;

  constructor(items: readonly (T | ScriptItem)[], crashed: Set<number>, context: SourceContext) {
    this.items = items;
    this.crashed = crashed;
    this.context = context;
    this.position = startPosition(context, '0');
  }

  poll(_partition: number, maxRecords: number): PollResult<T> {
    for (let item = this.items[this.position]; item instanceof ScriptItem; item = this.items[this.position]) {
      if (item.kind === 'end') return 'end';
      if (item.kind === 'pause' && !this.pauseOver(item)) return 'pending';
      if (item.kind === 'crash') this.crashOnce();
      this.position++;
    }
    const from = this.position;
    while (this.position < this.items.length && this.position - from < maxRecords) {
      if (this.items[this.position] instanceof ScriptItem) break;
      this.position++;
    }
    // Everything in this range is a record: the loop above stops at script items.
    return from === this.position ? 'end' : batchOf(this.items as readonly T[], from, this.position);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private pauseOver(item: ScriptItem): boolean {
    const { clock, scheduler, wake } = this.context;
    if (this.resumeAt === undefined) {
      this.resumeAt = clock.monotonic() + item.durationMs;
      scheduler.after(item.durationMs, wake);
    }
    if (clock.monotonic() < this.resumeAt) return false;
    this.resumeAt = undefined;
    return true;
  }

  private crashOnce(): void {
    if (this.crashed.has(this.position)) return;
    this.crashed.add(this.position);
    throw new MillraceError('IO_FAILED', { message: `scripted crash at position ${this.position}`, retryable: true });
  }
}
