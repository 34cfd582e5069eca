import { neverHappens } from '../../errors/index.ts';
import type { StateDescriptor, StateSpec, StatesOf } from '../../model/index.ts';
import { asItIs, frozen, type HandOut } from './hand-out.ts';
import { SlotListState } from './list.ts';
import { SlotMapState } from './map.ts';
import type { StateSlot } from './state-slot.ts';
import { Ttl, type StateTime } from './ttl.ts';
import { SlotAggregatingState, SlotReducingState, SlotValue, SlotValueState } from './value.ts';

/**
 * The states of a function by name. They always work on what the slots point at: the current key, or key and window.
 *
 * @param slotFor called once per state
 * @param development whether values are frozen
 */
export function bindStates<S extends StateSpec>(
  spec: S,
  slotFor: (name: string, descriptor: StateDescriptor) => StateSlot,
  time: StateTime,
  development: boolean = false,
): StatesOf<S> {
  const handOut = development ? frozen : asItIs;
  const states = Object.entries(spec).map(([name, descriptor]) => {
    const ttl = descriptor.ttl === undefined ? undefined : new Ttl(descriptor.ttl, time);
    return [name, stateOf(descriptor, slotFor(name, descriptor), ttl, handOut)] as const;
  });
  // Each descriptor gave the state that its type names.
  return Object.freeze(Object.fromEntries(states)) as StatesOf<S>;
}

function stateOf(descriptor: StateDescriptor, slot: StateSlot, ttl: Ttl | undefined, handOut: HandOut): unknown {
  switch (descriptor.kind) {
    case 'value':
      return new SlotValueState(new SlotValue(slot, ttl), descriptor.initial, handOut);
    case 'list':
      return new SlotListState(slot, ttl, handOut);
    case 'map':
      return new SlotMapState(slot, ttl, handOut);
    case 'reducing':
      return new SlotReducingState(new SlotValue(slot, ttl), descriptor.reduce, handOut);
    case 'aggregating':
      return new SlotAggregatingState(new SlotValue(slot, ttl), descriptor.aggregate);
    default:
      return neverHappens(descriptor, 'kind of a state descriptor');
  }
}
