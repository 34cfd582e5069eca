/** Fields of a line as JSON text, so that forms which `JSON.stringify` never writes can be tested. */
export interface OrderFields {
  readonly order_id?: string;
  readonly customer_id?: string;
  readonly amount?: string | number;
  readonly category?: string;
  readonly event_time?: string | number;
}

/** Noon of 2026-01-05: hand-made orders happen then, if nothing else is said. */
export const NOON = Date.UTC(2026, 0, 5, 12);

/** One line of input without line end; every field is JSON text. */
export function orderLine(fields: OrderFields = {}): string {
  const all = { order_id: '"o"', customer_id: '"c"', amount: 12.5, category: '"books"', event_time: NOON, ...fields };
  const members = Object.entries(all).map(([name, json]) => `"${name}":${json}`);
  return `{${members.join(',')}}`;
}

/** Lines with line ends. */
export function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
