import type { StateSpec, StatesOf } from './keyed-state.ts';
import type { OutputType } from './output-type.ts';
import type { SideOutput } from './side-output.ts';
import type { TimeWindow } from './window.ts';

/** What a window function knows of the firing, and may do. Everything it emits has the window's last timestamp (R24). */
export interface WindowContext<K, WS extends StateSpec, GS extends StateSpec, Out> {
  readonly key: K;
  readonly window: TimeWindow;
  /** Event time now at this operator. */
  readonly watermark: number;
  /** The clock now, epoch ms. */
  readonly processingTime: number;
  /** States of this key and window. `clear` must clear what it set, or nothing does before the window is cleaned up. */
  readonly windowState: StatesOf<WS>;
  /** States of this key, over all of its windows. */
  readonly keyState: StatesOf<GS>;
  emit(value: Out): void;
  side<T>(tag: SideOutput<T>, value: T): void;
}

/**
 * A function over the contents of a window, called once per firing.
 *
 * @typeParam K the key; `null` for `windowAll`
 * @typeParam C the contents: all records in order of arrival, or what an aggregate made of them
 * @typeParam WS states per key and window; refused for merging windows (R16)
 * @typeParam GS states per key
 * @typeParam Out what it emits
 * @example
 * .process({
 *   windowState: { firings: valueState<number>() },
 *   emits: typed<{ key: string; first: Order | undefined; firing: number | undefined }>(),
 *   process(elements, ctx) {
 *     ctx.windowState.firings.update((n) => (n ?? 0) + 1);
 *     ctx.emit({ key: ctx.key, first: elements[0], firing: ctx.windowState.firings.get() });
 *   },
 *   clear: (ctx) => ctx.windowState.firings.clear(),
 * })
 */
export interface WindowProcessFunction<K, C, WS extends StateSpec, GS extends StateSpec, Out> {
  readonly windowState?: WS;
  readonly keyState?: GS;
  /** What it emits: `typed<Out>()`. */
  readonly emits?: OutputType<Out>;
  process(contents: C, context: WindowContext<K, WS, GS, Out>): void;
  /** Called when the window is cleaned up, also if it never fired. */
  clear?(context: WindowContext<K, WS, GS, Out>): void;
}
