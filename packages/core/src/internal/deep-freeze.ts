/**
 * Freezes a value and everything in it, so that a change in place is an error where it happens. Plain objects and arrays
 * only: what is in a Map, a Set or a Date cannot be protected.
 *
 * @returns the value itself
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
