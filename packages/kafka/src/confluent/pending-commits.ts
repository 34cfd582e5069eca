import type { GroupOffset } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';

const STEP = 'committing offsets';

interface Pending {
  readonly offsets: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Commits that the client has taken and the group has not answered. Its `commitCb` calls back when the request is queued, whatever becomes of
 * it; what became of it is said by `offset_commit_cb`, by what was committed.
 */
export class PendingCommits {
  private pending: readonly Pending[] = [];

  get size(): number {
    return this.pending.length;
  }

  /** @returns settled by `answered` with the same offsets */
  expect(offsets: readonly GroupOffset[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending = [...this.pending, { offsets: shown(offsets), resolve, reject }];
    });
  }

  /** What the client was told: `error` is about all of the offsets. */
  answered(error: unknown, offsets: readonly GroupOffset[]): void {
    const text = shown(offsets);
    // The client commits nothing by itself: another one's answer is that of a commit that nobody waits for any more.
    const found = this.pending.find((one) => one.offsets === text);
    if (found === undefined) return;
    this.pending = this.pending.filter((one) => one !== found);
    if (error === undefined || error === null) found.resolve();
    else found.reject(kafkaError(STEP, error));
  }

  /** Nobody will answer any more: what was not answered may be committed or not. */
  end(cause: unknown): void {
    for (const { reject } of this.pending) reject(kafkaError(STEP, cause));
    this.pending = [];
  }
}

/** The client puts offsets into another order. */
function shown(offsets: readonly GroupOffset[]): string {
  const each = offsets.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`);
  return each.sort().join('\n');
}
