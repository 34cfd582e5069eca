export { run, type RunOptions } from './run.ts';
export type { Io } from './io.ts';
export type { Connection, KafkaModule } from './kafka/load-kafka.ts';
export type {
  Choose,
  DropOptions,
  Letter,
  LetterBox,
  Mark,
  MarkingOptions,
  MarkingResult,
  RetryOptions,
} from './letters.ts';
