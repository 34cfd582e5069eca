import { decimalCheck } from './decimal-value.ts';
import type { DecimalDefinition, SchemaDefinition, StructDefinition } from './definition.ts';
import { FunctionSource } from './function-source.ts';
import { jsonText } from './json-text.ts';
import { REFUSED } from './refused.ts';

/** What formats write differently: expressions of the value in `raw`, which was checked. */
export interface WriterLeaves {
  decimal(source: FunctionSource, raw: string, definition: DecimalDefinition): string;
  timestamp(source: FunctionSource, raw: string): string;
}

/** A function that makes of a value of a struct what a codec writes; throws `REFUSED` for a value that does not fit. */
export function structWriter(struct: StructDefinition, leaves: WriterLeaves): (value: unknown) => object {
  const source = new FunctionSource();
  return source.compile(emit(source, struct, 'value', leaves));
}

function emit(source: FunctionSource, schema: SchemaDefinition, raw: string, leaves: WriterLeaves): string {
  const unless = (condition: string): void => source.add(`if (!(${condition})) throw ${source.use(REFUSED)};`);
  switch (schema.kind) {
    case 'string':
    case 'boolean':
      unless(`typeof ${raw} === '${schema.kind}'`);
      return raw;
    case 'double':
      // Neither infinite nor NaN.
      unless(`typeof ${raw} === 'number' && ${raw} - ${raw} === 0`);
      return raw;
    case 'int':
      unless(`Number.isSafeInteger(${raw})`);
      return raw;
    case 'timestamp':
      unless(`Number.isSafeInteger(${raw})`);
      return leaves.timestamp(source, raw);
    case 'json':
      return `${source.use(jsonText)}(${raw})`;
    case 'decimal':
      unless(`${source.use(decimalCheck(schema))}(${raw})`);
      return leaves.decimal(source, raw, schema);
    case 'optional': {
      const value = source.variable();
      source.add(`let ${value} = null;`);
      source.add(`if (${raw} !== undefined) {`);
      source.add(`${value} = ${emit(source, schema.item, raw, leaves)};`);
      source.add('}');
      return value;
    }
    case 'array': {
      const [into, index, item] = [source.variable(), source.variable(), source.variable()];
      unless(`Array.isArray(${raw})`);
      source.add(`const ${into} = new Array(${raw}.length);`);
      source.add(`for (let ${index} = 0; ${index} < ${raw}.length; ${index}++) {`);
      source.add(`const ${item} = ${raw}[${index}];`);
      source.add(`${into}[${index}] = ${emit(source, schema.item, item, leaves)};`);
      source.add('}');
      return into;
    }
    case 'struct': {
      unless(`typeof ${raw} === 'object' && ${raw} !== null`);
      const fields = schema.fields.map(({ name, schema: field }) => {
        const value = source.variable();
        source.add(`const ${value} = ${raw}.${name};`);
        return `${name}: ${emit(source, field, value, leaves)}`;
      });
      const into = source.variable();
      source.add(`const ${into} = { ${fields.join(', ')} };`);
      return into;
    }
    default:
      return schema;
  }
}
