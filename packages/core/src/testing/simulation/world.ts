import { MinHeap } from '../../internal/heap.ts';
import type { Cancellable, Clock, Random, Scheduler } from '../../model/index.ts';
import { systemScheduler } from '../../platform/web/index.ts';

/** Milliseconds that pass between two looks at the monotonic clock: so work takes time, and stops yield. */
const LOOK_MS = 3;
/** Milliseconds between two turns of an event loop that is at work. */
const TURN_MS = 6;
/** Promises that follow from each other settle within so many turns of the microtask queue, or go on after the next event. */
const MICRO_TURNS = 12;

interface WorldEvent {
  readonly process: SimulatedProcess;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * One thread of events for everything that happens, in the order of simulated time. Nothing else moves: a run is a function
 * of its seed.
 */
export class World {
  nowMs = 0;
  private readonly events = new MinHeap<WorldEvent>();

  schedule(process: SimulatedProcess, delayMs: number, run: () => void): Cancellable {
    const event: WorldEvent = { process, run, cancelled: false };
    this.events.push(this.nowMs + Math.max(0, delayMs), event);
    return { cancel: () => void (event.cancelled = true) };
  }

  /** The next event, and everything that follows from it at once. Returns false if there is none. */
  async step(): Promise<boolean> {
    for (;;) {
      const timeMs = this.events.minimum;
      const event = this.events.pop();
      if (event === undefined) {
        await macrotask();
        if (this.events.size === 0) return false;
        continue;
      }
      const { process } = event;
      if (event.cancelled || process.state === 'dead') continue;
      this.nowMs = Math.max(this.nowMs, timeMs);
      if (process.state === 'paused') {
        process.held.push(event.run);
        continue;
      }
      event.run();
      for (let i = 0; i < MICRO_TURNS; i++) await Promise.resolve();
      return true;
    }
  }
}

/** All promises that can settle have done so by then. Slower: the event loop goes round once. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => systemScheduler.defer(resolve));
}

/**
 * One process: its clock and its timers. When it dies, nothing it has begun goes on, and no promise of it settles any more.
 * While it is paused (SIGSTOP), all that waits for it stays.
 */
export class SimulatedProcess implements Clock, Scheduler {
  state: 'running' | 'paused' | 'dead' = 'running';
  /** What its wall clock is ahead of the world's, milliseconds. */
  clockOffsetMs = 0;
  readonly held: (() => void)[] = [];
  readonly number: number;
  private readonly world: World;
  private readonly random: Random;
  private readonly onTurn: () => void;
  private workedMs = 0;

  /** @param onTurn called at each turn of its event loop, before anything happens there */
  constructor(world: World, number: number, random: Random, onTurn: () => void) {
    this.world = world;
    this.number = number;
    this.random = random;
    this.onTurn = onTurn;
  }

  now(): number {
    return 1_700_000_000_000 + Math.floor(this.world.nowMs) + this.clockOffsetMs;
  }

  monotonic(): number {
    this.workedMs += LOOK_MS;
    return this.world.nowMs + this.workedMs;
  }

  defer(task: () => void): void {
    this.world.schedule(this, TURN_MS * (0.2 + this.random.next()), () => this.turn(task));
  }

  after(delayMs: number, task: () => void): Cancellable {
    return this.world.schedule(this, delayMs + this.random.next(), () => this.turn(task));
  }

  /** Something outside of the process, such as the disk: it happens after `delayMs`, unless the process is dead by then. */
  outside(delayMs: number, run: () => void): void {
    this.world.schedule(this, delayMs, run);
  }

  die(): void {
    this.state = 'dead';
  }

  pause(): void {
    this.state = 'paused';
  }

  resume(): void {
    this.state = 'running';
    for (const run of this.held.splice(0)) this.world.schedule(this, 0, run);
  }

  private turn(task: () => void): void {
    this.onTurn();
    if (this.state === 'running') task();
    else if (this.state === 'paused') this.held.push(task);
  }
}
