import { MillraceError, messageOf } from 'millrace';
import avsc from 'avsc';
import type { Type } from 'avsc';
import { longType, nanosType } from './long-type.ts';
import { isNanos } from './time-unit.ts';

/**
 * avsc's type of a schema. Logical types are left to us.
 *
 * @throws MillraceError `SCHEMA_INVALID`
 */
export function avroType(schema: unknown, references: readonly unknown[] = []): Type {
  const options = { registry: { long: longType }, typeHook };
  try {
    // avsc checks what it is given; its declarations ask for more than `unknown`.
    for (const reference of references) avsc.Type.forSchema(reference as avsc.Schema, options);
    return avsc.Type.forSchema(schema as avsc.Schema, options);
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', { message: `the Avro schema is wrong: ${messageOf(cause)}`, cause });
  }
}

/** Types that avsc does not know. */
function typeHook(schema: unknown): Type | undefined {
  if (typeof schema !== 'object' || schema === null || !('type' in schema) || schema.type !== 'long') return undefined;
  const { logicalType, 'connect.name': connectName } = schema as { logicalType?: unknown; 'connect.name'?: unknown };
  return isNanos(logicalType, connectName) ? nanosType : undefined;
}
