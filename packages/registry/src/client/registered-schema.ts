/** A schema that another one refers to. */
export interface SchemaReference {
  /** How the schema calls it: the full name in Avro, the path of the import in Protobuf, the URL of `$ref` in JSON Schema. */
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as a registry has it. */
export interface RegisteredSchema {
  readonly schemaType: string;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  /** How the schema that refers to it calls it. */
  readonly name?: string;
}

/** A schema with all that it refers to, directly or not; those that others refer to come first. */
export interface ResolvedSchema extends RegisteredSchema {
  readonly resolved: readonly RegisteredSchema[];
}
