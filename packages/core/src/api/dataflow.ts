import { optionError } from '../errors/index.ts';
import { GraphBuilder, toMermaid, validateGraph, type Graph, type RateLimit } from '../graph/index.ts';
import type { JobHandle, Source, WatermarkStrategy } from '../model/index.ts';
import { DataStream } from './streams.ts';
import { sourceRate } from './rate-limit.ts';
import type { Runner, RunOptions } from './runner.ts';

/** Options of `flow.from` for a stream without timestamps. */
export interface FromOptions {
  /** Reads no faster than this, without bursts of more than 100 ms; a pause is not made up for. Default: no limit. */
  readonly rateLimit?: RateLimit;
}

/** Options of `flow.from` for a stream with timestamps. */
export interface TimedFromOptions<T> extends FromOptions {
  /** Where timestamps come from and how watermarks follow, such as `boundedOutOfOrderness('5s', (o) => o.event_time)`. */
  readonly watermarks: WatermarkStrategy<T>;
}

/**
 * A program: sources, operators, sinks. Made by `dataflow(name)`.
 *
 * @example
 * const flow = dataflow('revenue');
 * flow.from('orders', source, { watermarks }).keyBy((o) => o.category).window(tumbling('5m'))
 *   .aggregate({ orders: count() }).to('revenue', sink);
 * const handle = await flow.run();
 * await handle.done;
 */
export class Dataflow {
  private readonly builder: GraphBuilder;
  private readonly runner: Runner;

  /** @internal Use `dataflow(name)`. */
  constructor(name: string, runner: Runner) {
    this.builder = new GraphBuilder(name);
    this.runner = runner;
  }

  get name(): string {
    return this.builder.name;
  }

  /**
   * A stream of the records of a source.
   *
   * @param name unique in the dataflow; identifies the source's positions after a restart
   * @throws {MillraceError} `OPTION_INVALID` for something that is no source or a wrong rate limit; `OPTION_UNSUPPORTED` for a
   *   limit of bytes on a source that does not know them
   */
  from<T>(name: string, source: Source<T>, options: TimedFromOptions<NoInfer<T>>): DataStream<T, true>;
  from<T>(name: string, source: Source<T>, options?: FromOptions): DataStream<T, false>;
  from<T>(
    name: string,
    source: Source<T>,
    options: FromOptions & { watermarks?: WatermarkStrategy<T> } = {},
  ): DataStream<T> {
    if (typeof source?.open !== 'function')
      throw optionError(`source of from('${name}', source)`, source, 'a source such as ndjson(path)');
    const { watermarks, rateLimit } = options;
    if (watermarks !== undefined && typeof watermarks.createGenerator !== 'function') {
      throw optionError(
        `watermarks of from('${name}')`,
        watermarks,
        "a strategy such as boundedOutOfOrderness('5s', (r) => r.time)",
      );
    }
    const rate = sourceRate(name, source, rateLimit);
    const node = this.builder.add({ kind: 'source', name, inputs: [], source, watermarks, rateLimit: rate });
    return new DataStream<T>(this.builder, { node, port: undefined });
  }

  /** The program as frozen data. */
  graph(): Graph {
    return this.builder.build();
  }

  /**
   * The program as a Mermaid flowchart.
   *
   * @throws {MillraceError} `GRAPH_...` if it is not complete
   */
  toMermaid(): string {
    const graph = this.graph();
    validateGraph(graph);
    return toMermaid(graph);
  }

  /**
   * The plan as text: operators in order, with ids of state, keys and segments of event time.
   *
   * @throws {MillraceError} `GRAPH_...` if the program is not complete
   */
  explain(): string {
    return this.runner.explain(this.graph());
  }

  /**
   * Starts the job. Resolves once all sources and sinks are open.
   *
   * @throws {MillraceError} `GRAPH_...` for a wrong program, `OPTION_...` for wrong options, `IO_...` if a source or sink
   *   cannot be opened
   */
  async run(options: RunOptions = {}): Promise<JobHandle> {
    if (typeof options !== 'object' || options === null)
      throw optionError('options of flow.run()', options, 'an object');
    return this.runner.run(this.graph(), options);
  }
}
