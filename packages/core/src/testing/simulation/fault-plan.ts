import type { Random } from '../../model/index.ts';
import type { ProtocolStep } from './protocol-steps.ts';

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

/** One thing that goes wrong, at an operation on the disk counted from the start of the run. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly atOperation: number;
  /** Crashes: whether the operation has had its effect. Errors: whether it has although it is reported. */
  readonly side: 'before' | 'after';
  /** A crash at a turn of the event loop instead, counted from that operation on. */
  readonly turns: number | undefined;
}

/** What a run without faults did: its operations in order. */
export type Trace = readonly { readonly step: ProtocolStep | undefined; readonly afterCommit: boolean }[];

/** Crashes of one run at most: enough to crash during recovery from a crash. */
const CRASHES_MAX = 4;
const MORE_CRASHES = 0.6;
const OTHER_FAULTS = 0.3;

export interface PlanOptions {
  readonly allowed: readonly Fault[];
  /** Step and side of the first crash; by default any. */
  readonly aim: { readonly step: ProtocolStep; readonly side: 'before' | 'after' } | undefined;
}

/** What goes wrong in one run: a function of the random numbers. */
export function planFaults(random: Random, trace: Trace, { allowed, aim }: PlanOptions): PlannedFault[] {
  const below = (n: number): number => Math.floor(random.next() * n);
  const planned: PlannedFault[] = [];
  const crashes = allowed.filter((fault) => fault === 'kill' || fault === 'power loss');
  const crash = (): Fault => crashes[below(crashes.length)] as Fault;
  if (crashes.length > 0) {
    const side = aim?.side ?? (below(2) === 0 ? 'before' : 'after');
    let at = aimed(trace, aim?.step, below);
    planned.push({ fault: crash(), atOperation: at, side, turns: undefined });
    for (let more = 1; more < CRASHES_MAX && random.next() < MORE_CRASHES; more++) {
      at += 1 + below(trace.length);
      const turns = below(4) === 0 ? 1 + below(20) : undefined;
      planned.push({ fault: crash(), atOperation: at, side: below(2) === 0 ? 'before' : 'after', turns });
    }
  }
  for (const fault of allowed) {
    if (fault === 'kill' || fault === 'power loss' || random.next() >= OTHER_FAULTS) continue;
    const times = fault === 'I/O error' ? 1 + below(3) : 1;
    for (let i = 0; i < times; i++) {
      const atOperation = 1 + below(Math.ceil(1.5 * trace.length));
      planned.push({ fault, atOperation, side: below(2) === 0 ? 'before' : 'after', turns: undefined });
    }
  }
  return planned.sort((a, b) => a.atOperation - b.atOperation);
}

/** An operation of the step, after the first commit if there is one there. */
function aimed(trace: Trace, step: ProtocolStep | undefined, below: (n: number) => number): number {
  const operations = trace.map((operation, index) => ({ ...operation, index }));
  const late = operations.filter(({ afterCommit }) => afterCommit);
  const choices = [
    late.filter((operation) => operation.step === step),
    operations.filter((operation) => operation.step === step && step !== undefined),
    late.filter((operation) => operation.step !== undefined),
    operations,
  ];
  const chosen = choices.find(({ length }) => length > 0) ?? [];
  return (chosen[below(chosen.length)]?.index ?? 0) + 1;
}
