import { decimalBytes } from '../mapping/decimal-bytes.ts';
import type { StructDefinition } from '../mapping/definition.ts';
import { structWriter } from '../mapping/struct-writer.ts';

/** A function that makes of a value of a struct what avsc writes by `structToAvro`; throws `REFUSED`. */
export function avroStructWriter(struct: StructDefinition): (value: unknown) => unknown {
  return structWriter(struct, {
    decimal: (source, raw) => `${source.use(decimalBytes)}(${raw})`,
    timestamp: (_, raw) => raw,
  });
}
