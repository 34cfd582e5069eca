export { Dataflow, type FromOptions, type TimedFromOptions } from './dataflow.ts';
export type { Runner, RunOptions } from './runner.ts';
export type { NoState, StreamKey } from './stream-types.ts';
export { ConnectedStreams, DataStream, KeyedStream, WindowedStream } from './streams.ts';
