import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  noRestart,
  silentLogger,
  tumbling,
  type JobEvent,
  type RunOptions,
} from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka, type KafkaSinkOptions } from '../../src/index.ts';
import { bootstrap, newFolder, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

interface Order {
  readonly i: number;
  /** Text that does not get smaller by compression. */
  readonly text: string;
}

const noise = (length: number, seed: number): string => {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return String.fromCharCode(33 + ((state >> 16) % 90));
  }).join('');
};

/** Every so many records are refused by the output topic. */
const isPoison = (i: number): boolean => i % 197 === 13;

const orders = (records: number, large: number) =>
  Array.from({ length: records }, (_, i) => ({
    text: JSON.stringify({ i, text: noise(isPoison(i) ? large : 40, i) } satisfies Order),
    partition: i % 3,
    timestamp: 1_000_000 + i * 10,
  }));

interface Case {
  readonly what: string;
  readonly config: Record<string, string>;
  readonly large: number;
  readonly sink: KafkaSinkOptions<Order>;
  readonly reason: RegExp;
}

const key = ({ i }: Order): string => `k${i % 7}`;

const CASES: readonly Case[] = [
  {
    what: 'records too large for the topic',
    config: { 'max.message.bytes': '20000' },
    large: 30_000,
    sink: { key },
    reason: /Message size too large \(10\)\. Raise max\.message\.bytes/,
  },
  {
    what: 'records without key on a compacted topic',
    config: { 'cleanup.policy': 'compact' },
    large: 40,
    sink: { key: (order) => (isPoison(order.i) ? null : key(order)), partition: ({ i }, partitions) => i % partitions },
    reason: /failed to validate record \(87\)\. A topic that is compacted/,
  },
  {
    what: 'timestamps too far ahead',
    config: { 'message.timestamp.after.max.ms': '3600000' },
    large: 40,
    sink: { key, timestamp: ({ i }) => (isPoison(i) ? 9_000_000_000_000 : 1_000_000 + i) },
    reason: /Invalid timestamp \(32\)\. Its timestamp is further/,
  },
  {
    what: 'headers too large for the topic',
    config: { 'max.message.bytes': '20000' },
    large: 40,
    sink: { key, headers: ({ i }) => ({ note: noise(isPoison(i) ? 30_000 : 5, i) }) },
    reason: /Message size too large \(10\)/,
  },
];

async function run(flow: ReturnType<typeof dataflow>, folder: string, options: Partial<RunOptions> = {}) {
  const events: JobEvent[] = [];
  const handle = await flow.run(
    kafka.solo({
      bootstrap,
      checkpoints: directory(folder),
      logger: silentLogger,
      onEvent: (event) => events.push(event),
      ...options,
    }),
  );
  await handle.done;
  return { handle, restarts: events.filter(({ type }) => type === 'restarting').length };
}

const numbers = (records: readonly { readonly value: string }[]) =>
  records.map(({ value }) => (JSON.parse(value) as Order).i).sort((a, b) => a - b);

const numbered = (records: number, wanted: (i: number) => boolean) =>
  Array.from({ length: records }, (_, i) => i).filter(wanted);

