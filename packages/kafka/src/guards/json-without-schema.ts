import type { GuardFinding } from 'millrace';

/** Name of the format that takes whatever is JSON. */
const ANY_JSON = 'json';

/**
 * JSON that nothing checks, on a topic that others read or write, too.
 *
 * @param where the connector, such as `kafka.topic('orders')`
 * @param side what is not checked
 */
export function jsonWithoutSchema(
  where: string,
  side: 'read' | 'written',
  options: { readonly format?: { readonly name: string }; readonly schema?: object },
): readonly GuardFinding[] {
  const { format, schema } = options;
  if (schema !== undefined || (format !== undefined && format.name !== ANY_JSON)) return [];
  const risk =
    side === 'read'
      ? 'whatever a producer sends gets into the program'
      : 'nothing tells readers what to expect, and nothing stops a change that breaks them';
  return [
    {
      guard: 'json-without-schema',
      message: `${where}: JSON is ${side} without a schema, so that ${risk}.`,
      cure: 'Give it schema: struct({ ... }), or a format with one.',
    },
  ];
}
