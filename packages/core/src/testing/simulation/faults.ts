import type { Random } from '../../model/index.ts';
import { isDiskFault, isFault, type PlannedFault, type Trace } from './fault-plan.ts';
import type { Operation } from './operation.ts';
import type { Interference, Operations } from './simulated-files.ts';
import type { SimulatedProcess } from './world.ts';

/** What went wrong, by kind. */
export type FaultKind =
  | 'kill'
  | 'power loss'
  | 'lost write'
  | 'torn write'
  | 'lost name'
  | 'disk full'
  | 'I/O error'
  | 'clock jump'
  | 'second process'
  | 'paused process';

/** How often each kind happened, and at which step of the protocol processes died. */
export interface FaultCounts {
  /** By `FaultKind`, or a name of the outside system's. */
  readonly kinds: Map<string, number>;
  readonly steps: Map<string, { before: number; after: number }>;
  crashes: number;
  crashedAfterCommit: boolean;
}

/** What faults do to the rest of the world. */
export interface FaultEffects {
  latencyMs(): number;
  committed(): boolean;
  published(path: string, process: SimulatedProcess): void;
  losePower(random: Random): void;
  startSecond(): void;
  startAfterPause(process: SimulatedProcess, pausedMs: number): void;
  jumpClock(ms: number): void;
}

/** Operations that fail on a full disk: those that need space. */
const NEEDS_SPACE = new Set(['append', 'create', 'makeFolder', 'link']);
const DAY_MS = 86_400_000;
/** Longer than the lease, and shorter. */
const PAUSE_MS_MAX = 25_000;

/** Makes what is planned go wrong, operation by operation, and counts. */
export class Faults implements Operations {
  readonly trace: Trace[number][] = [];
  readonly counts: FaultCounts;
  private readonly planned: PlannedFault[];
  private readonly aimed: { readonly fault: PlannedFault; occurrences: number }[];
  private readonly random: Random;
  private readonly effects: FaultEffects;
  private operation = 0;
  private fullUntil = 0;
  /** Hits when the operation has taken effect; one of a system's may take a while. */
  private crashAfter: { readonly fault: PlannedFault; readonly step: string | undefined } | undefined;
  private systemFaults: string[] = [];
  private crashAtTurn: { readonly fault: PlannedFault; turns: number } | undefined;

  constructor(planned: readonly PlannedFault[], steps: readonly string[], random: Random, effects: FaultEffects) {
    const hits = steps.map((step) => [step, { before: 0, after: 0 }] as const);
    this.counts = { kinds: new Map(), steps: new Map(hits), crashes: 0, crashedAfterCommit: false };
    this.planned = planned.filter(({ aim }) => aim === undefined);
    this.aimed = planned.flatMap((fault) => (fault.aim === undefined ? [] : [{ fault, occurrences: 0 }]));
    this.random = random;
    this.effects = effects;
  }

  latencyMs(): number {
    return this.effects.latencyMs();
  }

  before(operation: Operation, process: SimulatedProcess): Interference {
    this.operation++;
    const { step, place } = operation;
    this.trace.push({ step, afterCommit: this.effects.committed() });
    let interference: Interference = 'none';
    for (const fault of this.aimedAt(step)) this.planned.push({ ...fault, atOperation: this.operation });
    this.planned.sort((a, b) => a.atOperation - b.atOperation);
    while ((this.planned[0]?.atOperation ?? Infinity) <= this.operation) {
      const fault = this.planned.shift() as PlannedFault;
      if (!suits(fault, place)) {
        this.planned.push({ ...fault, atOperation: this.operation + 1 });
        continue;
      }
      const result = this.begin(fault, step, process);
      if (process.state === 'dead') return 'none';
      if (result !== 'none') interference = result;
    }
    const full = interference === 'none' && this.operation <= this.fullUntil;
    if (full && place === 'disk' && NEEDS_SPACE.has(operation.name)) return 'noSpace';
    return interference;
  }

  /** Faults of the outside system that have come due. */
  takeSystemFaults(): readonly string[] {
    const { systemFaults } = this;
    this.systemFaults = [];
    for (const fault of systemFaults) this.count(fault);
    return systemFaults;
  }

  after(operation: Operation, process: SimulatedProcess): void {
    const { step } = operation;
    if (operation.place === 'disk' && operation.name === 'rename' && step === 'output published') {
      this.effects.published(operation.path, process);
    }
    if (this.crashAfter === undefined || this.crashAfter.step !== step) return;
    const { fault } = this.crashAfter;
    this.crashAfter = undefined;
    this.crash(fault, step, process);
  }

  turn(process: SimulatedProcess): void {
    if (this.crashAtTurn === undefined || --this.crashAtTurn.turns > 0) return;
    const { fault } = this.crashAtTurn;
    this.crashAtTurn = undefined;
    this.crash(fault, undefined, process);
  }

  count(kind: string, times: number = 1): void {
    if (times > 0) this.counts.kinds.set(kind, (this.counts.kinds.get(kind) ?? 0) + times);
  }

  private aimedAt(step: string | undefined): readonly PlannedFault[] {
    if (step === undefined || !this.effects.committed()) return [];
    return this.aimed.flatMap((aimed) => {
      const { fault } = aimed;
      if (fault.aim?.step !== step) return [];
      return ++aimed.occurrences === fault.aim.occurrence ? [fault] : [];
    });
  }

  private begin(fault: PlannedFault, step: string | undefined, process: SimulatedProcess): Interference {
    if (!isFault(fault.fault)) {
      this.systemFaults.push(fault.fault);
      return 'none';
    }
    switch (fault.fault) {
      case 'kill':
      case 'power loss':
        if (fault.turns !== undefined) this.crashAtTurn = { fault, turns: fault.turns };
        else if (fault.side === 'before') this.crash(fault, step, process);
        else this.crashAfter = { fault, step };
        return 'none';
      case 'disk full':
        this.count('disk full');
        this.fullUntil = this.operation + 5 + Math.floor(60 * this.random.next());
        return 'none';
      case 'I/O error':
        this.count('I/O error');
        return fault.side === 'before' ? 'errorBefore' : 'errorAfter';
      case 'clock jump':
        this.count('clock jump');
        this.effects.jumpClock(Math.round((2 * this.random.next() - 1) * DAY_MS));
        return 'none';
      case 'second process':
        this.count('second process');
        this.effects.startSecond();
        return 'none';
      case 'paused process':
        if (process.state !== 'running') return 'none';
        this.count('paused process');
        process.pause();
        this.effects.startAfterPause(process, PAUSE_MS_MAX * this.random.next());
        return 'none';
      default:
        throw new Error(`unknown fault ${String(fault.fault)}`);
    }
  }

  private crash({ fault, side }: PlannedFault, step: string | undefined, process: SimulatedProcess): void {
    this.counts.crashes++;
    if (this.effects.committed()) this.counts.crashedAfterCommit = true;
    const hit = step === undefined ? undefined : this.counts.steps.get(step);
    if (hit !== undefined) hit[side]++;
    process.die();
    this.count(fault === 'kill' ? 'kill' : 'power loss');
    if (fault === 'power loss') this.effects.losePower(this.random);
  }
}

/** Disks fail at operations on the disk, systems at theirs. */
function suits({ fault }: PlannedFault, place: Operation['place']): boolean {
  if (isDiskFault(fault)) return place === 'disk';
  return isFault(fault) || place === 'system';
}
