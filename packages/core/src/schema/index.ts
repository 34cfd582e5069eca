export { compileDecoder, type Decoder } from './compile-decoder.ts';
export type {
  ArrayDefinition,
  DecimalDefinition,
  OptionalDefinition,
  SchemaDefinition,
  StructDefinition,
} from './definition.ts';
export { formatDecimal } from './format-decimal.ts';
export { array } from './kinds/array.ts';
export { boolean } from './kinds/boolean.ts';
export { decimal, type BigIntPrecision, type DecimalValue, type NumberPrecision } from './kinds/decimal.ts';
export { double } from './kinds/double.ts';
export { int } from './kinds/int.ts';
export { json } from './kinds/json.ts';
export { optional, type OptionalSchema } from './kinds/optional.ts';
export { string } from './kinds/string.ts';
export { struct, type StructFields, type StructSchema, type StructValue } from './kinds/struct.ts';
export { timestamp } from './kinds/timestamp.ts';
export { notJson } from './malformed.ts';
export type { Infer, Schema } from './schema.ts';
