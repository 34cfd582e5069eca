import {
  ascendingTimestamps,
  boundedOutOfOrderness,
  keepTimestamp,
  noWatermarks,
  type WatermarkOptions,
} from '../../src/time/index.ts';
import type { WatermarkStrategy } from '../../src/model/index.ts';
import { shownTime, type Config, type Output, type VectorCase, type VectorRecord } from './case.ts';
import type { Kind } from './drive.ts';

/** Kind `watermarks`: timestamps and watermarks given anew in the middle of a graph. */
export function watermarksKind({ config }: VectorCase): Kind {
  return {
    build: (input) => {
      const output = input.assignTimestamps(strategyOf(config)).map(({ key, value }): Output => ({ key, value }));
      return { output, sides: {} };
    },
    show: (output) => ('record' in output ? { record: output.record, ts: shownTime(output.timestamp) } : output),
  };
}

function strategyOf(config: Config): WatermarkStrategy<VectorRecord> {
  const { intervalMs = 0, idleTimeoutMs } = config;
  const timestamp = config.timestamps === 'keep' ? keepTimestamp : (r: VectorRecord) => r.value;
  const options: WatermarkOptions = {
    emit: { every: intervalMs === 0 ? 'never' : intervalMs },
    idleAfter: idleTimeoutMs ?? 'never',
  };
  if (config.onlyFinal === true) return noWatermarks(timestamp, { idleAfter: 'never' });
  switch (config.generator) {
    case 'bounded':
      return boundedOutOfOrderness(config.boundMs ?? NaN, timestamp, options);
    case 'ascending':
      return ascendingTimestamps(timestamp, options);
    case 'none':
      return noWatermarks(timestamp, options);
    default:
      throw new Error(`no generator '${config.generator}'`);
  }
}
