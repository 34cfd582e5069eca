import type { Random } from '../../model/index.ts';

/** What may be made to go wrong. */
export const FAULTS = [
  'kill',
  'power loss',
  'disk full',
  'I/O error',
  'clock jump',
  'second process',
  'paused process',
] as const;

/** @see FAULTS */
export type Fault = (typeof FAULTS)[number];

/** Whether a name is one of FAULTS; others are the outside system's. */
export function isFault(name: string): name is Fault {
  return (FAULTS as readonly string[]).includes(name);
}

export function isDiskFault(name: string): boolean {
  return name === 'disk full' || name === 'I/O error';
}

/** One thing that goes wrong, at an operation on the disk. */
export interface PlannedFault {
  /** Of FAULTS, or of the outside system. */
  readonly fault: string;
  /** Counted from the start of the run; Infinity: see `aim`. */
  readonly atOperation: number;
  /** At an operation of this step, counted among those after the first commit. */
  readonly aim: { readonly step: string; readonly occurrence: number } | undefined;
  /** Crashes: whether the operation has had its effect. Errors: whether it has although it is reported. */
  readonly side: 'before' | 'after';
  /** A crash at a turn of the event loop instead, counted from that operation on. */
  readonly turns: number | undefined;
}

/** What a run without faults did: its operations in order. */
export type Trace = readonly { readonly step: string | undefined; readonly afterCommit: boolean }[];

/** Crashes of one run at most: enough to crash during recovery from a crash. */
const CRASHES_MAX = 4;
const MORE_CRASHES = 0.6;
const OTHER_FAULTS = 0.3;

/** A place to crash at. */
export interface Aim {
  readonly step: string;
  readonly side: 'before' | 'after';
}

export interface PlanOptions {
  readonly allowed: readonly string[];
  /** Steps and sides of the first crashes; by default any. */
  readonly aims: readonly Aim[];
}

/** What goes wrong in one run: a function of the random numbers. */
export function planFaults(random: Random, trace: Trace, { allowed, aims }: PlanOptions): PlannedFault[] {
  const below = (n: number): number => Math.floor(random.next() * n);
  const planned: PlannedFault[] = [];
  const crashes = allowed.filter((fault) => fault === 'kill' || fault === 'power loss');
  const crash = (): string => crashes[below(crashes.length)] as string;
  if (crashes.length > 0) {
    let at = Infinity;
    for (const { step, side } of aims) {
      const aim = occurrenceOf(step, trace, below);
      planned.push({ fault: crash(), atOperation: Infinity, aim, side, turns: undefined });
    }
    // A step that only recovery takes comes after a crash.
    const recovers = aims.some(({ step }) => !trace.some((one) => one.afterCommit && one.step === step));
    if (aims.length === 0 || recovers) {
      at = someOperation(trace, below);
      const side = below(2) === 0 ? 'before' : 'after';
      planned.push({ fault: crash(), atOperation: at, aim: undefined, side, turns: undefined });
    }
    at = Math.min(at, someOperation(trace, below));
    for (let more = 1; more < CRASHES_MAX && random.next() < MORE_CRASHES; more++) {
      at += 1 + below(trace.length);
      const turns = below(4) === 0 ? 1 + below(20) : undefined;
      const otherSide = below(2) === 0 ? 'before' : 'after';
      planned.push({ fault: crash(), atOperation: at, aim: undefined, side: otherSide, turns });
    }
  }
  for (const fault of allowed) {
    if (fault === 'kill' || fault === 'power loss' || random.next() >= OTHER_FAULTS) continue;
    const times = fault === 'I/O error' || !isFault(fault) ? 1 + below(3) : 1;
    for (let i = 0; i < times; i++) {
      const atOperation = 1 + below(Math.ceil(1.5 * trace.length));
      const side = below(2) === 0 ? 'before' : 'after';
      planned.push({ fault, atOperation, aim: undefined, side, turns: undefined });
    }
  }
  return planned.sort((a, b) => a.atOperation - b.atOperation);
}

/** Which of the operations of a step after the first commit. */
function occurrenceOf(step: string, trace: Trace, below: (n: number) => number): PlannedFault['aim'] {
  const times = trace.filter((operation) => operation.step === step && operation.afterCommit).length;
  return { step, occurrence: 1 + below(Math.max(1, times)) };
}

/** Any operation of the protocol, after the first commit if there is one there. */
function someOperation(trace: Trace, below: (n: number) => number): number {
  const operations = trace.map((operation, index) => ({ ...operation, index }));
  const late = operations.filter(({ afterCommit, step }) => afterCommit && step !== undefined);
  const chosen = late.length > 0 ? late : operations;
  return (chosen[below(chosen.length)]?.index ?? 0) + 1;
}
