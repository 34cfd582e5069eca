export {
  Coordinator,
  type CommitOutcome,
  type CommitSubject,
  type CommittingSink,
  type CoordinatorOptions,
  type CutOperator,
} from './coordinator.ts';
export { decodeManifest, encodeManifest, type Manifest } from './manifest.ts';
export { memoryCheckpoints } from './memory-storage.ts';
export { discardOthers, loadState, readCheckpoint, type RestoredJob } from './recovery.ts';
