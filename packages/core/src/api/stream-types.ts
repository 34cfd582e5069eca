import type { EventTimeWindows, StateSpec, UntimedWindows } from '../model/index.ts';

type Primitive = string | number | bigint | boolean;

/** What a stream can be keyed by: a primitive, or a tuple or plain object of these; compared by value. */
export type StreamKey = Primitive | readonly StreamKey[] | { readonly [field: string]: StreamKey };

/** Windows that a stream can have: event-time ones need timestamps. */
export type WindowsFor<T, Timed extends boolean> = Timed extends true
  ? EventTimeWindows<T> | UntimedWindows<T>
  : UntimedWindows<T>;

/** Whether results of windows `W` have timestamps: those of event-time windows do, others keep what the input has. */
export type ResultTimed<W, Timed extends boolean> = W extends { readonly time: 'event' } ? true : Timed;

/** No states: what a process function without `state` has. */
export type NoState = Readonly<Record<never, never>> & StateSpec;
