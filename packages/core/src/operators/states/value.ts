import type { AggregatingState, Aggregate, ReducingState, ValueState } from '../../model/index.ts';
import type { HandOut } from './hand-out.ts';
import type { StateSlot } from './state-slot.ts';
import type { Living, Ttl } from './ttl.ts';

/** One value in a slot, with or without a time to live. */
export class SlotValue<T> {
  private readonly slot: StateSlot;
  private readonly ttl: Ttl | undefined;

  constructor(slot: StateSlot, ttl: Ttl | undefined) {
    this.slot = slot;
    this.ttl = ttl;
  }

  read(): T | undefined {
    const stored = this.slot.get();
    // The slot holds what `write` put there.
    if (stored === undefined || this.ttl === undefined) return stored as T | undefined;
    const living = stored as Living<T>;
    if (this.ttl.expired(living)) {
      this.slot.remove();
      return undefined;
    }
    if (this.ttl.renewedByReading) {
      this.slot.edit();
      this.ttl.renew(living);
    }
    return living[0];
  }

  /** The value, by someone who is about to change it in place and write it back. */
  take(): T | undefined {
    this.slot.edit();
    return this.read();
  }

  write(value: T): void {
    if (value === undefined) this.slot.remove();
    else this.slot.put(this.ttl === undefined ? value : this.ttl.born(value));
  }

  clear(): void {
    this.slot.remove();
  }
}

/** One value, else the initial one. */
export class SlotValueState<T> implements ValueState<T> {
  private readonly value: SlotValue<T>;
  private readonly initial: (() => T) | undefined;
  private readonly handOut: HandOut;

  constructor(value: SlotValue<T>, initial: (() => T) | undefined, handOut: HandOut) {
    this.value = value;
    this.initial = initial;
    this.handOut = handOut;
  }

  get(): T | undefined {
    const value = this.value.read();
    return this.handOut(value === undefined ? this.initial?.() : value);
  }

  set(value: T): void {
    this.value.write(this.handOut(value));
  }

  update(next: (value: T | undefined) => T): void {
    this.set(next(this.get()));
  }

  clear(): void {
    this.value.clear();
  }
}

export class SlotReducingState<T> implements ReducingState<T> {
  private readonly value: SlotValue<T>;
  private readonly reduce: (a: T, b: T) => T;
  private readonly handOut: HandOut;

  constructor(value: SlotValue<T>, reduce: (a: T, b: T) => T, handOut: HandOut) {
    this.value = value;
    this.reduce = reduce;
    this.handOut = handOut;
  }

  get(): T | undefined {
    return this.handOut(this.value.read());
  }

  add(value: T): void {
    const before = this.get();
    this.value.write(before === undefined ? this.handOut(value) : this.reduce(before, this.handOut(value)));
  }

  clear(): void {
    this.value.clear();
  }
}

export class SlotAggregatingState<T, A, R> implements AggregatingState<T, R> {
  private readonly value: SlotValue<A>;
  private readonly aggregate: Aggregate<T, A, R>;

  constructor(value: SlotValue<A>, aggregate: Aggregate<T, A, R>) {
    this.value = value;
    this.aggregate = aggregate;
  }

  get(): R | undefined {
    const accumulator = this.value.read();
    return accumulator === undefined ? undefined : this.aggregate.result(accumulator);
  }

  add(value: T): void {
    this.value.write(this.aggregate.add(this.value.take() ?? this.aggregate.create(), value));
  }

  clear(): void {
    this.value.clear();
  }
}
