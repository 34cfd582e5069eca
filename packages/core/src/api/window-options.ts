import { optionError } from '../errors/index.ts';
import type { NodeDraft, NodeInput, UserFunction, WindowContents, WindowEmission } from '../graph/index.ts';
import type { Evictor, SideOutput, Trigger, WindowAssigner } from '../model/index.ts';
import { checkAssigner, checkEvictor, checkTrigger } from './checks.ts';

/** What was said so far of a stream cut into windows. Immutable: each `with` method gives a copy. */
export class WindowOptions<T> {
  readonly input: NodeInput;
  readonly keyOf: UserFunction | undefined;
  readonly windows: WindowAssigner<T>;
  trigger: Trigger<T> | undefined;
  evictor: Evictor<T> | undefined;
  latenessMs = 0;
  late: SideOutput<T> | undefined;

  /** @throws {MillraceError} `OPTION_INVALID` for something that is no window assigner */
  constructor(input: NodeInput, keyOf: UserFunction | undefined, windows: WindowAssigner<T>) {
    checkAssigner(windows);
    this.input = input;
    this.keyOf = keyOf;
    this.windows = windows;
  }

  withTrigger(trigger: Trigger<T>): WindowOptions<T> {
    checkTrigger(trigger);
    return this.with((copy) => void (copy.trigger = trigger));
  }

  withEvictor(evictor: Evictor<T>): WindowOptions<T> {
    checkEvictor(evictor);
    return this.with((copy) => void (copy.evictor = evictor));
  }

  withLateness(latenessMs: number): WindowOptions<T> {
    return this.with((copy) => void (copy.latenessMs = latenessMs));
  }

  withLate(late: SideOutput<T>): WindowOptions<T> {
    return this.with((copy) => void (copy.late = late));
  }

  private with(change: (copy: WindowOptions<T>) => void): WindowOptions<T> {
    const copy = new WindowOptions<T>(this.input, this.keyOf, this.windows);
    copy.trigger = this.trigger;
    copy.evictor = this.evictor;
    copy.latenessMs = this.latenessMs;
    copy.late = this.late;
    change(copy);
    return copy;
  }
}

/** What follows the contents of a window: nothing or a projection, or a window function. */
export function emissionOf(method: string, then: unknown): WindowEmission {
  if (then === undefined) return { kind: 'project', project: undefined };
  // The overloads of the method checked what the function takes.
  if (typeof then === 'function') return { kind: 'project', project: then as UserFunction };
  const { process, clear } = Object(then) as { process?: unknown; clear?: unknown };
  if (typeof process !== 'function' || (clear !== undefined && typeof clear !== 'function')) {
    throw optionError(`${method}(...)`, then, 'a function, or an object with process(contents, context)');
  }
  // As above.
  return { kind: 'process', fn: then as Extract<WindowEmission, { kind: 'process' }>['fn'] };
}

/** The node of a window. */
export function windowDraft<T>(
  options: WindowOptions<T>,
  contents: WindowContents,
  emission: WindowEmission,
): NodeDraft {
  const { input, keyOf, windows, trigger, evictor, latenessMs, late } = options;
  const node = { windows, keyOf, trigger, evictor, allowedLatenessMs: latenessMs, late, contents, emission };
  return { kind: 'window', inputs: [input], ...node };
}
