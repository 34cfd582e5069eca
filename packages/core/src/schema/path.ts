import { shorten } from './show-value.ts';

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** Whether a field name may stand in a path, and in generated source, as it is. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

/** `order.amount`, or `order["the amount"]` for names that are no identifiers. */
export function fieldPath(path: string, name: string): string {
  if (!isIdentifier(name)) return `${path}[${shorten(JSON.stringify(name))}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** `items[3]`. */
export function indexPath(path: string, index: number): string {
  return `${path}[${index}]`;
}
