export type { Aggregate, AggregateResults, AggregateSpec, NumericFields } from './aggregate.ts';
export type { AlarmOptions } from './alarm-options.ts';
export type { Cancellable, Clock, Random, Scheduler } from './clock.ts';
export type { DeadLetter, OriginalRecord, RawRecord, RecordHeader } from './dead-letter.ts';
export { checkErrorPolicy, deadLetter, type DeadLetterPolicy, type ErrorPolicy } from './error-policy.ts';
export type { Evictor, EvictorContext, WindowElement } from './evictor.ts';
export type { FunctionCompiler } from './function-compiler.ts';
export {
  GUARD_IDS,
  guardSettings,
  type GuardFinding,
  type GuardId,
  type GuardLevel,
  type GuardOptions,
  type GuardSettings,
} from './guard.ts';
export type {
  CheckpointReport,
  JobHandle,
  JobMetrics,
  JobStatus,
  LateExample,
  OperatorReport,
  SourceReport,
  TaskMetrics,
} from './job-handle.ts';
export type {
  AlarmKind,
  AlarmReport,
  CommitsReport,
  HistogramReport,
  SinkReport,
  SourceRates,
  TimeReport,
} from './metrics-report.ts';
export type { JsonValue } from './json.ts';
export type {
  AggregatingState,
  AggregatingStateDescriptor,
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  StateDescriptor,
  StateOptions,
  StateSchema,
  StateSpec,
  StatesOf,
  StateTtl,
  ValueState,
  ValueStateDescriptor,
} from './keyed-state.ts';
export { silentLogger, type LogFields, type Logger } from './logger.ts';
export type { OperatorCounts } from './operator-counts.ts';
export {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  valueState,
  type ValueStateOptions,
} from './state-descriptors.ts';
export { typed, type OutputType } from './output-type.ts';
export type { CoProcessFunction, ProcessContext, ProcessFunction, RecordContext, TimerCallbacks } from './process.ts';
export type { Receiver } from './receiver.ts';
export { sideOutput, type SideOutput } from './side-output.ts';
export type { FailureLog, RestartPolicy } from './restart.ts';
export type { Guarantee } from './guarantee.ts';
export type { JobEvent } from './job-event.ts';
export type { Committed, Sink, SinkContext, SinkTransaction, SinkWriter } from './sink.ts';
export type { FileReader, FileSystem, FileWriter, Host, Machine, ProcessId } from './machine.ts';
export type {
  CheckpointName,
  CheckpointStorage,
  CheckpointStore,
  CommitPoint,
  CommitRecord,
  CommittedPositions,
  Kept,
  SegmentWriter,
  StorageContext,
} from './checkpoint.ts';
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
  CutKind,
  EntryFormat,
  EntryOutput,
  KeyedEntry,
  KeyedStore,
  NamedStateSnapshot,
  OperatorCell,
  Slice,
  SliceEntry,
  SliceLayout,
  SliceList,
  SliceStore,
  SmallState,
  StateBackend,
  StateCut,
  OperatorStateSize,
  StateSnapshot,
  TimerQueue,
  ValueOutput,
} from './state.ts';
export type { Trigger, TriggerContext, TriggerMergeContext, TriggerResult } from './trigger.ts';
export type { WatermarkAlignment, WatermarkEmit, WatermarkGenerator, WatermarkStrategy } from './watermark.ts';
export {
  GLOBAL_WINDOW,
  type AlignedWindows,
  type EventTimeWindows,
  type GlobalWindows,
  type SessionWindows,
  type TimeWindow,
  type UntimedWindows,
  type WindowAssigner,
  type WindowResult,
  type WindowTime,
} from './window.ts';
export type { WindowContext, WindowProcessFunction } from './window-function.ts';
