import type { StateDescriptor } from '../../model/index.ts';
import type { Living, Ttl } from './ttl.ts';

/** What is left of a stored state once everything expired is taken out; `undefined`: nothing. The same if nothing was. */
export function keepAlive(descriptor: StateDescriptor, stored: unknown, ttl: Ttl): unknown {
  // Each kind of state stores its own shape, and only there.
  if (descriptor.kind === 'list') {
    const items = stored as readonly Living<unknown>[];
    const alive = items.filter((living) => !ttl.expired(living));
    return alive.length === 0 ? undefined : alive.length === items.length ? stored : alive;
  }
  if (descriptor.kind === 'map') {
    const map = stored as ReadonlyMap<unknown, Living<unknown>>;
    const alive = [...map].filter(([, living]) => !ttl.expired(living));
    return alive.length === 0 ? undefined : alive.length === map.size ? stored : new Map(alive);
  }
  return ttl.expired(stored as Living<unknown>) ? undefined : stored;
}
