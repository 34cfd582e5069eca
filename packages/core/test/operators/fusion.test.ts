import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  avg,
  count,
  dataflow,
  deadLetter,
  decimalSum,
  max,
  memory,
  memorySink,
  min,
  silentLogger,
  sum,
  tumbling,
  type DataStream,
  type DeadLetter,
} from '../../src/index.ts';

type Step = { readonly kind: 'map' | 'filter'; readonly n: number; readonly fails: boolean };

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('map' as const, 'filter' as const),
    n: fc.integer({ min: 2, max: 5 }),
    fails: fc.boolean(),
  }),
  { maxLength: 8 },
);

function apply(stream: DataStream<number, true>, { kind, n, fails }: Step): DataStream<number, true> {
  const checked = (value: number): number => {
    if (fails && value % 7 === 0) throw new RangeError(`no ${value}`);
    return value;
  };
  return kind === 'map' ? stream.map((v) => checked(v) + n) : stream.filter((v) => checked(v) % n !== 0);
}

/** Everything that can be seen of a run. */
async function run(
  fusion: 'auto' | 'off',
  chain: readonly Step[],
  numbers: readonly number[],
  size: number,
): Promise<unknown> {
  const out = memorySink<unknown>();
  const letters = memorySink<DeadLetter>();
  const flow = dataflow('f');
  let stream = flow.from('numbers', memory(numbers), { watermarks: ascendingTimestamps((n) => Math.abs(n)) });
  for (const step of chain) stream = apply(stream, step);
  stream
    .keyBy((n) => n % 3)
    .window(tumbling(size))
    .aggregate({
      n: count(),
      sum: sum((n) => n / 3),
      exact: decimalSum((n) => n),
      mean: avg((n) => n),
      least: min((n) => n),
      most: max((n) => n),
    })
    .to('out', out);
  const handle = await flow.run({ fusion, logger: silentLogger, onError: deadLetter(letters) });
  await handle.done;
  return { rows: out.rows, timestamps: out.timestamps, letters: letters.rows, operators: handle.metrics().operators };
}

describe("fusion: 'auto' and 'off'", () => {
  it('give the same results, dead letters and counters', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.integer({ min: -500, max: 500 })),
        fc.integer({ min: 1, max: 300 }),
        async (chain, numbers, size) => {
          expect(await run('auto', chain, numbers, size)).toEqual(await run('off', chain, numbers, size));
        },
      ),
    );
  });

  it("an error has the same fields in both, and 'auto' really generates code", async () => {
    const outcome = async (fusion: 'auto' | 'off'): Promise<unknown> => {
      const flow = dataflow('f');
      const fail = (): never => {
        throw new Error(String(new Error('x').stack).includes('eval at webFunctionCompiler') ? 'generated' : 'shared');
      };
      flow
        .from('n', memory([1]))
        .map(fail)
        .to('out', memorySink());
      const handle = await flow.run({ fusion });
      return handle.done.catch((error: unknown) => error);
    };
    const fields = { code: 'USER_FUNCTION', fields: { operator: 'n.map', partition: '0', position: 0 } };
    expect(await outcome('auto')).toMatchObject({ ...fields, message: expect.stringContaining('generated') });
    expect(await outcome('off')).toMatchObject({ ...fields, message: expect.stringContaining('shared') });
  });
});
