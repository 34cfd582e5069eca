import type { Buffer } from 'node:buffer';
import type { RegisteredSchema, ResolvedSchema } from '../client/registered-schema.ts';

/** Makes a value of bytes that begin with a header. */
export type Decode<T> = (bytes: Buffer) => T;

/** Makes bytes, header included. */
export type Encode<T> = (value: T) => Uint8Array;

/** What Avro, Protobuf and JSON Schema differ in. */
export interface Kind<T> {
  readonly schemaType: 'AVRO' | 'PROTOBUF' | 'JSON';
  /** For people, such as `avro of struct({ ... })`. */
  readonly name: string;
  /** Name of the record or message, which the strategy RecordName makes the subject. */
  readonly recordName: string;
  /**
   * The schema that is written with.
   *
   * @param newest the subject's newest version
   * @throws MillraceError `SCHEMA_INVALID`, `OPTION_INVALID` if there is none: such a format can only be read with
   */
  schema(newest: ResolvedSchema | undefined): RegisteredSchema;
  /**
   * Reads what was written with a schema.
   *
   * @param own what the program's own schema refers to
   * @throws MillraceError `SCHEMA_INVALID` if that cannot be read
   */
  reader(written: ResolvedSchema, own: readonly RegisteredSchema[]): Decode<T>;
  /** Writes with a schema that `schema` has made. */
  writer(schema: ResolvedSchema, id: number): Encode<T>;
  /** What makes `next` incompatible, as far as it can be told here. */
  explain(newest: ResolvedSchema, next: ResolvedSchema): string | undefined;
}
