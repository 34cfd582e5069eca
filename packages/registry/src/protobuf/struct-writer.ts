import { formatDecimal } from 'millrace';
import type { StructDefinition } from '../mapping/definition.ts';
import { structWriter } from '../mapping/struct-writer.ts';
import { timestampOf } from './field-values.ts';

/** A function that makes of a value of a struct what protobufjs writes by `structToProto`; throws `REFUSED`. */
export function protoStructWriter(struct: StructDefinition): (value: unknown) => object {
  return structWriter(struct, {
    decimal: (source, raw, { scale }) => `${source.use(formatDecimal)}(${raw}, ${scale})`,
    timestamp: (source, raw) => `${source.use(timestampOf)}(${raw})`,
  });
}
