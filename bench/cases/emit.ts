import {
  boundedOutOfOrderness,
  count,
  dataflow,
  memory,
  silentLogger,
  sum,
  tumbling,
  type Source,
  type WatermarkOptions,
} from 'millrace';
import { Digest, takingSink } from '../harness/digest.ts';
import { alternate, atMost, figuresOf, cpuRatio } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { measurements, type Measurement } from '../harness/records.ts';
import { BOUND_MS, rowNumber, WINDOW_MS, type WindowRow } from './tumbling-loop.ts';

/** An endless source that says when it has handed over what it has. */
function live<T>(items: readonly T[], onExhausted: () => void): Source<T> {
  const source = memory(items, { bounded: false });
  return {
    ...source,
    async open(context) {
      const reader = await source.open(context);
      const { partitions } = reader;
      const poll = (partition: number, maxRecords: number) => {
        const result = reader.poll(partition, maxRecords);
        if (result === 'pending') onExhausted();
        return result;
      };
      return { partitions, poll, caughtUp: (p) => reader.caughtUp?.(p) ?? true, close: () => reader.close() };
    },
  };
}

async function millrace(input: readonly Measurement<number>[], emit: WatermarkOptions): Promise<string> {
  const digest = new Digest();
  let exhaust = (): void => {};
  const exhausted = new Promise<void>((resolve) => (exhaust = resolve));
  const flow = dataflow('emit');
  flow
    .from(
      'measurements',
      live(input, () => exhaust()),
      {
        watermarks: boundedOutOfOrderness(BOUND_MS, (m) => m.time, emit),
      },
    )
    .keyBy((m) => m.key)
    .window(tumbling(WINDOW_MS))
    .aggregate({ count: count(), sum: sum((m: Measurement<number>) => m.value) })
    .to(
      'digest',
      takingSink<WindowRow<number>>((row) => digest.add(rowNumber(row))),
    );
  const handle = await flow.run({ logger: silentLogger });
  await exhausted;
  await handle.stop({ drain: true });
  return digest.toString();
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const input = measurements(quick ? 500_000 : 2_000_000, (n) => n);
  const measured = await alternate(
    [
      { name: 'per record', run: () => millrace(input, { emit: 'record' }) },
      { name: 'every 200ms', run: () => millrace(input, { emit: { every: '200ms' } }) },
      { name: 'every 20ms', run: () => millrace(input, { emit: { every: '20ms' } }) },
    ],
    rounds,
  );
  const over = (periodic: string): number => (cpuRatio(measured, 'per record', periodic) - 1) * 100;
  return {
    name: 'emit',
    figures: figuresOf(measured, input.length),
    bars: [atMost('% CPU time over { every: 200ms }', over('every 200ms'), 10)],
    notes: [`% CPU time over { every: 20ms }, which also keeps few windows open: ${over('every 20ms').toFixed(1)}`],
    wrong: measured.wrong,
  };
}

export const emit: BenchCase = {
  name: 'emit',
  about: 'watermark per record against one by the clock, live source',
  run,
};
