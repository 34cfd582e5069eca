export { directory, type DirectoryOptions } from './directory.ts';
export { ndjson } from './ndjson.ts';
export type { NdjsonSinkOptions } from './ndjson-sink.ts';
export type { DecodeOptions, ProjectOptions, SchemaOptions } from './ndjson-source.ts';
export { nodeMachine } from './node-machine.ts';
