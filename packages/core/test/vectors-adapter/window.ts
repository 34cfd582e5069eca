import { count, max, min, sum } from '../../src/aggregates/index.ts';
import type { DataStream, KeyedStream, WindowedStream } from '../../src/index.ts';
import { sideOutput, typed, valueState, type TimeWindow } from '../../src/model/index.ts';
import type { HarnessOutput } from '../../src/testing.ts';
import { shownTime, type Config, type Output, type VectorCase, type VectorRecord } from './case.ts';
import type { Kind } from './drive.ts';
import { evictorOf, triggerOf, windowsOf } from './window-config.ts';

type Row = Readonly<Record<string, unknown>>;
type Windowed = WindowedStream<string, VectorRecord>;

const cleared = sideOutput<Row>('cleared');

/** Kind `window`. */
export function windowKind({ config }: VectorCase): Kind {
  return {
    build(input) {
      const late = sideOutput<VectorRecord>('late');
      const output = rowsOf(cutInto(input.keyBy((r) => r.key) as Keyed, config, late), config);
      return { output, sides: { ...lateOf(output, config, late), ...clearedOf(output, config) } };
    },
    show,
  };
}

/** Kind `windowChain`: results of the first stage are the records of the second. */
export function chainKind({ config }: VectorCase): Kind {
  const [a, b] = config.stages as readonly [Config, Config];
  return {
    build(input) {
      const lateA = sideOutput<VectorRecord>('late of stage 0');
      const lateB = sideOutput<VectorRecord>('late');
      const first = rowsOf(cutInto(input.keyBy((r) => r.key) as Keyed, a, lateA), a);
      const records = first.map((row) => row as unknown as VectorRecord);
      const output = rowsOf(cutInto(records.keyBy((r) => r.key) as Keyed, b, lateB), b);
      return { output, sides: { ...lateOf(first, a, lateA), ...lateOf(output, b, lateB) } };
    },
    show,
  };
}

// Every stream of the harness has timestamps; the configs choose windows at run time, which types cannot follow.
type Keyed = KeyedStream<string, VectorRecord, true>;

function cutInto(keyed: Keyed, config: Config, late: ReturnType<typeof sideOutput<VectorRecord>>): Windowed {
  let windowed: Windowed =
    config.countWindow === undefined
      ? keyed.window(windowsOf(config) as Parameters<Keyed['window']>[0])
      : keyed.countWindow(...config.countWindow);
  if (config.trigger !== undefined) windowed = windowed.trigger(triggerOf(config.trigger));
  if (config.evictor !== undefined) windowed = windowed.evictor(evictorOf(config.evictor));
  if (config.allowedLatenessMs !== undefined) {
    const { allowedLatenessMs: ms } = config;
    windowed = windowed.allowedLateness(ms === 'max' ? Number.MAX_SAFE_INTEGER : ms);
  }
  return config.sideOutputLate === true ? windowed.lateTo(late) : windowed;
}

function rowsOf(windowed: Windowed, config: Config): DataStream<Row> {
  switch (config.function) {
    case 'reduce-sum':
      return windowed.reduce(
        (a, b) => ({ ...a, value: a.value + b.value }),
        // An evictor may leave nothing to reduce.
        (r): Row => ({
          key: r.key,
          window: shownWindow(r.window),
          value: (r.value as VectorRecord | undefined)?.value ?? null,
        }),
      );
    case 'list':
      return windowed.process<Row>((records, ctx) =>
        ctx.emit({ key: ctx.key, window: shownWindow(ctx.window), values: records.map((r) => r.value) }),
      );
    case 'aggregate':
      return windowed.aggregate(
        { count: count(), sum: sum((r) => r.value), min: min((r) => r.value), max: max((r) => r.value) },
        ({ key, window, value }): Row => {
          const { count: n, sum: total, min: lowest, max: highest } = value;
          const row = { key, window: shownWindow(window), count: n, sum: total };
          return n > 0 ? { ...row, min: lowest, max: highest } : row;
        },
      );
    case 'info':
      return infoOf(windowed, config);
    default:
      throw new Error(`no function '${config.function}'`);
  }
}

function infoOf(windowed: Windowed, config: Config): DataStream<Row> {
  const keyState = { total: valueState<number>({ initial: () => 0 }) };
  // Windows that merge have no state of their own: there the function fails when it asks for it, as Flink's does.
  const merging = config.assigner === 'session' || config.assigner === 'dynamicSession';
  const windowState = { firing: valueState<number>({ initial: () => 0 }) };
  return windowed.process({
    keyState,
    ...(merging ? {} : { windowState }),
    emits: typed<Row>(),
    process(records, ctx) {
      const firing = (ctx.windowState.firing.get() ?? 0) + 1;
      ctx.windowState.firing.set(firing);
      const keyTotal = (ctx.keyState.total.get() ?? 0) + 1;
      ctx.keyState.total.set(keyTotal);
      const values = records.map((r) => r.value);
      ctx.emit({ key: ctx.key, window: shownWindow(ctx.window), values, firing, keyTotal, watermark: ctx.watermark });
    },
    clear(ctx) {
      if (ctx.windowState.firing.get() === 0) return;
      ctx.windowState.firing.clear();
      ctx.side(cleared, { key: ctx.key, window: shownWindow(ctx.window), watermark: ctx.watermark });
    },
  });
}

function lateOf(
  output: DataStream<Row>,
  config: Config,
  late: ReturnType<typeof sideOutput<VectorRecord>>,
): Readonly<Record<string, DataStream<VectorRecord>>> {
  return config.sideOutputLate === true ? { [late.name]: output.side(late) } : {};
}

function clearedOf(output: DataStream<Row>, config: Config): Readonly<Record<string, DataStream<Row>>> {
  return config.function === 'info' ? { cleared: output.side(cleared) } : {};
}

function shownWindow({ start, end }: TimeWindow): 'global' | readonly [number, number] {
  return end === Infinity ? 'global' : [start, end];
}

function show(output: HarnessOutput): Output {
  if (!('record' in output)) return output;
  const ts = shownTime(output.timestamp);
  if (!('side' in output)) return { record: output.record, ts };
  if (!output.side.startsWith('late')) return { side: output.side, record: output.record, ts };
  const { key, value } = output.record as VectorRecord;
  return { late: { key, value }, ts, ...(output.side === 'late' ? {} : { stage: 0 }) };
}
