import { Buffer } from 'node:buffer';
import { MillraceError } from 'millrace';
import type { RegisteredSchema } from '../client/registered-schema.ts';
import type { RegistryClient } from '../client/registry-client.ts';
import { hasHeader, idOf, noHeader } from '../wire/header.ts';
import { agree } from './agreement.ts';
import { Decoders, readable, unknownSchema, unreadableSchema, type Decoder } from './decoders.ts';
import { subjectOf, type SchemaFormatOptions } from './format-options.ts';
import type { Kind } from './kind.ts';

/**
 * A format of values in a schema registry. It fits `format` of `kafka.topic` and `kafka.sink`; a program that decodes by itself awaits
 * `prepare` before `decode`, and writes with what `writer` gives.
 */
export interface RegistryFormat<T> {
  readonly name: string;
  /**
   * @throws MillraceError `RECORD_MALFORMED` for a value without header, with an id that the registry does not have, with a schema that
   *   cannot be read as the program's, or that does not fit its schema; `JOB_STATE` if its id was not announced to `prepare`
   */
  decode(bytes: Uint8Array): T;
  /** @throws MillraceError `JOB_STATE`: a subject is needed, see `writer` */
  encode(value: T): Uint8Array;
  /**
   * Looks up the schema ids that have not been seen; `undefined`: there are none.
   *
   * @throws MillraceError `IO_FAILED` (retryable) if the registry stays down for `retryFor`
   */
  prepare(values: readonly (Uint8Array | null)[], signal?: AbortSignal): Promise<void> | undefined;
  /**
   * Checks and registers the schema for the values of a topic; how they are written.
   *
   * @throws MillraceError `SCHEMA_INVALID` naming subject, reason and cure for a change that the subject's policy refuses, `IO_NOT_FOUND`
   *   if it must be registered and is not, `IO_FAILED` if the registry cannot be asked
   */
  writer(topic: string): Promise<(value: T) => Uint8Array>;
}

/** Makes a format of what Avro, Protobuf and JSON Schema differ in. */
export function registryFormat<T>(
  client: RegistryClient,
  kind: Kind<T>,
  cacheSize: number,
  { references = [], subject = 'TopicName', register = 'auto' }: SchemaFormatOptions,
): RegistryFormat<T> {
  const decoders = new Decoders<T>(cacheSize);
  /** What the program's own schema refers to, once it was asked for. */
  let own: readonly RegisteredSchema[] | undefined = references.length === 0 ? [] : undefined;

  const writtenWith = async (id: number, signal: AbortSignal | undefined) => {
    try {
      return (await client.schemaOf(id, signal)) ?? unknownSchema<T>(id, client.url);
    } catch (error) {
      // What it refers to is gone.
      if (error instanceof MillraceError && error.code === 'IO_NOT_FOUND') return unreadableSchema<T>(id, error, true);
      throw error;
    }
  };
  const decoderOf = async (id: number, signal: AbortSignal | undefined): Promise<Decoder<T>> => {
    const written = await writtenWith(id, signal);
    if (!('schema' in written)) return written;
    own ??= (await client.resolve({ schemaType: kind.schemaType, schema: '', references }, signal)).resolved;
    try {
      checkType(written.schemaType, kind.schemaType);
      return readable(kind.reader(written, own));
    } catch (error) {
      return unreadableSchema(id, error);
    }
  };
  const lookUp = async (unseen: ReadonlyMap<number, number>, signal: AbortSignal | undefined): Promise<void> => {
    for (const [id, count] of unseen) decoders.announce(id, count, await decoderOf(id, signal));
  };

  return Object.freeze({
    name: kind.name,
    decode(bytes: Uint8Array): T {
      if (!hasHeader(bytes)) throw noHeader(bytes);
      const id = idOf(bytes);
      const decoder = decoders.take(id);
      if (decoder === undefined) throw notPrepared(id);
      return decoder.decode(bufferOf(bytes));
    },
    encode(): Uint8Array {
      throw new MillraceError('JOB_STATE', {
        message: `format '${kind.name}' writes for a topic, whose subject its schema belongs to: use what writer(topic) gives.`,
      });
    },
    prepare(values: readonly (Uint8Array | null)[], signal?: AbortSignal): Promise<void> | undefined {
      const unseen = new Map<number, number>();
      for (const [id, count] of countIds(values)) {
        const known = decoders.find(id);
        if (known === undefined || known.askAgain) unseen.set(id, count);
        else known.waiting += count;
      }
      return unseen.size === 0 ? undefined : lookUp(unseen, signal);
    },
    async writer(topic: string): Promise<(value: T) => Uint8Array> {
      const { id, schema } = await agree(client, kind, subjectOf(subject, topic, kind.recordName), register);
      return kind.writer(schema, id);
    },
  });
}

/** How many of the values have which schema id. */
function countIds(values: readonly (Uint8Array | null)[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  let last = -1;
  let count = 0;
  for (const value of values) {
    if (value === null || !hasHeader(value)) continue;
    const id = idOf(value);
    if (id !== last) {
      if (count > 0) counts.set(last, (counts.get(last) ?? 0) + count);
      last = id;
      count = 0;
    }
    count++;
  }
  if (count > 0) counts.set(last, (counts.get(last) ?? 0) + count);
  return counts;
}

/** Codecs read Buffers; the bytes stay where they are. */
const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checkType(written: string, wanted: string): void {
  if (written === wanted) return;
  throw new MillraceError('SCHEMA_INVALID', { message: `it is a schema of ${written}, not of ${wanted}` });
}

function notPrepared(id: number): MillraceError {
  return new MillraceError('JOB_STATE', {
    message: `schema id ${id} has not been looked up: await prepare([bytes, ...]) of the format before decode(bytes).`,
    fields: { id },
  });
}
