import type { MapState } from '../../model/index.ts';
import { canonicalKey } from '../../state/index.ts';
import type { HandOut } from './hand-out.ts';
import type { StateSlot } from './state-slot.ts';
import type { Living, Ttl } from './ttl.ts';

/** A map in a slot; with a time to live each entry has its own. */
export class SlotMapState<MK, MV> implements MapState<MK, MV> {
  private readonly slot: StateSlot;
  private readonly ttl: Ttl | undefined;
  private readonly handOut: HandOut;

  constructor(slot: StateSlot, ttl: Ttl | undefined, handOut: HandOut) {
    this.slot = slot;
    this.ttl = ttl;
    this.handOut = handOut;
  }

  get isEmpty(): boolean {
    const { ttl, stored } = this;
    if (stored === undefined) return true;
    // The slot holds what `set` put there; a map without entries is removed.
    if (ttl === undefined) return false;
    for (const living of stored.values()) if (!ttl.expired(living as Living<MV>)) return false;
    this.slot.remove();
    return true;
  }

  get(key: MK): MV | undefined {
    const stored = this.stored?.get(canonicalKey(key));
    // The slot holds what `set` put there.
    if (stored === undefined || this.ttl === undefined) return this.handOut(stored as MV | undefined);
    const living = stored as Living<MV>;
    if (this.ttl.expired(living)) {
      this.delete(key);
      return undefined;
    }
    this.renew(this.ttl, living);
    return this.handOut(living[0]);
  }

  has(key: MK): boolean {
    // To look whether it is there is to read it. `undefined` is never stored.
    return this.get(key) !== undefined;
  }

  set(key: MK, value: MV): void {
    if (value === undefined) {
      this.delete(key);
      return;
    }
    const { ttl } = this;
    const canonical = canonicalKey(key);
    const entry = ttl === undefined ? this.handOut(value) : ttl.born(this.handOut(value));
    const map = this.slot.edit() as Map<unknown, unknown> | undefined;
    if (map === undefined) {
      this.slot.put(new Map([[canonical, entry]]));
      return;
    }
    // An expired entry must not be seen in the order either.
    if (ttl?.expired((map.get(canonical) ?? entry) as Living<MV>) === true) map.delete(canonical);
    map.set(canonical, entry);
  }

  update(key: MK, next: (value: MV | undefined) => MV): void {
    this.set(key, next(this.get(key)));
  }

  delete(key: MK): void {
    const map = this.slot.edit() as Map<unknown, unknown> | undefined;
    if (map === undefined) return;
    map.delete(canonicalKey(key));
    if (map.size === 0) this.slot.remove();
  }

  entries(): Iterable<readonly [MK, MV]> {
    return this.alive();
  }

  keys(): Iterable<MK> {
    return this.alive().map(([key]) => key);
  }

  values(): Iterable<MV> {
    return this.alive().map(([, value]) => value);
  }

  clear(): void {
    this.slot.remove();
  }

  private renew(ttl: Ttl, living: Living<MV>): void {
    if (!ttl.renewedByReading) return;
    this.slot.edit();
    ttl.renew(living);
  }

  private get stored(): ReadonlyMap<unknown, unknown> | undefined {
    return this.slot.get() as ReadonlyMap<unknown, unknown> | undefined;
  }

  /** The live entries as they are now, so that the map may be changed while they are gone through. */
  private alive(): readonly (readonly [MK, MV])[] {
    const { ttl, stored } = this;
    if (stored === undefined) return [];
    if (ttl === undefined) return this.handOut([...(stored as ReadonlyMap<MK, MV>)]);
    const alive: (readonly [MK, MV])[] = [];
    for (const [key, living] of stored as ReadonlyMap<MK, Living<MV>>) {
      if (ttl.expired(living)) this.delete(key);
      else {
        this.renew(ttl, living);
        alive.push([key, living[0]]);
      }
    }
    return this.handOut(alive);
  }
}
