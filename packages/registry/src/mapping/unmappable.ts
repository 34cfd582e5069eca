import { MillraceError } from 'millrace';

/** A schema that has no counterpart: names the field, says why, and what to do. */
export function unmappable(path: string, why: string, cure: string): MillraceError {
  return new MillraceError('SCHEMA_INVALID', {
    message: `${path === '' ? 'the schema' : `field ${path}`} cannot be mapped: ${why}. ${cure}`,
    fields: { path },
  });
}

/** Names that Avro, Protobuf and generated source take as they are. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws MillraceError `SCHEMA_INVALID` */
export function checkFieldName(name: string, path: string, format: string): void {
  if (NAME.test(name) && name !== '__proto__') return;
  throw unmappable(path, `${format} has no field named ${JSON.stringify(name)}`, 'Name it by letters, digits and _.');
}

/** `order.amount`. */
export const fieldOf = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** `items[]`. */
export const itemOf = (path: string): string => `${path}[]`;
