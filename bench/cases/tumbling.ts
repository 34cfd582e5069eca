import { boundedOutOfOrderness, count, dataflow, memory, silentLogger, sum, tumbling } from 'millrace';
import { Digest, takingSink } from '../harness/digest.ts';
import { alternate, figuresOf, speedBar, type Contender } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { measurements, type Measurement } from '../harness/records.ts';
import { BOUND_MS, rowNumber, tumblingLoop, WINDOW_MS, type WindowRow } from './tumbling-loop.ts';

async function millrace<K extends string | number>(input: readonly Measurement<K>[]): Promise<string> {
  const digest = new Digest();
  const flow = dataflow('tumbling');
  flow
    .from('measurements', memory(input), { watermarks: boundedOutOfOrderness(BOUND_MS, (m) => m.time) })
    .keyBy((m) => m.key)
    .window(tumbling(WINDOW_MS))
    .aggregate({ count: count(), sum: sum((m: Measurement<K>) => m.value) })
    .to(
      'digest',
      takingSink<WindowRow<K>>((row) => digest.add(rowNumber(row))),
    );
  await (
    await flow.run({ logger: silentLogger })
  ).done;
  return digest.toString();
}

function tumblingCase<K extends string | number>(name: string, about: string, keyOf: (n: number) => K): BenchCase {
  const run = async ({ quick, rounds }: BenchOptions): Promise<CaseResult> => {
    const input = measurements(quick ? 500_000 : 2_000_000, keyOf);
    const contenders: Contender[] = [
      { name: 'millrace', run: () => millrace(input) },
      { name: 'hand-written loop', run: () => tumblingLoop(input) },
    ];
    const measured = await alternate(contenders, rounds);
    const { bar, note } = speedBar(measured, 'millrace', 'hand-written loop', 0.7);
    const figures = figuresOf(measured, input.length);
    return { name, figures, bars: [bar], notes: [note], wrong: measured.wrong };
  };
  return { name, about, run };
}

export const tumblingInt = tumblingCase('tumbling-int', 'count and sum per key and second, 10k int keys', (n) => n);
export const tumblingString = tumblingCase(
  'tumbling-string',
  'count and sum per key and second, 10k string keys',
  (n) => `key-${n}`,
);
