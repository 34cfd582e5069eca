export { alarmSettings } from './alarms.ts';
export { openConnections, type Connections } from './connections.ts';
export { Door } from './door.ts';
export type { Environment } from './environment.ts';
export { Guards } from './guards.ts';
export { Job } from './job.ts';
export { JobCore } from './job-core.ts';
export type { StepResult } from './task.ts';
export type { TaskSnapshot } from './task-snapshot.ts';
export type { CheckpointSettings, JobEnvironment } from './environment.ts';
export {
  exponentialDelay,
  failureRate,
  fixedDelay,
  noRestart,
  type ExponentialDelayOptions,
  type FailureRateOptions,
  type FixedDelayOptions,
} from './restart-policies.ts';
export { checkpointSettings, type CheckpointOptions } from './checkpoint-settings.ts';
