import { pickDepartment } from './catalog.ts';
import { eventTimeJson } from './event-time.ts';
import type { Random } from './random.ts';

const CUSTOMERS = 20_000;
const REFUND_PER_MILLE = 15;
const UNUSUAL_PER_MILLE = 60;

/** One order as its producer wrote it: always valid, not always in the same form. Without a line end. */
export function orderLine(index: number, timeMs: number, random: Random): string {
  const department = pickDepartment(random);
  const cents = department.centsMin + random.below(department.centsSpan);
  const signed = random.chance(REFUND_PER_MILLE) ? -cents : cents;
  const order = `"o-${index}"`;
  const customer = `"c-${random.below(CUSTOMERS)}"`;
  const time = eventTimeJson(timeMs, random);
  if (!random.chance(UNUSUAL_PER_MILLE)) {
    return `{"order_id":${order},"customer_id":${customer},"amount":${signed / 100},"category":${department.json},"event_time":${time}}`;
  }
  const amount = amountForms(signed, random);
  switch (random.below(5)) {
    case 0: // another order of fields, blanks between them
      return `{ "event_time": ${time}, "category": ${department.json}, "amount": ${amount}, "customer_id": ${customer},\t"order_id": ${order} }`;
    case 1: // the same category, escaped
      return `{"order_id":${order},"customer_id":${customer},"amount":${amount},"category":${department.escaped},"event_time":${time}}`;
    case 2: // nested fields of the same names, which mean nothing
      return `{"items":[{"category":"decoy","amount":"1.999","event_time":0}],"order_id":${order},"customer_id":${customer},"shipping":{"amount":4.999,"category":null,"order_id":7},"amount":${amount},"category":${department.json},"event_time":${time}}`;
    case 3: // a text that looks like the fields
      return `{"order_id":${order},"customer_id":${customer},"note":"\\"amount\\":9,\\"category\\":\\"decoy\\" {[,","amount":${amount},"category":${department.json},"event_time":${time}}`;
    default: // a key that JavaScript knows, and an escaped one
      return `{"__proto__":{"category":"decoy"},"order_id":${order},"customer_\\u0069d":${customer},"amount":${amount},"category":${department.json},"event_time":${time},"tags":[]}`;
  }
}

/** The same amount in forms that JSON allows: `12.5`, `12.50`, `1250e-2`. */
function amountForms(cents: number, random: Random): string {
  const form = random.below(3);
  if (form === 0) return (cents / 100).toFixed(2);
  return form === 1 ? `${cents}e-2` : String(cents / 100);
}
