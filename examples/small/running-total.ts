/** Running total per customer, over everything so far. `node --import tsx examples/small/running-total.ts` */
import { pathToFileURL } from 'node:url';
import { consoleSink, count, dataflow, decimalSum, globalWindow, memory, type Sink } from 'millrace';

interface Payment {
  readonly customer: string;
  /** Cents. */
  readonly amount: number;
}

export interface Total {
  readonly customer: string;
  readonly payments: number;
  readonly total: number;
}

const payments: readonly Payment[] = [
  { customer: 'ada', amount: 10_00 },
  { customer: 'bob', amount: 5_50 },
  { customer: 'ada', amount: 2_25 },
];
const aggregates = { payments: count(), total: decimalSum((payment: Payment) => payment.amount) };

/** @param final gets each total once, at the end of the input; `updates` gets it with every payment */
export async function run(updates: Sink<Total>, final: Sink<Total>): Promise<void> {
  const flow = dataflow('running-total');
  const byCustomer = flow.from('payments', memory(payments)).keyBy((payment) => payment.customer);
  byCustomer.aggregate(aggregates, ({ key, value }) => ({ customer: key, ...value })).to('updates', updates);
  byCustomer
    .window(globalWindow({ firesAt: 'endOfStream' }))
    .aggregate(aggregates, ({ key, value }) => ({ customer: key, ...value }))
    .to('final', final);
  await (
    await flow.run()
  ).done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const shown = (what: string) => consoleSink<Total>({ format: (total) => `${what} ${JSON.stringify(total)}` });
  await run(shown('so far'), shown('in all'));
}
