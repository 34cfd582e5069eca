import { sideOutput, typed, valueState, type ProcessContext, type StatesOf } from '../../src/model/index.ts';
import type { HarnessOutput } from '../../src/testing.ts';
import { shownTime, timeOf, type Config, type Op, type Output, type VectorCase, type VectorRecord } from './case.ts';
import type { Kind } from './drive.ts';

type Row = Readonly<Record<string, unknown>>;

const side = sideOutput<Row>('side');
const state = { n: valueState<number>({ initial: () => 0 }) };
type Context = ProcessContext<string, typeof state, Row>;

/** Kind `process`. */
export function processKind({ config }: VectorCase): Kind {
  return {
    build(input) {
      const output = input
        .keyBy((r) => r.key)
        .process({
          state,
          emits: typed<Row>(),
          onRecord: (record, ctx) => onRecord(record, ctx, undefined),
          ...timersOf(config),
        });
      return { output, sides: { side: output.side(side) } };
    },
    show,
  };
}

/** Kind `coProcess`. */
export function coProcessKind({ config }: VectorCase): Kind {
  return {
    build(first, second) {
      const output = first
        .keyBy((r) => r.key)
        .connect(second.keyBy((r) => r.key))
        .process({
          state,
          emits: typed<Row>(),
          onRecord1: (record, ctx) => onRecord(record, ctx, 1),
          onRecord2: (record, ctx) => onRecord(record, ctx, 2),
          ...timersOf(config),
        });
      return { output, sides: { side: output.side(side) } };
    },
    show,
  };
}

function onRecord(record: VectorRecord, ctx: Context, input: 1 | 2 | undefined): void {
  ctx.state.n.update((n) => (n ?? 0) + 1);
  perform(record.ops ?? [], ctx, input === undefined ? {} : { input });
}

function timersOf(config: Config) {
  return {
    onEventTimer(timeMs: number, ctx: Context): void {
      ctx.emit({ what: 'eventTimer', ...facts(ctx), time: timeMs });
      perform(config.onEventTimer?.[timeMs === Infinity ? 'max' : String(timeMs)] ?? [], ctx, {});
    },
    onProcessingTimer(timeMs: number, ctx: Context): void {
      ctx.emit({ what: 'processingTimer', ...facts(ctx), time: timeMs });
      perform(config.onProcessingTimer?.[String(timeMs)] ?? [], ctx, {});
    },
  };
}

function perform(ops: readonly Op[], ctx: Context, more: Row): void {
  for (const [what, time = null] of ops) {
    const timeMs = timeOf(time);
    if (what === 'regE') ctx.registerEventTimer(timeMs);
    else if (what === 'delE') ctx.deleteEventTimer(timeMs);
    else if (what === 'regP') ctx.registerProcessingTimer(timeMs);
    else if (what === 'delP') ctx.deleteProcessingTimer(timeMs);
    else if (what === 'emit') ctx.emit({ what, ...facts(ctx), ...more });
    else if (what === 'side') ctx.side(side, { what, ...facts(ctx), ...more });
    else if (what === 'clear') ctx.state.n.clear();
    else throw new Error(`no operation '${what}'`);
  }
}

function facts(ctx: { readonly key: string; readonly watermark: number; readonly state: StatesOf<typeof state> }): Row {
  return { key: ctx.key, n: ctx.state.n.get() ?? 0, watermark: ctx.watermark };
}

function show(output: HarnessOutput): Output {
  return 'record' in output ? { ...named(output), ts: shownTime(output.timestamp) } : output;
}

function named(output: Extract<HarnessOutput, { record: unknown }>): Output {
  return 'side' in output ? { side: output.side, record: output.record } : { record: output.record };
}
