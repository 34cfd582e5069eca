/*
 * Runs golden cases on the engine: windows, process functions and timestamp assigners through the public API, the planner
 * and millrace/testing; valve, mux and assign on the engine's own classes. No window, timer or watermark logic in here.
 */
import { plan } from '../../src/plan/index.ts';
import { dataflow } from '../../src/job.ts';
import { memory, memorySink } from '../../src/connectors/index.ts';
import { boundedOutOfOrderness } from '../../src/time/index.ts';
import { runAssign } from './assign.ts';
import type { Answer, VectorCase, VectorRecord } from './case.ts';
import { drive, type Kind } from './drive.ts';
import { runMux } from './mux.ts';
import { coProcessKind, processKind } from './process.ts';
import { runValve } from './valve.ts';
import { watermarksKind } from './watermarks.ts';
import { chainKind, windowKind } from './window.ts';

/** Ways in which windows keep their state. */
export type Path = 'slices' | 'general';

/** How the comparer has to look at our answers (README.md of the vectors). */
export const restore = 'persisted';
export const valveFlush = 'always';
export const leftovers = 'zero';

const KINDS = new Set(['window', 'windowChain', 'process', 'coProcess', 'watermarks', 'valve', 'mux', 'assign']);

/** Whether there is an adapter for this kind of case. */
export function supports(vector: VectorCase): boolean {
  return KINDS.has(vector.kind);
}

/** The paths that a case can run on; window cases that the planner would give slices run on both. */
export function pathsOf(vector: VectorCase): readonly Path[] {
  if (vector.kind !== 'window' && vector.kind !== 'windowChain') return ['general'];
  return plansSlices(kindOf(vector)) ? ['slices', 'general'] : ['general'];
}

/** The answer of the engine to one case. */
export async function run(vector: VectorCase, options: { readonly path?: Path } = {}): Promise<Answer> {
  switch (vector.kind) {
    case 'assign':
      return runAssign(vector);
    case 'valve':
      return runValve(vector);
    case 'mux':
      return runMux(vector);
    default:
      return drive(vector, kindOf(vector), {
        windows: options.path === 'general' ? 'general' : 'auto',
        // As in the harness of the recording: in a job they fire at once.
        overdueTimers: 'whenTimeMoves',
      });
  }
}

function kindOf(vector: VectorCase): Kind {
  switch (vector.kind) {
    case 'window':
      return windowKind(vector);
    case 'windowChain':
      return chainKind(vector);
    case 'process':
      return processKind(vector);
    case 'coProcess':
      return coProcessKind(vector);
    case 'watermarks':
      return watermarksKind(vector);
    default:
      throw new Error(`no adapter for kind '${vector.kind}'`);
  }
}

function plansSlices(kind: Kind): boolean {
  try {
    const flow = dataflow('paths');
    const watermarks = boundedOutOfOrderness<VectorRecord>(0, () => 0);
    const input = flow.from('input', memory<VectorRecord>([]), { watermarks });
    const { output, sides } = kind.build(input, input);
    output.to('output', memorySink());
    for (const [name, stream] of Object.entries(sides)) stream.to(`side ${name}`, memorySink());
    return plan(flow.graph()).operators.some((operator) => operator.windowPath === 'slices');
  } catch {
    // A case that must be rejected when built; it is run once, to see that it is.
    return false;
  }
}
