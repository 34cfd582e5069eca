import { Coalescer, nextSourceTime, type EventTime } from '../../src/time/index.ts';
import { timeOf, type Answer, type Output, type Step, type VectorCase } from './case.ts';

/** Kind `mux`: how a source combines its splits, by the engine's own coalescer. */
export function runMux({ config, script }: VectorCase): Answer {
  const coalescer = new Coalescer(0);
  const splits = new Map((config.splits ?? []).map((split) => [split, coalescer.add()]));
  let output: EventTime = { watermark: -Infinity, idle: false };

  const play = (step: Step): Output[] => {
    if (step.register !== undefined) splits.set(step.register, coalescer.add());
    else if (step.unregister !== undefined) coalescer.remove(splits.get(step.unregister) as number);
    else if (step.split !== undefined) {
      const split = splits.get(step.split) as number;
      if (step.status !== undefined) coalescer.noteIdle(split, step.status === 'idle');
      else {
        const watermark = timeOf(step.watermark ?? null);
        // One that can move nothing is no reason to look at the others.
        if (!coalescer.note(split, watermark) || watermark <= output.watermark) return [];
      }
    }
    // Noted only, until the source looks at its splits again.
    if (step.deferred === true || step.register !== undefined || step.unregister !== undefined) return [];
    coalescer.combine();
    const next = nextSourceTime(coalescer, output);
    if (next === undefined) return [];
    const before = output;
    output = { watermark: next.watermark, idle: next.idle };
    return shown(before, output);
  };

  return { steps: script.map(play), counters: {}, leftovers: {} };
}

function shown(before: EventTime, after: EventTime): Output[] {
  const outputs: Output[] = [];
  if (after.watermark > before.watermark) {
    if (before.idle) outputs.push({ status: 'active' });
    outputs.push({ watermark: after.watermark });
    if (after.idle) outputs.push({ status: 'idle' });
  } else if (after.idle) outputs.push({ status: 'idle' });
  return outputs;
}
