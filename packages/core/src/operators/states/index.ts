export { bindStates } from './bind-states.ts';
export { KeyedStates } from './keyed-states.ts';
export { StateClock } from './state-clock.ts';
export type { StateSlot } from './state-slot.ts';
export { storedFormat } from './stored-format.ts';
export type { StateTime } from './ttl.ts';
