import type { VectorCase } from '../vectors-adapter/case.ts';
import { compareCase, type Difference } from '../vectors-adapter/compare.ts';
import * as adapter from '../vectors-adapter/index.ts';
import type { Path } from '../vectors-adapter/index.ts';
import { recordedOf } from './cases.ts';

/** Where engine and model differ on a script; `undefined`: nowhere. */
export async function differenceOf(vector: VectorCase, path: Path | 'both'): Promise<Difference | undefined> {
  const recorded = recordedOf(vector);
  for (const one of adapter.pathsOf(vector)) {
    if (path !== 'both' && path !== one) continue;
    let difference: Difference | null;
    try {
      difference = compareCase(recorded, await adapter.run(vector, { path: one }));
    } catch (error) {
      difference = { step: '?', why: error instanceof Error ? String(error.stack) : String(error) };
    }
    if (difference !== null) return { ...difference, why: `${difference.why} (${one})` };
  }
  return undefined;
}

/** A script as short as possible on which they still differ. */
export async function shrink(vector: VectorCase, path: Path | 'both'): Promise<VectorCase> {
  let best = vector;
  for (let length = Math.ceil(best.script.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at + length <= best.script.length;) {
      const script = [...best.script.slice(0, at), ...best.script.slice(at + length)];
      const candidate = { ...best, script };
      if (await stillDiffers(candidate, path)) best = candidate;
      else at += length;
    }
  }
  return best;
}

/** What the model cannot play is no script. */
async function stillDiffers(candidate: VectorCase, path: Path | 'both'): Promise<boolean> {
  try {
    return (await differenceOf(candidate, path)) !== undefined;
  } catch {
    return false;
  }
}
