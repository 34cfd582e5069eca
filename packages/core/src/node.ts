export {
  ndjson,
  type DecodeOptions,
  type NdjsonSinkOptions,
  type ProjectOptions,
  type SchemaOptions,
} from './platform/node/index.ts';
