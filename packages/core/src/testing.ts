export { crash, end, pause, scripted, ScriptItem } from './connectors/index.ts';
export { seededRandom } from './internal/seeded-random.ts';
export type { Adversity } from './testing/altered-graph.ts';
export {
  operatorHarness,
  type HarnessOptions,
  type HarnessOutput,
  type HarnessOutputs,
  type OperatorHarness,
  type StateSize,
} from './testing/operator-harness.ts';
export { inBatchesOf } from './testing/limited-source.ts';
export { pipelineDriver, type DriverOptions, type PipelineDriver } from './testing/pipeline-driver.ts';
export { reluctant } from './testing/reluctant-sink.ts';
export { snapshotFromJson, snapshotToJson, type PipelineSnapshot } from './testing/snapshot-json.ts';
export { VirtualTime } from './testing/virtual-time.ts';
export type { StepResult } from './runtime/index.ts';
export type { ContractCase } from './testing/contracts/contract-case.ts';
export { sinkContract, type SinkUnderTest } from './testing/contracts/sink-contract.ts';
export { sourceContract, type SourceUnderTest } from './testing/contracts/source-contract.ts';
export { stateBackendContract, type MakeBackend } from './testing/contracts/state-backend-contract.ts';
export { FAULTS, type Aim, type Fault } from './testing/simulation/fault-plan.ts';
export type { FaultKind } from './testing/simulation/faults.ts';
export type {
  OutsideSystem,
  SystemClient,
  SystemResources,
  SystemRun,
  SystemWorld,
} from './testing/simulation/outside-system.ts';
export { PROTOCOL_STEPS, type ProtocolStep } from './testing/simulation/protocol-steps.ts';
export { simulate, type SimulationOptions, type SimulationReport } from './testing/simulation/simulate.ts';
export { checkpointStorageContract, type StorageUnderTest } from './testing/contracts/checkpoint-storage-contract.ts';
export {
  commitPointContract,
  type CommitPointUnderTest,
  type CommitterUnderTest,
} from './testing/contracts/commit-point-contract.ts';
export {
  sinkTransactionContract,
  type LifeUnderTest,
  type TransactionalSinkUnderTest,
} from './testing/contracts/sink-transaction-contract.ts';
