export { directory, nodeMachine, type DirectoryOptions } from './platform/node/index.ts';
export {
  ndjson,
  type DecodeOptions,
  type NdjsonSinkOptions,
  type ProjectOptions,
  type SchemaOptions,
} from './platform/node/index.ts';