withBroker('output that brokers refuse', () => {
  it.each(CASES)('$what: dead letters for them alone, all others once', async ({ config, large, sink, reason }) => {
    const records = 1_200;
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 2, config)];
    await produce(input, orders(records, large));
    const group = uniqueName('job');
    const flow = dataflow(group);
    flow
      .from('orders', kafka.topic<Order>(input, { until: 'end' }))
      .map((order) => order)
      .to('copies', kafka.sink(output, sink));
    // Small steps, so that poison comes in several transactions.
    const { handle, restarts } = await run(flow, newFolder(), { onError: kafka.deadLetters(), commitInterval: '50ms' });
    expect(handle.status).toBe('finished');
    expect(restarts).toBeGreaterThan(0);
    const read = readWithJava(output);
    expect(numbers(read)).toEqual(numbered(records, (i) => !isPoison(i)));
    const letters = readWithJava(`dlq.${group}.${input}`);
    expect(numbers(letters)).toEqual(numbered(records, isPoison));
    for (const { headers } of letters) {
      expect(headers).toContain('millrace.error.code:RECORD_REFUSED');
      expect(headers).toContain('millrace.operator:copies');
      expect(headers).toMatch(reason);
    }
    // Nobody was overtaken by a record with the same key.
    for (const partition of [0, 1]) {
      const byKey = new Map<string, number>();
      for (const one of read.filter((record) => record.partition === partition)) {
        const from = `${one.key} ${(JSON.parse(one.value) as Order).i % 3}`;
        const { i } = JSON.parse(one.value) as Order;
        expect(i).toBeGreaterThan(byKey.get(from) ?? -1);
        byKey.set(from, i);
      }
    }
  });

  it('batches that are too large for the topic get smaller; none of their records is at fault', async () => {
    const records = 3_000;
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 1, { 'max.message.bytes': '3000' })];
    await produce(input, orders(records, 40));
    const group = uniqueName('job');
    const flow = dataflow(group);
    flow.from('orders', kafka.topic<Order>(input, { until: 'end' })).to('copies', kafka.sink(output));
    const { handle } = await run(flow, newFolder());
    expect(handle.status).toBe('finished');
    expect(numbers(readWithJava(output))).toEqual(numbered(records, () => true));
  });

  it('a window whose result is refused goes to the dead letters with key, window and what it held', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 2, { 'max.message.bytes': '20000' })];
    await produce(input, orders(600, 40));
    const group = uniqueName('job');
    const flow = dataflow(group);
    flow
      .from('orders', kafka.topic<Order>(input, { until: 'end' }), {
        watermarks: boundedOutOfOrderness('1s', ({ i }) => i * 100),
      })
      .keyBy(({ i }) => i % 4)
      .window(tumbling('10s'))
      .aggregate({ orders: count() }, ({ key: k, window, value }) => ({
        k,
        start: window.start,
        orders: value.orders,
        note: k === 2 && window.start === 30_000 ? noise(30_000, 1) : '',
      }))
      .named('totals')
      .to('rows', kafka.sink(output, { key: ({ k }) => `k${k}` }));
    const { handle } = await run(flow, newFolder(), { onError: kafka.deadLetters(), commitInterval: '50ms' });
    expect(handle.status).toBe('finished');
    const rows = readWithJava(output).map(
      ({ value }) => JSON.parse(value) as { k: number; start: number; orders: number },
    );
    const expected = [0, 10, 20, 30, 40, 50].flatMap((s) =>
      [0, 1, 2, 3].map((k) => ({ k, start: s * 1_000, orders: 25 })),
    );
    const byPlace = (a: { k: number; start: number }, b: { k: number; start: number }) =>
      a.start - b.start || a.k - b.k;
    expect(rows.map(({ k, start, orders: n }) => ({ k, start, orders: n })).sort(byPlace)).toEqual(
      expected.filter(({ k, start }) => !(k === 2 && start === 30_000)),
    );
    const letters = readWithJava(`dlq.${group}.rows`);
    expect(letters).toMatchObject([{ key: '2', value: '{"orders":25}' }]);
    expect(letters[0]?.headers).toContain('millrace.window:30000/40000');
    expect(letters[0]?.headers).not.toMatch(/millrace\.(partition|offset)/);
    expect(letters[0]?.headers).toContain('millrace.source:totals');
    expect(letters[0]?.headers).toContain('millrace.error.code:RECORD_REFUSED');
  });

  it('without dead letters the job fails once, and says which record, why, and what helps', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 2, { 'max.message.bytes': '20000' })];
    await produce(input, orders(100, 30_000));
    const flow = dataflow(uniqueName('job'));
    flow.from('orders', kafka.topic<Order>(input, { until: 'end' })).to('copies', kafka.sink(output, { key }));
    const error: unknown = await run(flow, newFolder(), { restart: noRestart() }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'RECORD_REFUSED',
      retryable: false,
      fields: { operator: 'copies', position: 4 },
    });
    expect((error as Error).message).toMatch(
      new RegExp(
        `topic '${output}' does not take the record with key "k6", 30\\d{3} bytes.*\\(10\\)\\. Raise max\\.message\\.bytes`,
      ),
    );
    expect(readWithJava(output).every(({ value }) => !isPoison((JSON.parse(value) as Order).i))).toBe(true);
  });

  it('a dead letter that its topic refuses fails the job once', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 1, { 'max.message.bytes': '20000' })];
    const dead = await newTopic('dead', 1, { 'max.message.bytes': '1000' });
    await produce(input, orders(100, 30_000));
    const flow = dataflow(uniqueName('job'));
    flow.from('orders', kafka.topic<Order>(input, { until: 'end' })).to('copies', kafka.sink(output, { key }));
    const job = run(flow, newFolder(), { onError: kafka.deadLetters({ topic: dead }), restart: noRestart() });
    await expect(job).rejects.toMatchObject({
      code: 'RECORD_REFUSED',
      retryable: false,
      message: expect.stringContaining(`topic '${dead}' does not take the dead letter`) as string,
    });
  });

  it('whoever is killed meanwhile finds out again', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 2, { 'max.message.bytes': '20000' })];
    await produce(input, orders(600, 30_000));
    const [name, folder] = [uniqueName('job'), newFolder()];
    const job = (killAt: number) => untilKilled([bootstrap, name, input, output, folder], killAt);
    // After the refusal, when records are suspects; after they were gathered; and then not at all.
    expect(await job(1)).toBe('killed');
    expect(await job(2)).toBe('killed');
    expect(await job(Infinity)).toBe('done');
    expect(numbers(readWithJava(output))).toEqual(numbered(600, (i) => !isPoison(i)));
    expect(numbers(readWithJava(`dlq.${name}.${input}`))).toEqual(numbered(600, isPoison));
  });
});

/** Runs the job in a process of its own, which is killed when it begins again for the n-th time. */
function untilKilled(args: readonly string[], killAt: number): Promise<'killed' | 'done'> {
  const program = fileURLToPath(new URL('../setup/poison-job.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=millrace-source', '--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let restarts = 0;
  let done = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('done\n')) done = true;
    restarts += text.split('restarting').length - 1;
    if (restarts >= killAt) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve('killed');
      else if (done) resolve('done');
      else reject(new Error(`the job ended with ${String(code)}`));
    });
  });
}
