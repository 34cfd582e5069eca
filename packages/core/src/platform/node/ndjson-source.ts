import { checkOptions, optionError } from '../../errors/index.ts';
import {
  checkErrorPolicy,
  type ErrorPolicy,
  type Source,
  type SourceContext,
  type SourceReader,
} from '../../model/index.ts';
import { compileDecoder, notJson, type Schema } from '../../schema/index.ts';
import { nodeFunctionCompiler } from './compile-function.ts';
import { findFiles } from './find-files.ts';
import { NdjsonReader, type LineDecoder } from './ndjson-reader.ts';

interface CommonOptions {
  /** What happens to lines that cannot be decoded: `'fail'` (default) or `deadLetter(sink)`. */
  readonly onError?: ErrorPolicy;
}

/** Lines decoded and checked by a schema. */
export interface SchemaOptions<T> extends CommonOptions {
  readonly schema: Schema<T>;
  readonly decode?: undefined;
  readonly project?: undefined;
}

/** Lines decoded by a schema, then combined with their text: for whoever must pass on the line as it was. */
export interface ProjectOptions<S, T> extends CommonOptions {
  readonly schema: Schema<S>;
  /** Makes the record of the decoded value and its line (without line end). */
  readonly project: (value: S, line: string) => T;
  readonly decode?: undefined;
}

/** Lines decoded by a function of one's own; it throws for a line that is malformed. */
export interface DecodeOptions<T> extends CommonOptions {
  readonly decode: (line: string) => T;
  readonly schema?: undefined;
  readonly project?: undefined;
}

/**
 * Reads files of one JSON value per line, streamed with bounded memory. `.gz` files are unpacked on the way.
 *
 * Lines end at `\n`; a `\r` before it and a byte order mark are ignored, lines of spaces and tabs are passed over. A
 * line that is not valid UTF-8, not JSON or not what the schema says goes to `onError`: nothing is lost silently.
 *
 * @param paths a file, a folder or a glob: one partition, read in name order. Several paths: one partition each
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_FOUND` if there is nothing to read
 * @example
 * ndjson('data/orders.ndjson', { schema: Order })
 * ndjson(['data/eu/*.ndjson.gz', 'data/us'], { schema: Order, onError: deadLetter(ndjson.sink('out/dead-letter')) })
 * ndjson('access.log', { decode: (line) => parseLogLine(line) })
 */
export function ndjsonSource<T>(paths: string | readonly string[], options: SchemaOptions<T>): Source<T>;
export function ndjsonSource<S, T>(paths: string | readonly string[], options: ProjectOptions<S, T>): Source<T>;
export function ndjsonSource<T>(paths: string | readonly string[], options: DecodeOptions<T>): Source<T>;
export function ndjsonSource(paths: string | readonly string[], options?: CommonOptions): Source<unknown>;
export function ndjsonSource(paths: string | readonly string[], given: object = {}): Source<unknown> {
  // One of the three shapes above; lineDecoder checks what comes from programs without types.
  checkOptions('ndjson()', given, ['schema', 'decode', 'project', 'onError']);
  const options = given as AnyOptions;
  checkErrorPolicy('onError of ndjson()', options.onError);
  const patterns = typeof paths === 'string' ? [paths] : paths;
  if (
    !Array.isArray(patterns) ||
    patterns.length === 0 ||
    !patterns.every((path) => typeof path === 'string' && path !== '')
  ) {
    throw optionError('paths of ndjson()', paths, 'a path or an array of at least one path');
  }
  const decode = lineDecoder(options);
  return Object.freeze({
    kind: 'ndjson',
    bounded: true,
    measuresBytes: true,
    onError: options.onError ?? 'fail',
    async open(context: SourceContext): Promise<SourceReader<unknown>> {
      const partitions = await Promise.all(
        patterns.map(async (id: string) => ({ id, files: context.machine === undefined ? await findFiles(id) : [id] })),
      );
      return new NdjsonReader(partitions, decode, context);
    },
  });
}

/** The options of all overloads in one. */
interface AnyOptions extends CommonOptions {
  readonly schema?: Schema<unknown>;
  readonly project?: (value: unknown, line: string) => unknown;
  readonly decode?: (line: string) => unknown;
}

function lineDecoder({ schema, project, decode }: AnyOptions): LineDecoder {
  if (decode !== undefined) {
    if (typeof decode !== 'function')
      throw optionError('decode of ndjson()', decode, 'a function from a line to a record');
    if (schema !== undefined) throw optionError('schema of ndjson()', schema, 'left out where decode is given');
    return decode;
  }
  if (project !== undefined && (typeof project !== 'function' || schema === undefined)) {
    throw optionError('project of ndjson()', project, 'a function, together with a schema');
  }
  if (schema === undefined) return (line) => JSON.parse(line) as unknown;
  if (typeof schema.parse !== 'function')
    throw optionError('schema of ndjson()', schema, 'a schema such as struct({...})');
  const parse = schemaParser(schema);
  return project === undefined ? parse : (line) => project(parse(line), line);
}

/** `schema.parse` with a generated decoder. */
function schemaParser(schema: Schema<unknown>): LineDecoder {
  const compiled = compileDecoder(schema, nodeFunctionCompiler);
  if (compiled === undefined) return (line) => schema.parse(line);
  return (line) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw notJson(error);
    }
    return compiled(value);
  };
}
