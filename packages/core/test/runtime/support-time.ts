import { setImmediate as turn } from 'node:timers/promises';
import { VirtualTime } from '../../src/testing.ts';

/** Turns of the event loop in which a job on in-memory connectors comes to rest: none of them waits for anything but these. */
const TURNS = 60;
/** A whole number of times within a second, and short enough for every timer of a job to have its own moment. */
const STEP_MS = 50;

/** Time for a job of `flow.run` that moves only when the test says so; the job does its work in between. */
export class JobTime extends VirtualTime {
  override defer(task: () => void): void {
    setImmediate(task);
  }

  async rest(): Promise<void> {
    for (let i = 0; i < TURNS; i++) await turn();
  }

  /** Lets `ms` milliseconds pass in small steps. */
  async pass(ms: number): Promise<void> {
    await this.rest();
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.advance(STEP_MS);
      await this.rest();
    }
  }
}
