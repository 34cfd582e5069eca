import { pickDepartment } from './catalog.ts';
import { eventTimeJson } from './event-time.ts';
import type { Random } from './random.ts';

const CUSTOMERS = 20_000;
const REFUND_PER_MILLE = 15;
const UNUSUAL_PER_MILLE = 60;

/** The values of an order, each as JSON. */
interface OrderValues {
  readonly order: string;
  readonly customer: string;
  readonly amount: string | number;
  readonly category: string;
  readonly time: string;
}

/** One order as its producer wrote it: always valid, not always in the same form. Without a line end. */
export function orderLine(index: number, timeMs: number, random: Random): string {
  const department = pickDepartment(random);
  const cents = department.centsMin + random.below(department.centsSpan);
  const signed = random.chance(REFUND_PER_MILLE) ? -cents : cents;
  const order = `"o-${index}"`;
  const customer = `"c-${random.below(CUSTOMERS)}"`;
  const time = eventTimeJson(timeMs, random);
  const category = department.json;
  if (!random.chance(UNUSUAL_PER_MILLE)) {
    return plainLine({ order, customer, amount: signed / 100, category, time });
  }
  const values = { order, customer, amount: amountForms(signed, random), category, time };
  const form = random.below(5);
  return form === 1 ? plainLine({ ...values, category: department.escaped }) : unusualLine(form, values);
}

function plainLine({ order, customer, amount, category, time }: OrderValues): string {
  const ids = `"order_id":${order},"customer_id":${customer}`;
  return `{${ids},"amount":${amount},"category":${category},"event_time":${time}}`;
}

function unusualLine(form: number, { order, customer, amount, category, time }: OrderValues): string {
  const ids = `"order_id":${order},"customer_id":${customer}`;
  const rest = `"amount":${amount},"category":${category},"event_time":${time}`;
  switch (form) {
    case 0: // another order of fields, blanks between them
      return (
        `{ "event_time": ${time}, "category": ${category}, "amount": ${amount}, ` +
        `"customer_id": ${customer},\t"order_id": ${order} }`
      );
    case 2: // nested fields of the same names, which mean nothing
      return (
        `{"items":[{"category":"decoy","amount":"1.999","event_time":0}],${ids},` +
        `"shipping":{"amount":4.999,"category":null,"order_id":7},${rest}}`
      );
    case 3: // a text that looks like the fields
      return `{${ids},"note":"\\"amount\\":9,\\"category\\":\\"decoy\\" {[,",${rest}}`;
    default: // a key that JavaScript knows, and an escaped one
      return (
        `{"__proto__":{"category":"decoy"},"order_id":${order},` + `"customer_\\u0069d":${customer},${rest},"tags":[]}`
      );
  }
}

/** The same amount in forms that JSON allows: `12.5`, `12.50`, `1250e-2`. */
function amountForms(cents: number, random: Random): string {
  const form = random.below(3);
  if (form === 0) return (cents / 100).toFixed(2);
  return form === 1 ? `${cents}e-2` : String(cents / 100);
}
