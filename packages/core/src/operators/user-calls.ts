/** NaN would sort nowhere, and never fire. */
export function checkTime(method: string, timeMs: number): void {
  if (typeof timeMs === 'number' && !Number.isNaN(timeMs) && timeMs !== -Infinity) return;
  throw new RangeError(`${method}(${String(timeMs)}): the time must be epoch milliseconds, or Infinity for the end`);
}

/**
 * A callback declared to give nothing may be an async function all the same; what runs after it has returned would work on the
 * state of another key.
 */
export function refusePromise(returned: unknown, what: string): void {
  if (!(returned instanceof Promise)) return;
  // Its own failure, if any, is beside the point.
  returned.catch(() => {});
  throw new TypeError(`it returned a promise, but must be done when it returns: ${what} cannot be async`);
}
