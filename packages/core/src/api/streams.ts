import { optionError } from '../errors/index.ts';
import type { GraphBuilder, NodeDraft, NodeId, NodeInput, UserFunction } from '../graph/index.ts';
import { nonNegativeDurationMs, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type {
  AggregateResults,
  AggregateSpec,
  CoProcessFunction,
  EventTimeWindows,
  Evictor,
  ProcessFunction,
  SideOutput,
  Sink,
  StateSpec,
  Trigger,
  UntimedWindows,
  WatermarkStrategy,
  WindowContext,
  WindowProcessFunction,
  WindowResult,
} from '../model/index.ts';
import { countEvictor, countTrigger, purgingTrigger } from '../triggers/index.ts';
import { globalWindow } from '../windows/index.ts';
import { checkCount, checkFunction, checkProcess, checkSink, checkSpec, checkStrategy, checkTag } from './checks.ts';
import type { NoState, StreamKey } from './stream-types.ts';
import { emissionOf, windowDraft, WindowOptions } from './window-options.ts';

// The kinds of stream lead to each other, so they stand in one file: split, they would import in a circle.

declare const timed: unique symbol;

/**
 * A stream of records. Every method appends a node to the graph and returns the stream behind it; nothing runs before
 * `flow.run()`. A stream may be used several times: each use sees every record.
 *
 * Records are shared between branches: treat them as immutable.
 *
 * @typeParam T the records
 * @typeParam Timed whether they have timestamps; event-time windows need them
 */
export class DataStream<T, Timed extends boolean = boolean> {
  /** Only for the type checker. */
  declare readonly [timed]: Timed;
  private readonly builder: GraphBuilder;
  private readonly input: NodeInput;

  /** @internal Streams come from `flow.from` and from other streams. */
  constructor(builder: GraphBuilder, input: NodeInput) {
    this.builder = builder;
    this.input = input;
  }

  /**
   * One record out for each record in, with the same timestamp.
   *
   * @example orders.map((o) => ({ ...o, euros: o.amount / 100 }))
   */
  map<R>(fn: (value: T) => R): DataStream<R, Timed> {
    return this.append('map', fn);
  }

  /**
   * Only the records for which `fn` is true. A type guard narrows the type.
   *
   * @example orders.filter((o) => o.amount > 0)
   */
  filter<S extends T>(fn: (value: T) => value is S): DataStream<S, Timed>;
  filter(fn: (value: T) => boolean): DataStream<T, Timed>;
  filter(fn: (value: T) => boolean): DataStream<T, Timed> {
    return this.append('filter', fn);
  }

  /**
   * Any number of records out for each record in, all with its timestamp. A long or endless iterator is taken in steps,
   * so it blocks nothing.
   *
   * @example orders.flatMap((o) => o.items)
   */
  flatMap<R>(fn: (value: T) => Iterable<R>): DataStream<R, Timed> {
    return this.append('flatMap', fn);
  }

  /**
   * The records of all streams, in the order in which they come. Its watermark is the lowest of theirs.
   *
   * @example europe.union(asia, america)
   */
  union(...others: readonly DataStream<T, Timed>[]): DataStream<T, Timed> {
    for (const other of others) {
      if (!(other instanceof DataStream) || other.builder !== this.builder) {
        throw optionError('union(...)', other, 'a stream of the same dataflow');
      }
    }
    return this.at(this.builder.add({ kind: 'union', inputs: [this.input, ...others.map((other) => other.input)] }));
  }

  /**
   * Two streams: records for which `fn` is true, and the others. `fn` is called once per record. A type guard narrows both.
   *
   * @example const [large, small] = orders.split((o) => o.amount >= 100_00);
   */
  split<S extends T>(
    fn: (value: T) => value is S,
  ): [matched: DataStream<S, Timed>, rest: DataStream<Exclude<T, S>, Timed>];
  split(fn: (value: T) => boolean): [matched: DataStream<T, Timed>, rest: DataStream<T, Timed>];
  split(fn: (value: T) => boolean): unknown {
    checkFunction('split', fn);
    const node = this.builder.add({ kind: 'split', inputs: [this.input], fn });
    return [this.at(node, 0), this.at(node, 1)];
  }

  /**
   * Gives records their timestamps, and the stream its watermarks, anew. Watermarks from before are swallowed, but for
   * the end of the stream (R28).
   *
   * @example lines.map(parse).assignTimestamps(boundedOutOfOrderness('5s', (r) => r.time))
   */
  assignTimestamps(strategy: WatermarkStrategy<NoInfer<T>>): DataStream<T, true> {
    checkStrategy('assignTimestamps(strategy)', strategy);
    const node = this.builder.add({ kind: 'assignTimestamps', inputs: [this.input], strategy });
    return new DataStream<T, true>(this.builder, { node, port: undefined });
  }

  /**
   * Groups records by key: everything with one key is seen in order by one place. Keys are compared by value.
   *
   * @param fn the key: text, number, bigint, boolean, or a tuple or plain object of these. NaN is one key; -0 and 0 are
   *   the same one; the order of an object's fields makes no difference
   * @example orders.keyBy((o) => o.category).window(tumbling('5m'))
   * @example orders.keyBy((o) => [o.country, o.category])
   */
  keyBy<const K extends StreamKey>(fn: (value: T) => K): KeyedStream<K, T, Timed> {
    checkFunction('keyBy', fn);
    const node = this.builder.add({ kind: 'keyBy', inputs: [this.input], fn });
    return new KeyedStream<K, T, Timed>(this.builder, { node, port: undefined }, fn);
  }

  /**
   * Windows over all records together. The key of the results is `null`.
   *
   * @example orders.windowAll(tumbling('1m')).aggregate({ orders: count() })
   */
  windowAll(this: DataStream<T, true>, windows: EventTimeWindows<T>): WindowedStream<null, T, true>;
  windowAll(windows: UntimedWindows<T>): WindowedStream<null, T, Timed>;
  windowAll(windows: EventTimeWindows<T> | UntimedWindows<T>): WindowedStream<null, T> {
    return new WindowedStream(this.builder, new WindowOptions<T>(this.input, undefined, windows));
  }

  /**
   * What an operator writes to a side output, such as the late records of a window.
   *
   * @throws {MillraceError} `GRAPH_UNCONNECTED` when planned, if the operator does not write to `tag`
   * @example result.side(lateOrders).to('late', ndjson.sink('out/late'))
   */
  side<S>(tag: SideOutput<S>): DataStream<S, Timed> {
    checkTag('side(tag)', tag);
    return this.at(this.input.node, tag.name);
  }

  /**
   * Names the operator that this stream comes from. Names identify state across versions of a program and appear in
   * metrics and errors.
   *
   * @example orders.filter((o) => o.amount > 0).named('paid')
   */
  named(name: string): DataStream<T, Timed> {
    this.builder.rename(this.input.node, name);
    return this;
  }

  /**
   * Ends this stream in a sink.
   *
   * @param name unique in the dataflow
   * @example rows.to('revenue', ndjson.sink('out/revenue'))
   */
  to(name: string, sink: Sink<T>): void {
    checkSink(name, sink);
    this.builder.add({ kind: 'sink', name, inputs: [this.input], sink });
  }

  private append<R>(kind: 'map' | 'filter' | 'flatMap', fn: (value: T) => unknown): DataStream<R, Timed> {
    checkFunction(kind, fn);
    return this.at(this.builder.add({ kind, inputs: [this.input], fn }));
  }

  private at<R>(node: NodeId, port?: string | number): DataStream<R, Timed> {
    return new DataStream<R, Timed>(this.builder, { node, port });
  }
}

/**
 * A stream grouped by key. Made by `DataStream.keyBy`.
 *
 * @typeParam K the key
 * @typeParam T the records
 * @typeParam Timed whether they have timestamps
 */
export class KeyedStream<K extends StreamKey, T, Timed extends boolean = boolean> {
  /** Only for the type checker. */
  declare readonly [timed]: Timed;
  private readonly builder: GraphBuilder;
  private readonly input: NodeInput;
  private readonly keyOf: UserFunction;

  /** @internal */
  constructor(builder: GraphBuilder, input: NodeInput, keyOf: (value: T) => K) {
    this.builder = builder;
    this.input = input;
    this.keyOf = keyOf;
  }

  /**
   * Cuts each key's records into windows. Event-time windows need a stream with timestamps; windows of processing time,
   * of counts and global ones do not.
   *
   * @example orders.keyBy((o) => o.category).window(tumbling('5m')).aggregate({ orders: count() })
   */
  window(this: KeyedStream<K, T, true>, windows: EventTimeWindows<T>): WindowedStream<K, T, true>;
  window(windows: UntimedWindows<T>): WindowedStream<K, T, Timed>;
  window(windows: EventTimeWindows<T> | UntimedWindows<T>): WindowedStream<K, T> {
    return new WindowedStream(this.builder, new WindowOptions<T>(this.input, this.keyOf, windows));
  }

  /**
   * Windows of `size` records per key. With `slide`: every `slide` records the last `size` of them, so that the first
   * firings hold fewer (R19). Results have no usable timestamp: it is +Infinity (R24).
   *
   * @throws {MillraceError} `OPTION_INVALID` unless both are whole numbers above 0
   * @example readings.keyBy((r) => r.sensor).countWindow(100).aggregate({ mean: avg((r) => r.value) })
   */
  countWindow(size: number, slide?: number): WindowedStream<K, T, Timed> {
    checkCount('size of countWindow()', size);
    if (slide !== undefined) checkCount('slide of countWindow()', slide);
    const windows = new WindowedStream<K, T, Timed>(
      this.builder,
      new WindowOptions<T>(this.input, this.keyOf, globalWindow()),
    );
    if (slide === undefined) return windows.trigger(purgingTrigger(countTrigger(size)));
    return windows.evictor(countEvictor(size)).trigger(countTrigger(slide));
  }

  /**
   * A function with keyed state and timers, called for each record and timer.
   *
   * @example
   * sensors.keyBy((r) => r.sensor).process({
   *   state: { last: valueState<number>() },
   *   emits: typed<{ sensor: string; jump: number }>(),
   *   onRecord(reading, ctx) {
   *     const last = ctx.state.last.get();
   *     if (last !== undefined && reading.value > 2 * last) ctx.emit({ sensor: ctx.key, jump: reading.value });
   *     ctx.state.last.set(reading.value);
   *   },
   * });
   */
  process<Out = never, S extends StateSpec = NoState>(fn: ProcessFunction<K, T, S, Out>): DataStream<Out, Timed> {
    checkProcess('process(...)', fn, ['onRecord']);
    return this.append({ kind: 'process', inputs: [this.input], keyOf: this.keyOf, fn });
  }

  /**
   * The reduced value of all records of a key so far, emitted with every record and its timestamp.
   *
   * @param fn the value so far and the next record; must not change either
   * @example orders.keyBy((o) => o.customer).reduce((a, b) => (a.amount >= b.amount ? a : b))
   */
  reduce(fn: (a: T, b: T) => T): DataStream<T, Timed> {
    checkFunction('reduce', fn);
    const compute = { kind: 'reduce', fn } as const;
    return this.append({ kind: 'running', inputs: [this.input], keyOf: this.keyOf, compute, project: undefined });
  }

  /**
   * Named aggregates of all records of a key so far, emitted with every record and its timestamp.
   *
   * @param project makes the row that goes on from `{ key, value }`; default: that itself
   * @example orders.keyBy((o) => o.category).aggregate({ revenue: decimalSum((o) => o.amount) })
   */
  aggregate<S extends AggregateSpec<T>>(
    spec: S,
  ): DataStream<{ readonly key: K; readonly value: AggregateResults<S> }, Timed>;
  aggregate<S extends AggregateSpec<T>, R>(
    spec: S,
    project: (result: { readonly key: K; readonly value: AggregateResults<S> }) => R,
  ): DataStream<R, Timed>;
  aggregate(spec: AggregateSpec<never>, project?: UserFunction): unknown {
    checkSpec(spec);
    if (project !== undefined) checkFunction('project', project);
    const compute = { kind: 'aggregate', spec } as const;
    return this.append({ kind: 'running', inputs: [this.input], keyOf: this.keyOf, compute, project });
  }

  /**
   * Lets the first record of each id through and drops its repetitions.
   *
   * @param options `by`: the id, comparable as keys are; `within`: how long after the first one (in event time, or by
   *   the clock on streams without timestamps) a repetition is dropped and the id remembered. Default: for ever, and
   *   then state grows with the ids
   * @example payments.keyBy((p) => p.account).dedupe({ by: (p) => p.payment_id, within: '1h' })
   */
  dedupe(options: { readonly by: (value: T) => StreamKey; readonly within?: Duration }): DataStream<T, Timed> {
    checkFunction('by of dedupe({ by })', options?.by);
    const { by, within } = options;
    const withinMs = within === undefined ? undefined : positiveDurationMs(within, 'within of dedupe()');
    return this.append({ kind: 'dedupe', inputs: [this.input], keyOf: this.keyOf, by, withinMs });
  }

  /**
   * This stream and another one with the same kind of key, to be processed with shared state.
   *
   * @example const connected = orders.keyBy((o) => o.category).connect(limits.keyBy((l) => l.category));
   */
  connect<T2, Timed2 extends boolean>(other: KeyedStream<K, T2, Timed2>): ConnectedStreams<K, T, T2, Timed & Timed2> {
    if (!(other instanceof KeyedStream) || other.builder !== this.builder) {
      throw optionError('connect(...)', other, 'a keyed stream of the same dataflow');
    }
    const { builder, input, keyOf } = this;
    return new ConnectedStreams(builder, [input, other.input], [keyOf, other.keyOf]);
  }

  private append<R>(draft: NodeDraft): DataStream<R, Timed> {
    return new DataStream<R, Timed>(this.builder, { node: this.builder.add(draft), port: undefined });
  }
}

/**
 * Two streams with one key. Made by `KeyedStream.connect`.
 *
 * @typeParam K the key
 * @typeParam T1 records of the first stream
 * @typeParam T2 records of the second stream
 */
export class ConnectedStreams<K extends StreamKey, T1, T2, Timed extends boolean = boolean> {
  private readonly builder: GraphBuilder;
  private readonly inputs: readonly [NodeInput, NodeInput];
  private readonly keysOf: readonly [UserFunction, UserFunction];

  /** @internal */
  constructor(
    builder: GraphBuilder,
    inputs: readonly [NodeInput, NodeInput],
    keysOf: readonly [UserFunction, UserFunction],
  ) {
    this.builder = builder;
    this.inputs = inputs;
    this.keysOf = keysOf;
  }

  /**
   * A function with state and timers that both streams share. Its event time is the lower of the two.
   *
   * @example
   * connected.process({
   *   state: { limit: valueState<number>() },
   *   emits: typed<Order>(),
   *   onRecord1: (order, ctx) => { if (order.amount > (ctx.state.limit.get() ?? Infinity)) ctx.emit(order); },
   *   onRecord2: (limit, ctx) => ctx.state.limit.set(limit.amount),
   * })
   */
  process<Out = never, S extends StateSpec = NoState>(
    fn: CoProcessFunction<K, T1, T2, S, Out>,
  ): DataStream<Out, Timed> {
    checkProcess('process(...)', fn, ['onRecord1', 'onRecord2']);
    const { inputs, keysOf } = this;
    const node = this.builder.add({ kind: 'coProcess', inputs, keysOf, fn });
    return new DataStream<Out, Timed>(this.builder, { node, port: undefined });
  }
}

/**
 * A stream cut into windows. Made by `window`, `windowAll` or `countWindow`; becomes a stream again with `aggregate`,
 * `reduce` or `process`.
 *
 * @typeParam K the key; `null` for `windowAll`
 * @typeParam T the records
 * @typeParam Timed whether the results have timestamps
 */
export class WindowedStream<K, T, Timed extends boolean = boolean> {
  private readonly builder: GraphBuilder;
  private readonly options: WindowOptions<T>;

  /** @internal */
  constructor(builder: GraphBuilder, options: WindowOptions<T>) {
    this.builder = builder;
    this.options = options;
  }

  /**
   * Decides when windows emit, in place of the default trigger (R18).
   *
   * @throws {MillraceError} `GRAPH_INVALID` when planned, if it cannot merge and the windows do (R16)
   * @example .window(tumbling('1h')).trigger(early(continuousProcessingTimeTrigger('10s')))
   */
  trigger(trigger: Trigger<T>): WindowedStream<K, T, Timed> {
    return new WindowedStream(this.builder, this.options.withTrigger(trigger));
  }

  /**
   * Takes records out of a window before or after it emits. Windows with an evictor keep all their records (R21).
   *
   * @example .window(globalWindow()).trigger(countTrigger(1)).evictor(timeEvictor('1m'))
   */
  evictor(evictor: Evictor<T>): WindowedStream<K, T, Timed> {
    return new WindowedStream(this.builder, this.options.withEvictor(evictor));
  }

  /**
   * Keeps a window for `lateness` after it has fired: a record that comes within it updates the window, which fires again
   * at once, once per record (R9). Later records are late. Default 0. Has no effect on windows of processing time.
   *
   * @throws {MillraceError} `OPTION_INVALID` if negative
   * @example .window(tumbling('5m')).allowedLateness('1m')
   */
  allowedLateness(lateness: Duration): WindowedStream<K, T, Timed> {
    const latenessMs = nonNegativeDurationMs(lateness, 'allowedLateness()');
    return new WindowedStream(this.builder, this.options.withLateness(latenessMs));
  }

  /**
   * Sends records that are too late for all their windows to a side output instead of dropping them. They are counted
   * either way. Read it with `.side(tag)` on the result.
   *
   * @example
   * const late = sideOutput<Order>('late');
   * const rows = orders.keyBy((o) => o.category).window(tumbling('5m')).lateTo(late).aggregate({ n: count() });
   * rows.side(late).to('late', ndjson.sink('out/late'));
   */
  lateTo(tag: SideOutput<T>): WindowedStream<K, T, Timed> {
    checkTag('lateTo(tag)', tag);
    return new WindowedStream(this.builder, this.options.withLate(tag));
  }

  /**
   * Computes named aggregates per key and window, incrementally: only accumulators are kept, never the records.
   *
   * @param spec aggregates by name, such as `{ orders: count(), revenue: decimalSum((o) => o.amount) }`
   * @param then makes the row that goes on from `{ key, window: { start, end }, value }` (default: that itself), or is a
   *   window function whose contents are the results. The row's timestamp is the last millisecond of its window (R24)
   * @example .aggregate({ orders: count() }, (r) => ({ category: r.key, start: r.window.start, orders: r.value.orders }))
   */
  aggregate<S extends AggregateSpec<T>>(spec: S): DataStream<WindowResult<K, AggregateResults<S>>, Timed>;
  aggregate<S extends AggregateSpec<T>, R>(
    spec: S,
    then: (result: WindowResult<K, AggregateResults<S>>) => R,
  ): DataStream<R, Timed>;
  aggregate<S extends AggregateSpec<T>, Out = never, WS extends StateSpec = NoState, KS extends StateSpec = NoState>(
    spec: S,
    then: WindowProcessFunction<K, AggregateResults<S>, WS, KS, Out>,
  ): DataStream<Out, Timed>;
  aggregate(spec: AggregateSpec<never>, then?: unknown): unknown {
    checkSpec(spec);
    return this.append(windowDraft(this.options, { kind: 'aggregate', spec }, emissionOf('aggregate', then)));
  }

  /**
   * Makes one value out of all values of a key and window, two at a time. `fn` must be associative.
   *
   * @param fn the value so far and the next one; must not change either
   * @param then as for `aggregate`; `value` is the reduced value (`undefined` if an evictor left nothing)
   * @example .reduce((a, b) => (a.amount >= b.amount ? a : b))
   */
  reduce(fn: (a: T, b: T) => T): DataStream<WindowResult<K, T>, Timed>;
  reduce<R>(fn: (a: T, b: T) => T, then: (result: WindowResult<K, T>) => R): DataStream<R, Timed>;
  reduce<Out = never, WS extends StateSpec = NoState, KS extends StateSpec = NoState>(
    fn: (a: T, b: T) => T,
    then: WindowProcessFunction<K, T, WS, KS, Out>,
  ): DataStream<Out, Timed>;
  reduce(fn: (a: T, b: T) => T, then?: unknown): unknown {
    checkFunction('reduce', fn);
    return this.append(windowDraft(this.options, { kind: 'reduce', fn }, emissionOf('reduce', then)));
  }

  /**
   * A function over all records of a window, called once per firing. The window keeps its records: prefer `aggregate`
   * where it will do.
   *
   * @example
   * .process<number>((orders, ctx) => ctx.emit(Math.max(...orders.map((o) => o.amount))))
   */
  process<Out>(
    fn: (elements: readonly T[], context: WindowContext<K, NoState, NoState, Out>) => void,
  ): DataStream<Out, Timed>;
  process<Out = never, WS extends StateSpec = NoState, KS extends StateSpec = NoState>(
    fn: WindowProcessFunction<K, readonly T[], WS, KS, Out>,
  ): DataStream<Out, Timed>;
  process(fn: unknown): unknown {
    const process = typeof fn === 'function' ? { process: fn } : fn;
    return this.append(windowDraft(this.options, { kind: 'elements' }, emissionOf('process', process)));
  }

  private append(draft: NodeDraft): DataStream<unknown, Timed> {
    return new DataStream<unknown, Timed>(this.builder, { node: this.builder.add(draft), port: undefined });
  }
}
