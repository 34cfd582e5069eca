import type { OperatorMetrics } from '../../metrics/index.ts';
import type { Receiver, StateSpec, WindowProcessFunction, WindowResult } from '../../model/index.ts';
import { OperatorFailure } from '../operator-failure.ts';
import { refusePromise } from '../user-calls.ts';
import type { WindowCall } from './window-call.ts';
import type { WindowState } from './window-state.ts';

/** How a firing becomes records. */
export interface Emission {
  /** `contents` is what the window holds, or what an aggregate made of it. */
  emit(window: WindowState, contents: unknown): void;
  /** The window is being cleaned up. */
  clear(window: WindowState): void;
}

/** `{ key, window, value }`, or what a projection makes of it. */
export class ProjectedEmission implements Emission {
  private readonly name: string;
  private readonly project: ((result: WindowResult<unknown, unknown>) => unknown) | undefined;
  private readonly next: Receiver<unknown>;
  private readonly metrics: OperatorMetrics;

  constructor(
    name: string,
    project: ((result: WindowResult<unknown, unknown>) => unknown) | undefined,
    next: Receiver<unknown>,
    metrics: OperatorMetrics,
  ) {
    this.name = name;
    this.project = project;
    this.next = next;
    this.metrics = metrics;
  }

  emit(window: WindowState, contents: unknown): void {
    const { key } = window.entry;
    const entry = { key, window: window.plain, value: contents };
    let result: unknown = entry;
    if (this.project !== undefined) {
      try {
        result = this.project(entry);
      } catch (cause) {
        throw windowFailure(this.name, 'window result', window, cause, contents);
      }
    }
    this.metrics.out++;
    try {
      this.next.process(result, window.end - 1);
    } catch (cause) {
      throw behindWindow(this.name, window, cause, contents);
    }
  }

  clear(): void {}
}

/** A function of the program. */
export class ProcessEmission implements Emission {
  private readonly name: string;
  private readonly fn: WindowProcessFunction<unknown, unknown, StateSpec, StateSpec, unknown>;
  private readonly call: WindowCall;

  constructor(
    name: string,
    fn: WindowProcessFunction<unknown, unknown, StateSpec, StateSpec, unknown>,
    call: WindowCall,
  ) {
    this.name = name;
    this.fn = fn;
    this.call = call;
  }

  emit(window: WindowState, contents: unknown): void {
    try {
      const returned: unknown = this.fn.process(contents, this.call.of(window));
      refusePromise(returned, 'window functions');
    } catch (cause) {
      throw windowFailure(this.name, 'window function', window, cause, contents);
    }
  }

  clear(window: WindowState): void {
    if (this.fn.clear === undefined) return;
    try {
      const returned: unknown = this.fn.clear(this.call.of(window));
      refusePromise(returned, 'window functions');
    } catch (cause) {
      throw windowFailure(this.name, 'clear of the window function', window, cause);
    }
  }
}

function behindWindow(operator: string, window: WindowState, cause: unknown, contents: unknown): unknown {
  return OperatorFailure.during(cause, () => ({ operator, key: window.entry.key, window: window.plain, contents }));
}

/** What has its place already keeps it. */
export function windowFailure(
  operator: string,
  what: string,
  window: WindowState,
  cause: unknown,
  contents?: unknown,
): unknown {
  if (cause instanceof OperatorFailure) return behindWindow(operator, window, cause, contents);
  return new OperatorFailure({ operator, what, cause, key: window.entry.key, window: window.plain, contents });
}
