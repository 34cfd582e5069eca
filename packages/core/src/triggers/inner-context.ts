import type { TriggerContext, TriggerMergeContext } from '../model/index.ts';

/** What a trigger with another one inside remembers: its own part, and that of the inner one. */
export interface Nested<Own, Inner> {
  readonly own?: Own;
  readonly inner?: Inner;
}

/** State of the outer trigger with a new part in it; `undefined` when nothing is left to remember. */
export function withPart<Own, Inner>(
  state: Nested<Own, Inner> | undefined,
  part: 'own' | 'inner',
  value: Own | Inner | undefined,
): Nested<Own, Inner> | undefined {
  const { [part]: _before, ...rest } = state ?? {};
  if (value !== undefined) return { ...rest, [part]: value };
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** The context as the inner trigger sees it: its `state` is the inner part, everything else is that of the outer one. */
export function innerContext<Own, Inner>(outer: TriggerContext<Nested<Own, Inner>>): TriggerContext<Inner> {
  return new InnerContext<Own, Inner>(outer);
}

/** The same when windows merge. */
export function innerMergeContext<Own, Inner>(
  outer: TriggerMergeContext<Nested<Own, Inner>>,
): TriggerMergeContext<Inner> {
  const merged = outer.merged.flatMap(({ inner }) => (inner === undefined ? [] : [inner]));
  return Object.assign(new InnerContext<Own, Inner>(outer), { merged });
}

class InnerContext<Own, Inner> implements TriggerContext<Inner> {
  private readonly outer: TriggerContext<Nested<Own, Inner>>;

  constructor(outer: TriggerContext<Nested<Own, Inner>>) {
    this.outer = outer;
  }

  get watermark(): number {
    return this.outer.watermark;
  }

  get processingTime(): number {
    return this.outer.processingTime;
  }

  get state(): Inner | undefined {
    return this.outer.state?.inner;
  }

  set state(state: Inner | undefined) {
    this.outer.state = withPart(this.outer.state, 'inner', state);
  }

  registerEventTimer(timeMs: number): void {
    this.outer.registerEventTimer(timeMs);
  }

  deleteEventTimer(timeMs: number): void {
    this.outer.deleteEventTimer(timeMs);
  }

  registerProcessingTimer(timeMs: number): void {
    this.outer.registerProcessingTimer(timeMs);
  }

  deleteProcessingTimer(timeMs: number): void {
    this.outer.deleteProcessingTimer(timeMs);
  }
}
