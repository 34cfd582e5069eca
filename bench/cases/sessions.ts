import { boundedOutOfOrderness, count, dataflow, memory, session, silentLogger, sum } from 'millrace';
import { Digest, takingSink } from '../harness/digest.ts';
import { alternate, figuresOf, speedBar } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { measurements, type Measurement } from '../harness/records.ts';
import { BOUND_MS, GAP_MS, sessionLoop, sessionNumber, type SessionRow } from './session-loop.ts';

/** Rounds of alternating pairs: the bar is a median of these. */
const ROUNDS = 7;

async function millrace(input: readonly Measurement<number>[]): Promise<string> {
  const digest = new Digest();
  const flow = dataflow('sessions');
  flow
    .from('measurements', memory(input), { watermarks: boundedOutOfOrderness(BOUND_MS, (m) => m.time) })
    .keyBy((m) => m.key)
    .window(session(GAP_MS))
    .aggregate({ count: count(), sum: sum((m: Measurement<number>) => m.value) })
    .to(
      'digest',
      takingSink<SessionRow>((row) => digest.add(sessionNumber(row))),
    );
  await (
    await flow.run({ logger: silentLogger, development: false })
  ).done;
  return digest.toString();
}

/** A record of a key every 200 ms or so, so that a gap of 300 ms cuts sessions of a few records. */
async function run({ quick }: BenchOptions): Promise<CaseResult> {
  const input = measurements(quick ? 500_000 : 1_500_000, (n) => n);
  const contenders = [
    { name: 'millrace', run: () => millrace(input) },
    { name: 'hand-written loop', run: () => sessionLoop(input) },
  ];
  const measured = await alternate(contenders, ROUNDS);
  const { bar, note } = speedBar(measured, 'millrace', 'hand-written loop', 0.5);
  return {
    name: 'sessions',
    figures: figuresOf(measured, input.length),
    bars: [bar],
    notes: [note],
    wrong: measured.wrong,
  };
}

export const sessions: BenchCase = { name: 'sessions', about: 'count and sum per key and session, 10k keys', run };
