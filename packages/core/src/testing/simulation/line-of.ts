/** Any record as one line of text; equal records have equal lines. */
export function lineOf(value: unknown): string {
  return JSON.stringify(value, shown) ?? 'undefined';
}

function shown(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Map) return { map: [...value] };
  if (value instanceof Set) return { set: [...value] };
  return value;
}
