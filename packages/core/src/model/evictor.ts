import type { TimeWindow } from './window.ts';

/** One record of a window whose records are kept. `timestampMs` is NaN for a record without timestamp. */
export interface WindowElement<out T> {
  readonly value: T;
  readonly timestampMs: number;
}

/** What an evictor knows beside the elements. */
export interface EvictorContext {
  readonly watermark: number;
  readonly processingTime: number;
}

/**
 * Takes elements out of a window around each firing. Windows with an evictor keep all their records (R21). What survives
 * replaces the contents of the window.
 *
 * @example
 * const onlyLarge: Evictor<Order> = {
 *   describe: 'onlyLarge',
 *   evictBefore: (elements) => elements.filter(({ value }) => value.amount > 100_00),
 * };
 */
export interface Evictor<in T> {
  readonly describe: string;
  /** Before the window function: returns the elements that stay, in order. Default: all. */
  evictBefore?<E extends T>(
    elements: readonly WindowElement<E>[],
    window: TimeWindow,
    context: EvictorContext,
  ): readonly WindowElement<E>[];
  /** After the window function: returns the elements that stay. Default: all. */
  evictAfter?<E extends T>(
    elements: readonly WindowElement<E>[],
    window: TimeWindow,
    context: EvictorContext,
  ): readonly WindowElement<E>[];
}
