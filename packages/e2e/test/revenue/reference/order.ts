import { instantOf } from './instant.ts';

/** What the job needs of an order. */
export interface Order {
  readonly category: string;
  readonly cents: bigint;
  readonly timeMs: number;
}

/** Text of a line, `undefined` if the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The order of a line, `undefined` if it is malformed. */
export function orderOf(text: string | undefined): Order | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const field = (name: string): unknown => Object.getOwnPropertyDescriptor(value, name)?.value;
  const category = field('category');
  const timeMs = instantOf(field('event_time'));
  const cents = centsOf(field('amount'));
  if (typeof field('order_id') !== 'string' || typeof field('customer_id') !== 'string') return undefined;
  if (typeof category !== 'string' || timeMs === undefined || cents === undefined) return undefined;
  return { category, cents, timeMs };
}

/** DECIMAL(10,2) from a JSON number: `|100a - round(100a)| < 1e-3` and `|a| < 1e8`. */
function centsOf(amount: unknown): bigint | undefined {
  if (typeof amount !== 'number' || !(Math.abs(amount) < 1e8)) return undefined;
  const scaled = amount * 100;
  const rounded = Math.round(scaled);
  return Math.abs(scaled - rounded) < 1e-3 ? BigInt(rounded) : undefined;
}
