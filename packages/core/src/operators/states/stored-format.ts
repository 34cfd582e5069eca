import type { EntryFormat, StateDescriptor } from '../../model/index.ts';

/** How the stored form of a state is written. */
export function storedFormat(_descriptor: StateDescriptor): EntryFormat<unknown> {
  return { toValue: (stored) => stored, fromValue: (value) => value };
}
