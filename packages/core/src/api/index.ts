export { Dataflow, type FromOptions, type TimedFromOptions } from './dataflow.ts';
export type { Runner, RunOptions } from './runner.ts';
export { DataStream, KeyedStream, WindowedStream, type StreamKey } from './streams.ts';
