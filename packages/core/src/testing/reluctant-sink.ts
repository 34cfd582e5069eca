import type { Sink, SinkContext, SinkTransaction, SinkWriter } from '../model/index.ts';

/** Milliseconds a reluctant sink stays full. */
const FULL_MS = 1;

/**
 * The same sink, but full after every step that wrote to it; it wakes the job a millisecond later. Fails if the job
 * writes while it is full.
 *
 * @example
 * flow.from('numbers', source).to('out', reluctant(memorySink()));
 */
export function reluctant<T>(sink: Sink<T>): Sink<T> {
  return Object.freeze({
    kind: sink.kind,
    ...(sink.guarantee === undefined ? {} : { guarantee: sink.guarantee }),
    open: async (context: SinkContext): Promise<SinkWriter<T>> =>
      new ReluctantWriter(await sink.open(context), context),
  });
}

class ReluctantWriter<T> implements SinkWriter<T> {
  private readonly inner: SinkWriter<T>;
  private readonly context: SinkContext;
  /** `fresh`: room, nothing written since. `used`: written to. `full`: refuses until its timer. */
  private state: 'fresh' | 'used' | 'full' = 'fresh';

  constructor(inner: SinkWriter<T>, context: SinkContext) {
    this.inner = inner;
    this.context = context;
  }

  get buffered(): number {
    return this.inner.buffered;
  }

  get transaction(): SinkTransaction {
    // Who asks for it has seen the guarantee of the sink.
    return this.inner.transaction as SinkTransaction;
  }

  write(value: T, timestampMs: number): void {
    if (this.state === 'full') throw new Error(`sink '${this.context.name}' was written to while ready() is false`);
    this.state = 'used';
    this.inner.write(value, timestampMs);
  }

  ready(): boolean {
    const ready = this.inner.ready();
    if (this.state === 'used') {
      this.state = 'full';
      this.context.scheduler.after(FULL_MS, () => {
        this.state = 'fresh';
        this.context.wake();
      });
    }
    return ready && this.state === 'fresh';
  }

  flush(): Promise<void> {
    return this.inner.flush();
  }

  finish(): Promise<void> {
    return this.inner.finish();
  }

  abort(): Promise<void> {
    return this.inner.abort();
  }
}
