/** Drops payments that were sent twice within an hour. `node --import tsx examples/small/dedupe.ts` */
import { pathToFileURL } from 'node:url';
import { boundedOutOfOrderness, consoleSink, dataflow, memory, type Sink } from 'millrace';

export interface Payment {
  readonly id: string;
  readonly account: string;
  readonly amount: number;
  readonly time: number;
}

const minute = 60_000;
const payments: readonly Payment[] = [
  { id: 'p1', account: 'ada', amount: 10, time: 0 },
  { id: 'p2', account: 'ada', amount: 20, time: 1 * minute },
  // Sent again by an impatient client.
  { id: 'p1', account: 'ada', amount: 10, time: 2 * minute },
  // The same id of another account is another payment.
  { id: 'p1', account: 'bob', amount: 30, time: 3 * minute },
  // An hour later the id counts as new: this is how long it was remembered.
  { id: 'p1', account: 'ada', amount: 10, time: 60 * minute },
];

export async function run(out: Sink<Payment>): Promise<void> {
  const flow = dataflow('dedupe');
  flow
    .from('payments', memory(payments), { watermarks: boundedOutOfOrderness('5m', (payment) => payment.time) })
    .keyBy((payment) => payment.account)
    .dedupe({ by: (payment) => payment.id, within: '1h' })
    .to('unique', out);
  await (
    await flow.run()
  ).done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(consoleSink());
