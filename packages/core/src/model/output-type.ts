declare const carried: unique symbol;

/** The type of what a function emits, for the type checker. Made by `typed<T>()`. */
export interface OutputType<T> {
  /** Only for the type checker; never set. */
  readonly [carried]?: (value: T) => T;
}

const TYPED = Object.freeze({});

/**
 * Tells the type checker what a process function emits; TypeScript cannot infer it from calls of `emit`.
 *
 * @typeParam T what `context.emit` takes
 * @example
 * sensors.keyBy((r) => r.sensor).process({
 *   emits: typed<{ sensor: string; silentSince: number }>(),
 *   onRecord: (reading, ctx) => ctx.emit({ sensor: ctx.key, silentSince: reading.time }),
 * });
 */
export function typed<T>(): OutputType<T> {
  return TYPED;
}
