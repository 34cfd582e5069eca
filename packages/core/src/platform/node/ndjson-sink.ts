import path from 'node:path';
import { checkOptions, optionError } from '../../errors/index.ts';
import type { Sink, SinkContext, SinkWriter } from '../../model/index.ts';
import type { Schema } from '../../schema/index.ts';
import { NdjsonWriter } from './ndjson-writer.ts';

/** Options of `ndjson.sink`. */
export interface NdjsonSinkOptions<T> {
  /** Writes rows by a schema: decimals as exact JSON numbers, fields in its order. Default: `JSON.stringify`. */
  readonly schema?: Schema<T>;
  /** Writes rows by a function of one's own: one line, without line end. Not together with `schema`. */
  readonly encode?: (value: T) => string;
  /** Where a part file grows before it is published. Must be on the same file system. Default `<dir>/.millrace`. */
  readonly staging?: string;
  /** A part file is published when it has reached this size, in bytes. Default 128 MiB. */
  readonly partBytes?: number;
}

const DEFAULT_PART_BYTES = 128 * 1024 * 1024;

/**
 * Writes one JSON value per line to `part-<partition>-<number>.ndjson` in a folder. A part file appears under its name,
 * complete, when it is full or the job ends; readers never see half a line.
 *
 * @param dir made if it does not exist; refused if it holds part files of an earlier run, so that nothing is counted twice
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_EMPTY`, `IO_FAILED`
 * @example
 * rows.to('revenue', ndjson.sink('out/revenue'))
 * rows.to('revenue', ndjson.sink('out/revenue', { schema: struct({ category: string(), revenue: decimal(15, 2) }) }))
 */
export function ndjsonSink<T>(dir: string, options: NdjsonSinkOptions<T> = {}): Sink<T> {
  if (typeof dir !== 'string' || dir === '') throw optionError('dir of ndjson.sink()', dir, 'the path of a folder');
  checkOptions('ndjson.sink()', options, ['schema', 'encode', 'staging', 'partBytes']);
  const { schema, encode, staging = path.join(dir, '.millrace'), partBytes = DEFAULT_PART_BYTES } = options;
  if (schema !== undefined && encode !== undefined)
    throw optionError('encode of ndjson.sink()', encode, 'left out where schema is given');
  if (typeof partBytes !== 'number' || !(partBytes > 0))
    throw optionError('partBytes of ndjson.sink()', partBytes, 'a number of bytes above 0');
  if (encode !== undefined && typeof encode !== 'function')
    throw optionError('encode of ndjson.sink()', encode, 'a function');
  if (schema !== undefined && typeof schema.encode !== 'function') {
    throw optionError('schema of ndjson.sink()', schema, 'a schema such as struct({...})');
  }
  if (typeof staging !== 'string') throw optionError('staging of ndjson.sink()', staging, 'the path of a folder');
  const toLine = encode ?? (schema === undefined ? defaultEncode : (value: T) => schema.encode(value));
  return Object.freeze({
    kind: 'ndjson',
    open: (context: SinkContext): Promise<SinkWriter<T>> =>
      NdjsonWriter.open({ dir, staging, partBytes, encode: toLine, context }),
  });
}

function defaultEncode(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${String(value)} cannot be written as JSON`);
  return text;
}
