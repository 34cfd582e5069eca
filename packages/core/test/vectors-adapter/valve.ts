import { Valve } from '../../src/time/index.ts';
import { timeOf, type Answer, type VectorCase } from './case.ts';

/** Kind `valve`: the engine's own class. */
export function runValve({ config, script }: VectorCase): Answer {
  const valve = new Valve(config.inputs ?? 1);
  const steps = script.map(({ input = 0, watermark, status }) =>
    status === undefined ? valve.watermark(input, timeOf(watermark ?? null)) : valve.status(input, status),
  );
  return { steps, counters: {}, leftovers: {} };
}
