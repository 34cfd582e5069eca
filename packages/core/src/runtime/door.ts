/** Something to do between two batches: a control call, a timer of processing time, a completion. */
export type DoorAction = () => void;

/**
 * The one door through which anything asynchronous enters the step loop: actions queue up here and run between batches,
 * where nothing is in flight. `wake` without an action only says that something may have become possible.
 */
export class Door {
  private actions: DoorAction[] = [];
  private woken = false;
  private waiter: (() => void) | undefined;

  readonly wake = (): void => {
    this.woken = true;
    this.waiter?.();
  };

  /** The step loop ends at once: the task is thrown away. */
  halted = false;

  halt(): void {
    this.halted = true;
    this.wake();
  }

  get hasActions(): boolean {
    return this.actions.length > 0;
  }

  enqueue(action: DoorAction): void {
    this.actions.push(action);
    this.wake();
  }

  /** Runs everything that waits, in the order in which it came; also what these actions enqueue. */
  runActions(): void {
    while (this.actions.length > 0) {
      const actions = this.actions;
      this.actions = [];
      for (const action of actions) action();
    }
  }

  /** To be called before the step loop looks for work: a wake after it is not lost. */
  rearm(): void {
    this.woken = false;
  }

  /** Calls back once, as soon as there was a wake since `rearm`. */
  wait(callback: () => void): void {
    if (this.woken) {
      callback();
      return;
    }
    this.waiter = () => {
      this.waiter = undefined;
      callback();
    };
  }
}
