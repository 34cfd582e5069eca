import type { CheckpointName, Committed, SinkTransaction, SinkWriter } from '../model/index.ts';

/** Records from which on a commit is asked for early. */
const HELD_RECORDS = 10_000;

/**
 * At most once for a sink without transactions: holds records back until the checkpoint that covers them is the truth, and
 * only then hands them on. A crash in between loses them; nothing is written twice.
 */
export class HeldWriter<T> implements SinkWriter<T> {
  readonly transaction: SinkTransaction;
  private readonly inner: SinkWriter<T>;
  private readonly requestCommit: () => void;
  private records: { readonly value: T; readonly timestampMs: number }[] = [];
  private sealed: readonly { readonly value: T; readonly timestampMs: number }[] = [];

  constructor(inner: SinkWriter<T>, requestCommit: () => void) {
    this.inner = inner;
    this.requestCommit = requestCommit;
    this.transaction = {
      recover: () => Promise.resolve(),
      cut: (_name: CheckpointName) => {
        this.sealed = this.records;
        this.records = [];
      },
      prepare: () => Promise.resolve(null),
      commit: (_committed: Committed) => this.handOn(),
    };
  }

  get buffered(): number {
    return this.records.length + this.sealed.length + this.inner.buffered;
  }

  write(value: T, timestampMs: number): void {
    this.records.push({ value, timestampMs });
    if (this.records.length === HELD_RECORDS) this.requestCommit();
  }

  ready(): boolean {
    return this.inner.ready();
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

  private async handOn(): Promise<void> {
    const { sealed } = this;
    this.sealed = [];
    for (const { value, timestampMs } of sealed) this.inner.write(value, timestampMs);
    await this.inner.flush();
  }
}
