export type { Aggregate, AggregateResults, AggregateSpec, NumericFields } from './aggregate.ts';
export type { Cancellable, Clock, Random, Scheduler } from './clock.ts';
export type { DeadLetter, RawRecord } from './dead-letter.ts';
export { checkErrorPolicy, deadLetter, type DeadLetterPolicy, type ErrorPolicy } from './error-policy.ts';
export type { FunctionCompiler } from './function-compiler.ts';
export type { JobHandle, JobMetrics, JobStatus, LateExample, OperatorReport, SourceReport } from './job-handle.ts';
export type { JsonValue } from './json.ts';
export { silentLogger, type LogFields, type Logger } from './logger.ts';
export type { OperatorCounts } from './operator-counts.ts';
export type { Receiver } from './receiver.ts';
export { sideOutput, type SideOutput } from './side-output.ts';
export type { Sink, SinkContext, SinkWriter } from './sink.ts';
export type {
  PollResult,
  Position,
  RejectedRecord,
  Source,
  SourceBatch,
  SourceContext,
  SourcePartition,
  SourceReader,
} from './source.ts';
export type {
  NamedStateSnapshot,
  OperatorCell,
  Slice,
  SliceEntry,
  SliceLayout,
  SliceStore,
  StateBackend,
  StateSnapshot,
  TimerQueue,
} from './state.ts';
export type { WatermarkEmit, WatermarkGenerator, WatermarkStrategy } from './watermark.ts';
export type { EventTimeWindows, TimeWindow, TumblingWindows, WindowResult } from './window.ts';
