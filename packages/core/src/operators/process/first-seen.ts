import { MinHeap } from '../../internal/heap.ts';
import type { EntryFormat } from '../../model/index.ts';
import { canonicalKey } from '../../state/index.ts';

/** When the first record of each id came; of one key. */
export class FirstSeen {
  readonly ids: Map<unknown, number>;
  /** Ids by that time, so that forgetting costs nothing for those that stay. Only an index of `ids`. */
  private readonly byTime = new MinHeap<unknown>();

  constructor(ids: Map<unknown, number>) {
    this.ids = ids;
    for (const [id, at] of ids) this.byTime.push(at, id);
  }

  /** The earliest time at which an id came; +Infinity: there is none. */
  get earliest(): number {
    return this.byTime.minimum;
  }

  note(id: unknown, at: number): void {
    this.ids.set(id, at);
    this.byTime.push(at, id);
  }

  /** Forgets the ids that came at `at` or before. */
  forget(at: number): void {
    while (this.byTime.size > 0 && this.byTime.minimum <= at) {
      const time = this.byTime.minimum;
      const id = this.byTime.pop();
      // It may have come again since, as a first one.
      if (this.ids.get(id) === time) this.ids.delete(id);
    }
  }
}

/** Written as the map from id to time. */
export const FIRST_SEEN: EntryFormat<FirstSeen> = {
  toValue: ({ ids }) => ids,
  // The format wrote a map; tuples among the ids are found by identity.
  fromValue: (value) =>
    new FirstSeen(new Map([...(value as ReadonlyMap<unknown, number>)].map(([id, at]) => [canonicalKey(id), at]))),
};
