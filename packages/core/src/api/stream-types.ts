import type { StateSpec } from '../model/index.ts';

type Primitive = string | number | bigint | boolean;

/** What a stream can be keyed by: a primitive, or a tuple or plain object of these; compared by value. */
export type StreamKey = Primitive | readonly StreamKey[] | { readonly [field: string]: StreamKey };

/** No states: what a process function without `state` has. */
export type NoState = Readonly<Record<never, never>> & StateSpec;
