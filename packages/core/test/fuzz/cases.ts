import { modelRun } from '../model/index.ts';
import type { VectorCase } from '../vectors-adapter/case.ts';
import type { RecordedCase } from '../vectors-adapter/compare.ts';
import { processConfig, processScript } from './process-cases.ts';
import { Choice } from './random.ts';
import { muxCase, valveCase, watermarksCase } from './time-cases.ts';
import { unordered, windowConfig, windowScript } from './window-cases.ts';

/** Kinds of scripts, and how often each comes. */
const KINDS: readonly (readonly [kind: string, weight: number])[] = [
  ['window', 62],
  ['windowChain', 6],
  ['process', 12],
  ['coProcess', 8],
  ['watermarks', 5],
  ['valve', 4],
  ['mux', 3],
];

/** The script of a seed. */
export function caseOf(seed: number, only?: string): VectorCase {
  const c = new Choice(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 4; i++) c.next();
  const kind = only ?? kindOf(c);
  return { id: `fuzz-${seed}`, kind, ...make(c, kind) };
}

function kindOf(c: Choice): string {
  let at = c.next() * KINDS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of KINDS) if ((at -= weight) < 0) return kind;
  return 'window';
}

function make(c: Choice, kind: string): Pick<VectorCase, 'config' | 'script'> {
  switch (kind) {
    case 'window': {
      const config = windowConfig(c);
      return { config, script: windowScript(c, [config]) };
    }
    case 'windowChain': {
      const stages = [windowConfig(c, true), windowConfig(c, true)];
      return { config: { stages }, script: windowScript(c, stages) };
    }
    case 'process':
      return { config: processConfig(c), script: processScript(c, 1) };
    case 'coProcess':
      return { config: processConfig(c), script: processScript(c, 2) };
    case 'watermarks':
      return watermarksCase(c);
    case 'valve':
      return valveCase(c);
    case 'mux':
      return muxCase(c);
    default:
      throw new Error(`no scripts of kind '${kind}'`);
  }
}

/** The case with the model's answer as what is expected, and as strict about order as the vectors' README is. */
export function recordedOf(vector: VectorCase): RecordedCase {
  const answer = modelRun(vector);
  const strictness = {
    order: [vector.config, ...(vector.config.stages ?? [])].some(unordered) ? ('none' as const) : ('perKey' as const),
    // Triggers that fire early give results of windows that end later.
    tsOrder: vector.kind === 'window' && [undefined, 'eventTime'].includes(vector.config.trigger?.type),
    listOrder: /session/i.test(vector.config.assigner ?? '') ? ('multiset' as const) : ('arrival' as const),
  };
  if ('buildError' in answer) {
    return { ...vector, ...strictness, expect: [], counters: {}, leftovers: {}, buildError: String(answer.buildError) };
  }
  const endsWithError = answer.steps.at(-1)?.some((output) => output['error'] !== undefined) === true;
  const { steps, counters, leftovers } = answer;
  return { ...vector, ...strictness, expect: steps, counters, leftovers, ...(endsWithError ? { endsWithError } : {}) };
}
