import type {
  Clock,
  Receiver,
  SideOutput,
  StateBackend,
  StateSpec,
  StatesOf,
  TimeWindow,
  WindowContext,
} from '../../model/index.ts';
import type { OperatorMetrics } from '../../metrics/index.ts';
import type { Segment } from '../../time/index.ts';
import { bindStates, KeyedStates, storedFormat, StateClock, type StateSlot } from '../states/index.ts';
import type { WindowState } from './window-state.ts';

/** What the context of window functions is made of. */
export interface WindowCallOptions {
  readonly windowState: StateSpec;
  readonly keyState: StateSpec;
  readonly state: StateBackend;
  readonly input: Segment;
  readonly output: Segment;
  readonly clock: Clock;
  /** Whether values of state are frozen. Default false. */
  readonly development?: boolean;
  readonly metrics: OperatorMetrics;
  readonly next: Receiver<unknown>;
  readonly sideOf: (tag: string) => Receiver<unknown> | undefined;
}

/** What window functions see. One object per operator, pointed at one firing window after the other. */
export class WindowCall implements WindowContext<unknown, StateSpec, StateSpec, unknown> {
  readonly windowState: StatesOf<StateSpec>;
  readonly keyState: StatesOf<StateSpec>;
  window: TimeWindow = { start: NaN, end: NaN };
  /** @internal The window itself, for its states. */
  current: WindowState | undefined;
  private readonly o: WindowCallOptions;
  private readonly stateClock: StateClock;
  private readonly perKey: KeyedStates<StateSpec>;
  /** Writes the states of windows as their descriptors say. */
  private readonly formats: ReturnType<typeof storedFormat>[] = [];

  constructor(options: WindowCallOptions) {
    this.o = options;
    this.stateClock = new StateClock(options.clock);
    this.perKey = new KeyedStates(options.keyState, options.state, 'key.', this.stateClock, options.development);
    this.keyState = this.perKey.states;
    const slotFor = (_name: string, descriptor: Parameters<typeof storedFormat>[0]): StateSlot => {
      this.formats.push(storedFormat(descriptor));
      return new WindowSlot(this.formats.length - 1, Object.keys(options.windowState).length, this);
    };
    this.windowState = bindStates(options.windowState, slotFor, this.stateClock, options.development);
  }

  /** The context for `window`. */
  of(window: WindowState): this {
    this.current = window;
    this.window = window.plain;
    this.perKey.key = window.entry.key;
    const { input, output } = this.o;
    this.stateClock.atTimer(Math.min(window.end - 1, input.watermark), output.watermark);
    this.perKey.sweep();
    return this;
  }

  get key(): unknown {
    return this.current?.entry.key;
  }

  get watermark(): number {
    return this.o.input.watermark;
  }

  get processingTime(): number {
    return this.o.clock.now();
  }

  emit(value: unknown): void {
    this.o.metrics.out++;
    this.o.next.process(value, this.window.end - 1);
  }

  side<T>(tag: SideOutput<T>, value: T): void {
    this.o.sideOf(tag.name)?.process(value, this.window.end - 1);
  }

  toValue(states: readonly unknown[]): readonly unknown[] {
    return states.map((state, i) => (state === undefined ? undefined : this.formats[i]?.toValue(state)));
  }

  fromValue(saved: readonly unknown[]): unknown[] {
    return saved.map((state, i) => (state === undefined ? undefined : this.formats[i]?.fromValue(state)));
  }
}

/** A state of the current window: it lives and goes with it. */
class WindowSlot implements StateSlot {
  private readonly index: number;
  private readonly count: number;
  private readonly call: { readonly current: WindowState | undefined };

  constructor(index: number, count: number, call: { readonly current: WindowState | undefined }) {
    this.index = index;
    this.count = count;
    this.call = call;
  }

  get(): unknown {
    return this.call.current?.states?.[this.index];
  }

  edit(): unknown {
    return this.get();
  }

  put(stored: unknown): void {
    const window = this.call.current as WindowState;
    window.states ??= Array.from({ length: this.count }, () => undefined);
    window.states[this.index] = stored;
  }

  remove(): void {
    const states = this.call.current?.states;
    if (states !== undefined) states[this.index] = undefined;
  }
}
