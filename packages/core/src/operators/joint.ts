import type { AlertListener, Segment } from '../time/index.ts';

/**
 * An operator at which event time is handed on from one segment of the graph to the next, because it holds records or
 * timers, or combines several inputs.
 *
 * Protocol, as the watermark sweep keeps it, over all joints from source to sink:
 * - `sync()` brings the output's watermark up to date where nothing is due. Cheap; may be called at any time.
 * - when an input changed: `advance()` until it returns `true`. Each call emits at most 512 results; `false` means that
 *   more remain. Nothing else enters the operator in between. With `true` it has set the output's watermark, idleness
 *   and `changed`.
 * - after the sweep `announce()`: lowers the alerts of the inputs to what the joint and everything behind it waits for.
 */
export interface Joint extends AlertListener {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  sync(): void;
  advance(): boolean;
  announce(): void;
}
