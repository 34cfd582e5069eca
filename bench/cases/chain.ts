import { dataflow, memory, silentLogger } from 'millrace';
import { filter, from, map } from 'rxjs';
import { Digest, takingSink } from '../harness/digest.ts';
import { alternate, cpuRatio, figuresOf, speedBar, type Contender } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { randomInts } from '../harness/records.ts';

interface Order {
  readonly id: number;
  readonly category: number;
  readonly cents: number;
}

const toEuros = (o: Order) => ({ id: o.id, category: o.category, euros: o.cents / 100 });
type Euros = ReturnType<typeof toEuros>;
const isLarge = (o: Euros): boolean => o.euros >= 10;
const withTax = (o: Euros) => ({ id: o.id, category: o.category, gross: o.euros * 1.25 });
type Gross = ReturnType<typeof withTax>;
const isWanted = (o: Gross): boolean => o.category !== 3;
const toPoints = (o: Gross) => ({ id: o.id, points: Math.floor(o.gross) });
type Points = ReturnType<typeof toPoints>;

function orders(count: number): Order[] {
  const random = randomInts(11);
  return Array.from({ length: count }, (_, id) => ({ id, category: random(10), cents: random(10_000) }));
}

function loop(input: readonly Order[]): string {
  const digest = new Digest();
  for (const order of input) {
    const euros = toEuros(order);
    if (!isLarge(euros)) continue;
    const gross = withTax(euros);
    if (!isWanted(gross)) continue;
    digest.add(toPoints(gross).points);
  }
  return digest.toString();
}

function rxjs(input: readonly Order[]): string {
  const digest = new Digest();
  from(input)
    .pipe(map(toEuros), filter(isLarge), map(withTax), filter(isWanted), map(toPoints))
    .subscribe((o) => digest.add(o.points));
  return digest.toString();
}

async function millrace(input: readonly Order[]): Promise<string> {
  const digest = new Digest();
  const flow = dataflow('chain');
  flow
    .from('orders', memory(input))
    .map(toEuros)
    .filter(isLarge)
    .map(withTax)
    .filter(isWanted)
    .map(toPoints)
    .to(
      'digest',
      takingSink<Points>((o) => digest.add(o.points)),
    );
  await (
    await flow.run({ logger: silentLogger })
  ).done;
  return digest.toString();
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  // Long enough for the steady state: 1e6 records take 50 ms, in which compiling the pipeline's own code shows.
  const input = orders(quick ? 300_000 : 4_000_000);
  const contenders: Contender[] = [
    { name: 'millrace', run: () => millrace(input) },
    { name: 'RxJS 7', run: () => rxjs(input) },
    { name: 'hand-written loop', run: () => loop(input) },
  ];
  const measured = await alternate(contenders, rounds);
  const { bar, note } = speedBar(measured, 'millrace', 'RxJS 7', 2);
  const overLoop = cpuRatio(measured, 'hand-written loop', 'millrace').toFixed(2);
  return {
    name: 'chain',
    figures: figuresOf(measured, input.length),
    bars: [bar],
    notes: [note, `speed per core against the hand-written loop: ${overLoop}`],
    wrong: measured.wrong,
  };
}

export const chain: BenchCase = { name: 'chain', about: 'stateless chain of 5 operators on objects', run };
