import type { EntryFormat, StateDescriptor } from '../../model/index.ts';
import { canonicalKey } from '../../state/index.ts';
import { packingOf, type Packing } from './packed.ts';
import type { Living } from './ttl.ts';

/** How one value is written, or the whole of a state. */
interface Stored extends EntryFormat<unknown> {
  readonly toValue: (stored: unknown) => unknown;
  readonly fromValue: (value: unknown) => unknown;
}

/**
 * How the stored form of a state is written: values as they are, or packed where there is a schema. With a time to live
 * each value has the time of its last renewal beside it.
 */
export function storedFormat(descriptor: StateDescriptor): Stored {
  const { kind, schema, ttl } = descriptor;
  const one = schema === undefined ? undefined : itemFormat(packingOf(schema.definition), ttl !== undefined);
  // Each kind of state stores its own shape, and only there.
  if (kind === 'map') {
    return {
      toValue: (stored) => (one === undefined ? stored : mapped(stored, one.toValue)),
      fromValue: (value) => mapped(value, one === undefined ? undefined : one.fromValue),
    };
  }
  if (one === undefined) return { toValue: (stored) => stored, fromValue: (value) => value };
  if (kind !== 'list') return one;
  return {
    toValue: (stored) => (stored as readonly unknown[]).map((item) => one.toValue(item)),
    fromValue: (value) => (value as readonly unknown[]).map((item) => one.fromValue(item)),
  };
}

function itemFormat({ pack, unpack }: Packing, living: boolean): Stored {
  if (!living) return { toValue: pack, fromValue: unpack };
  return {
    toValue: (stored) => [pack((stored as Living<unknown>)[0]), (stored as Living<unknown>)[1]],
    fromValue: (value) => [unpack((value as Living<unknown>)[0]), (value as Living<unknown>)[1]],
  };
}

/** A copy of a map. Keys that were read back are made canonical again: tuples are found by identity. */
function mapped(map: unknown, change: ((item: unknown) => unknown) | undefined): Map<unknown, unknown> {
  const result = new Map<unknown, unknown>();
  for (const [key, item] of map as ReadonlyMap<unknown, unknown>) {
    result.set(canonicalKey(key), change === undefined ? item : change(item));
  }
  return result;
}
