import type { SchemaDefinition, StructDefinition } from './definition.ts';
import type { FunctionSource } from './function-source.ts';
import { checkFieldName, fieldOf } from './unmappable.ts';

/**
 * Adds what makes an object of a struct's fields, in declared order; its variable. Optional fields are left out where they are
 * undefined.
 *
 * @param field adds what makes the value of a field; its expression, `undefined`: it is absent
 */
export function structSource(
  source: FunctionSource,
  struct: StructDefinition,
  path: string,
  field: (name: string, schema: SchemaDefinition, path: string) => string | undefined,
): string {
  const into = source.variable();
  const values = struct.fields.flatMap(({ name, schema }) => {
    const at = fieldOf(path, name);
    checkFieldName(name, at, 'The registry');
    const value = field(name, schema, at);
    return value === undefined ? [] : [{ name, value, optional: schema.kind === 'optional' }];
  });
  // A literal has its shape at once; it goes as far as no field can be missing.
  const firstOptional = values.findIndex(({ optional }) => optional);
  const literal = firstOptional < 0 ? values : values.slice(0, firstOptional);
  source.add(`const ${into} = { ${literal.map(({ name, value }) => `${name}: ${value}`).join(', ')} };`);
  for (const { name, value, optional } of values.slice(literal.length)) {
    const guard = optional ? `if (${value} !== undefined) ` : '';
    source.add(`${guard}${into}.${name} = ${value};`);
  }
  return into;
}
