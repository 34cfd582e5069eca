import path from 'node:path';
import { checkOptions, optionError } from '../../errors/index.ts';
import type { Sink, SinkContext, SinkWriter } from '../../model/index.ts';
import type { Schema } from '../../schema/index.ts';
import { nonNegativeDurationMs, type Duration } from '../../internal/duration.ts';
import { PartWriter } from '../files/part-writer.ts';
import { nodeFiles } from './node-machine.ts';

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
  /**
   * With checkpoints: a part file is held back until it is this old, so that there are fewer and larger ones. Default 0:
   * every checkpoint publishes what it covers.
   */
  readonly rollEvery?: Duration;
}

const DEFAULT_PART_BYTES = 128 * 1024 * 1024;

/**
 * Writes one JSON value per line to part files in a folder. Readers never see half a line, nor a file that grows.
 *
 * With checkpoints, exactly once: `part-<partition>-<checkpoint>-<attempt>.ndjson` appears, complete, when its checkpoint is
 * committed; a line that was seen never changes or goes. Without them `part-<partition>-<number>.ndjson` appears when it is
 * full or the job ends.
 *
 * @param dir made if it does not exist; refused if it holds part files of an earlier run that the job does not
 *   go on from, so that nothing is counted twice
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_EMPTY`, `IO_FAILED`
 * @example
 * rows.to('revenue', ndjson.sink('out/revenue'))
 * rows.to('revenue', ndjson.sink('out/revenue', { schema: struct({ category: string(), revenue: decimal(15, 2) }) }))
 */
export function ndjsonSink<T>(dir: string, options: NdjsonSinkOptions<T> = {}): Sink<T> {
  if (typeof dir !== 'string' || dir === '') throw optionError('dir of ndjson.sink()', dir, 'the path of a folder');
  checkOptions('ndjson.sink()', options, ['schema', 'encode', 'staging', 'partBytes', 'rollEvery']);
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
  const rollEveryMs = nonNegativeDurationMs(options.rollEvery ?? 0, 'rollEvery of ndjson.sink()');
  return Object.freeze({
    kind: 'ndjson',
    guarantee: 'exactly-once' as const,
    open(context: SinkContext): Promise<SinkWriter<T>> {
      const { machine } = context;
      const places =
        machine === undefined ? { dir: path.resolve(dir), staging: path.resolve(staging) } : { dir, staging };
      const files = machine?.files ?? nodeFiles;
      return PartWriter.open({ ...places, partBytes, rollEveryMs, encode: toLine, files, context });
    },
  });
}

function defaultEncode(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`${String(value)} cannot be written as JSON`);
  return text;
}
