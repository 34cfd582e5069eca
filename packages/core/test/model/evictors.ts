/* Independent model, part 4: which records stay (R21). */
import type { Config, VectorRecord } from '../vectors-adapter/case.ts';

interface Kept {
  readonly record: VectorRecord;
  readonly time: number;
}

export function evict(evictor: NonNullable<Config['evictor']>, kept: readonly Kept[]): Kept[] {
  if (kept.length === 0) return [];
  switch (evictor.type) {
    case 'count':
      return kept.filter((_, i) => kept.length - i <= (evictor.n ?? 0));
    case 'time': {
      if (Number.isNaN(kept[0]?.time)) return [...kept];
      const latest = Math.max(...kept.map(({ time }) => time).filter((time) => !Number.isNaN(time)));
      return kept.filter(({ time }) => !(time <= latest - (evictor.ms ?? 0)) && !Number.isNaN(time));
    }
    case 'delta': {
      const last = kept[kept.length - 1] as Kept;
      return kept.filter(({ record }) => last.record.value - record.value < (evictor.threshold ?? 0));
    }
    default:
      throw new Error(`the model knows no evictor ${evictor.type}`);
  }
}
