import type { ListState } from '../../model/index.ts';
import type { HandOut } from './hand-out.ts';
import type { StateSlot } from './state-slot.ts';
import type { Living, Ttl } from './ttl.ts';

/** A list in a slot; with a time to live each item has its own. */
export class SlotListState<T> implements ListState<T> {
  private readonly slot: StateSlot;
  private readonly ttl: Ttl | undefined;
  private readonly handOut: HandOut;

  constructor(slot: StateSlot, ttl: Ttl | undefined, handOut: HandOut) {
    this.slot = slot;
    this.ttl = ttl;
    this.handOut = handOut;
  }

  get(): readonly T[] {
    const { ttl } = this;
    // The slot holds what `addAll` put there.
    if (ttl === undefined) return this.handOut([...((this.slot.get() as T[] | undefined) ?? [])]);
    const alive = this.alive(ttl);
    if (ttl.renewedByReading && alive.length > 0) {
      this.slot.edit();
      for (const living of alive) ttl.renew(living);
    }
    return this.handOut(alive.map(([value]) => value));
  }

  add(value: T): void {
    this.addAll([value]);
  }

  addAll(values: Iterable<T>): void {
    const { ttl } = this;
    const items: unknown[] = [];
    for (const value of values) items.push(ttl === undefined ? this.handOut(value) : ttl.born(this.handOut(value)));
    if (items.length === 0) return;
    const stored = this.slot.edit() as unknown[] | undefined;
    if (stored === undefined) this.slot.put(items);
    else for (const item of items) stored.push(item);
  }

  set(values: Iterable<T>): void {
    // Taken before anything is removed: it may be made from this list.
    const items = [...values];
    this.slot.remove();
    this.addAll(items);
  }

  clear(): void {
    this.slot.remove();
  }

  private alive(ttl: Ttl): readonly Living<T>[] {
    const stored = this.slot.get() as Living<T>[] | undefined;
    if (stored === undefined) return [];
    const alive = stored.filter((living) => !ttl.expired(living));
    if (alive.length === 0) this.slot.remove();
    else if (alive.length < stored.length) this.slot.put(alive);
    return alive;
  }
}
