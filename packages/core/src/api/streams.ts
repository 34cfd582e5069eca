import { optionError } from '../errors/index.ts';
import type { GraphBuilder, NodeId, NodeInput, UserFunction, WindowFunction } from '../graph/index.ts';
import { nonNegativeDurationMs, type Duration } from '../internal/duration.ts';
import type {
  AggregateResults,
  AggregateSpec,
  EventTimeWindows,
  SideOutput,
  Sink,
  WindowResult,
} from '../model/index.ts';
import { checkFunction, checkSink, checkSpec } from './checks.ts';

// The three kinds of stream lead to each other, so they stand in one file: split, they would import in a circle.

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
   * Groups records by key: everything with one key is seen in order by one place. Keys are compared by value.
   *
   * @param fn the key: text or a number. NaN is one key; -0 and 0 are the same one
   * @example orders.keyBy((o) => o.category).window(tumbling('5m'))
   */
  keyBy<K extends StreamKey>(fn: (value: T) => K): KeyedStream<K, T, Timed> {
    checkFunction('keyBy', fn);
    const node = this.builder.add({ kind: 'keyBy', inputs: [this.input], fn });
    return new KeyedStream<K, T, Timed>(this.builder, { node, port: undefined }, fn);
  }

  /**
   * Windows over all records together. The key of the results is `null`.
   *
   * @example orders.windowAll(tumbling('1m')).aggregate({ orders: count() })
   */
  windowAll(windows: Timed extends true ? EventTimeWindows : never): WindowedStream<null, T> {
    return new WindowedStream<null, T>(this.builder, this.input, undefined, windows);
  }

  /**
   * What an operator writes to a side output, such as the late records of a window.
   *
   * @throws {MillraceError} `GRAPH_UNCONNECTED` when planned, if the operator does not write to `tag`
   * @example result.side(late).to('late', ndjson.sink('out/late'))
   */
  side<S>(tag: SideOutput<S>): DataStream<S, Timed> {
    if (typeof tag?.name !== 'string') throw optionError('side(tag)', tag, "a tag made by sideOutput('name')");
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

/** What a stream can be keyed by. */
export type StreamKey = string | number;

/**
 * A stream grouped by key. Made by `DataStream.keyBy`.
 *
 * @typeParam K the key
 * @typeParam T the records
 * @typeParam Timed whether they have timestamps
 */
export class KeyedStream<K extends StreamKey, T, Timed extends boolean = boolean> {
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
   * Cuts each key's records into windows. Event-time windows need a stream with timestamps.
   *
   * @example orders.keyBy((o) => o.category).window(tumbling('5m')).aggregate({ orders: count() })
   */
  window(windows: Timed extends true ? EventTimeWindows : never): WindowedStream<K, T> {
    return new WindowedStream<K, T>(this.builder, this.input, this.keyOf, windows);
  }
}

/**
 * A stream cut into windows. Made by `window` or `windowAll`; becomes a stream again with `aggregate` or `reduce`.
 *
 * @typeParam K the key; `null` for `windowAll`
 * @typeParam T the records
 */
export class WindowedStream<K, T> {
  private readonly builder: GraphBuilder;
  private readonly input: NodeInput;
  private readonly keyOf: UserFunction | undefined;
  private readonly windows: EventTimeWindows;
  private latenessMs = 0;
  private late: SideOutput<T> | undefined;

  /** @internal */
  constructor(builder: GraphBuilder, input: NodeInput, keyOf: UserFunction | undefined, windows: EventTimeWindows) {
    if (windows?.kind !== 'tumbling') throw optionError('window(...)', windows, "windows such as tumbling('5m')");
    this.builder = builder;
    this.input = input;
    this.keyOf = keyOf;
    this.windows = windows;
  }

  /**
   * Keeps a window for `lateness` after it has fired: a record that comes within it updates the window, which fires again
   * at once, once per record (R9). Later records are late. Default 0.
   *
   * @throws {MillraceError} `OPTION_INVALID` if negative
   * @example .window(tumbling('5m')).allowedLateness('1m')
   */
  allowedLateness(lateness: Duration): WindowedStream<K, T> {
    const copy = this.copy();
    copy.latenessMs = nonNegativeDurationMs(lateness, 'allowedLateness()');
    return copy;
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
  lateTo(tag: SideOutput<T>): WindowedStream<K, T> {
    if (typeof tag?.name !== 'string') throw optionError('lateTo(tag)', tag, "a tag made by sideOutput('name')");
    const copy = this.copy();
    copy.late = tag;
    return copy;
  }

  /**
   * Computes named aggregates per key and window, incrementally: only accumulators are kept, never the records.
   *
   * @param spec aggregates by name, such as `{ orders: count(), revenue: decimalSum((o) => o.amount) }`
   * @param project makes the row that goes on from `{ key, window: { start, end }, value }`; default: that itself.
   *   The result's timestamp is the last millisecond of its window (R24)
   * @example .aggregate({ orders: count() }, (r) => ({ category: r.key, start: r.window.start, orders: r.value.orders }))
   */
  aggregate<S extends AggregateSpec<T>>(spec: S): DataStream<WindowResult<K, AggregateResults<S>>, true>;
  aggregate<S extends AggregateSpec<T>, R>(
    spec: S,
    project: (result: WindowResult<K, AggregateResults<S>>) => R,
  ): DataStream<R, true>;
  aggregate(spec: AggregateSpec<never>, project?: UserFunction): unknown {
    checkSpec(spec);
    return this.append({ kind: 'aggregate', spec }, project);
  }

  /**
   * Makes one value out of all values of a key and window, two at a time. `fn` must be associative.
   *
   * @param fn the value so far and the next one; must not change either
   * @param project as for `aggregate`; `value` is the reduced value
   * @example .reduce((a, b) => (a.amount >= b.amount ? a : b))
   */
  reduce(fn: (a: T, b: T) => T): DataStream<WindowResult<K, T>, true>;
  reduce<R>(fn: (a: T, b: T) => T, project: (result: WindowResult<K, T>) => R): DataStream<R, true>;
  reduce(fn: (a: T, b: T) => T, project?: UserFunction): unknown {
    checkFunction('reduce', fn);
    return this.append({ kind: 'reduce', fn }, project);
  }

  private copy(): WindowedStream<K, T> {
    const copy = new WindowedStream<K, T>(this.builder, this.input, this.keyOf, this.windows);
    copy.latenessMs = this.latenessMs;
    copy.late = this.late;
    return copy;
  }

  private append(compute: WindowFunction, project: UserFunction | undefined): DataStream<unknown, true> {
    if (project !== undefined) checkFunction('project', project);
    const { windows, keyOf, late } = this;
    const allowedLatenessMs = this.latenessMs;
    const node = this.builder.add({
      kind: 'window',
      inputs: [this.input],
      windows,
      keyOf,
      allowedLatenessMs,
      late,
      compute,
      project,
    });
    return new DataStream<unknown, true>(this.builder, { node, port: undefined });
  }
}
