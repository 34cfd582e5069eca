import type { Evictor, EvictorContext, WindowElement } from '../../model/index.ts';
import type { WindowState } from './window-state.ts';

/** Fires windows whose records an evictor thins out (R21). */
export class Evicting {
  private readonly evictor: Evictor<unknown>;
  /** What the window function gets of the records that stay. */
  private readonly fold: (elements: readonly WindowElement<unknown>[]) => unknown;

  constructor(evictor: Evictor<unknown>, fold: (elements: readonly WindowElement<unknown>[]) => unknown) {
    this.evictor = evictor;
    this.fold = fold;
  }

  /** @returns how many records went; what stays is the new contents, and where nothing does the window holds nothing */
  fire(window: WindowState, context: EvictorContext, emit: (contents: unknown) => void): number {
    const { evictor } = this;
    const elements = window.elements ?? [];
    const before = evictor.evictBefore?.(elements, window.plain, context) ?? elements;
    try {
      emit(this.fold(before));
    } finally {
      const after = evictor.evictAfter?.(before, window.plain, context) ?? before;
      window.elements = after.length === 0 ? undefined : [...after];
    }
    return elements.length - (window.elements?.length ?? 0);
  }
}
