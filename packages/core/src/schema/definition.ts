/**
 * What a schema is, as frozen plain data: everything that is derived from a schema (decoding, encoding, later the state
 * codec, Avro and Protobuf mappings, a SQL table) can be derived from this alone.
 */
export type SchemaDefinition =
  | { readonly kind: 'string' | 'int' | 'double' | 'boolean' | 'timestamp' | 'json' }
  | DecimalDefinition
  | OptionalDefinition
  | ArrayDefinition
  | StructDefinition;

/** `precision` decimal digits, `scale` of them behind the point. Up to 15 digits the value is a number, above a bigint. */
export interface DecimalDefinition {
  readonly kind: 'decimal';
  /** 1 to 38. */
  readonly precision: number;
  /** 0 to `precision`. */
  readonly scale: number;
}

/** `item`, or nothing: absent, `null`. */
export interface OptionalDefinition {
  readonly kind: 'optional';
  readonly item: SchemaDefinition;
}

/** Any number of `item`. */
export interface ArrayDefinition {
  readonly kind: 'array';
  readonly item: SchemaDefinition;
}

/** Named fields in declared order. */
export interface StructDefinition {
  readonly kind: 'struct';
  readonly fields: readonly { readonly name: string; readonly schema: SchemaDefinition }[];
}
