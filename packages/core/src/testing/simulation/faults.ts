import type { Random } from '../../model/index.ts';
import type { PlannedFault, Trace } from './fault-plan.ts';
import { protocolStep, PROTOCOL_STEPS, type ProtocolStep } from './protocol-steps.ts';
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
  readonly kinds: Map<FaultKind, number>;
  readonly steps: Map<ProtocolStep, { before: number; after: number }>;
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
  readonly counts: FaultCounts = {
    kinds: new Map(),
    steps: new Map(PROTOCOL_STEPS.map((step) => [step, { before: 0, after: 0 }])),
    crashes: 0,
    crashedAfterCommit: false,
  };
  private readonly planned: PlannedFault[];
  private readonly aimed: PlannedFault | undefined;
  private occurrences = 0;
  private readonly random: Random;
  private readonly effects: FaultEffects;
  private operation = 0;
  private fullUntil = 0;
  private crashAfterOperation: PlannedFault | undefined;
  private crashAtTurn: { readonly fault: PlannedFault; turns: number } | undefined;

  constructor(planned: readonly PlannedFault[], random: Random, effects: FaultEffects) {
    this.planned = planned.filter(({ aim }) => aim === undefined);
    this.aimed = planned.find(({ aim }) => aim !== undefined);
    this.random = random;
    this.effects = effects;
  }

  latencyMs(): number {
    return this.effects.latencyMs();
  }

  before(operation: string, path: string, process: SimulatedProcess): Interference {
    this.operation++;
    const step = protocolStep(operation, path);
    this.trace.push({ step, afterCommit: this.effects.committed() });
    this.crashAfterOperation = undefined;
    let interference: Interference = 'none';
    if (this.isAimedAt(step)) this.planned.push({ ...(this.aimed as PlannedFault), atOperation: this.operation });
    this.planned.sort((a, b) => a.atOperation - b.atOperation);
    while ((this.planned[0]?.atOperation ?? Infinity) <= this.operation) {
      const fault = this.planned.shift() as PlannedFault;
      const result = this.begin(fault, step, process);
      if (process.state === 'dead') return 'none';
      if (result !== 'none') interference = result;
    }
    if (interference === 'none' && this.operation <= this.fullUntil && NEEDS_SPACE.has(operation)) return 'noSpace';
    return interference;
  }

  after(operation: string, path: string, process: SimulatedProcess): void {
    if (operation === 'rename' && protocolStep(operation, path) === 'output published') {
      this.effects.published(path, process);
    }
    const fault = this.crashAfterOperation;
    this.crashAfterOperation = undefined;
    if (fault !== undefined) this.crash(fault, protocolStep(operation, path), process);
  }

  turn(process: SimulatedProcess): void {
    if (this.crashAtTurn === undefined || --this.crashAtTurn.turns > 0) return;
    const { fault } = this.crashAtTurn;
    this.crashAtTurn = undefined;
    this.crash(fault, undefined, process);
  }

  count(kind: FaultKind, times: number = 1): void {
    if (times > 0) this.counts.kinds.set(kind, (this.counts.kinds.get(kind) ?? 0) + times);
  }

  private isAimedAt(step: ProtocolStep | undefined): boolean {
    const aim = this.aimed?.aim;
    if (aim === undefined || aim.step !== step || !this.effects.committed()) return false;
    return ++this.occurrences === aim.occurrence;
  }

  private begin(fault: PlannedFault, step: ProtocolStep | undefined, process: SimulatedProcess): Interference {
    switch (fault.fault) {
      case 'kill':
      case 'power loss':
        if (fault.turns !== undefined) this.crashAtTurn = { fault, turns: fault.turns };
        else if (fault.side === 'before') this.crash(fault, step, process);
        else this.crashAfterOperation = fault;
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

  private crash({ fault, side }: PlannedFault, step: ProtocolStep | undefined, process: SimulatedProcess): void {
    this.counts.crashes++;
    if (this.effects.committed()) this.counts.crashedAfterCommit = true;
    const hit = step === undefined ? undefined : this.counts.steps.get(step);
    if (hit !== undefined) hit[side]++;
    process.die();
    this.count(fault === 'kill' ? 'kill' : 'power loss');
    if (fault === 'power loss') this.effects.losePower(this.random);
  }
}
