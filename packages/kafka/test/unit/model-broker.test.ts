import { dataflow, memoryCheckpoints, silentLogger } from 'millrace';
import { VirtualTime } from 'millrace/testing';
import { expect, it } from 'vitest';
import { kafka, type GroupOffset, type OutgoingRecord, type ProducerDriver } from '../../src/index.ts';
import { modelBroker, type BrokerEvent, type ClientHost, type Fate, type KafkaStep } from '../../src/testing.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const record = (value: string): OutgoingRecord => ({
  topic: 'out',
  partition: 0,
  key: null,
  value: encoder.encode(value),
  timestamp: 1,
  headers: [],
});

/** A cluster on a clock that the test moves, with one process. */
class Bench {
  readonly time = new VirtualTime(1_000_000);
  readonly events: BrokerEvent[] = [];
  readonly steps: string[] = [];
  readonly cluster = modelBroker({
    clock: this.time,
    scheduler: this.time,
    travelMs: () => 1,
    onEvent: (event) => this.events.push(event),
  });
  alive = true;
  fate: { step: KafkaStep; fate: Fate } | undefined;
  private readonly host: ClientHost = {
    clock: this.time,
    scheduler: {
      defer: (task) => this.time.defer(task),
      after: (delayMs, task) => this.time.after(delayMs, () => (this.alive ? task() : undefined)),
    },
    isAlive: () => this.alive,
    deliver: (delayMs, run) => void this.time.after(delayMs, () => (this.alive ? run() : undefined)),
    before: (step) => {
      this.steps.push(`before ${step}`);
      const { fate } = this;
      if (fate?.step !== step) return 'answered';
      this.fate = undefined;
      return fate.fate;
    },
    after: (step) => void this.steps.push(`after ${step}`),
  };
  readonly driver = this.cluster.driverFor(this.host);

  constructor() {
    this.cluster.createTopic('out');
  }

  async pass(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      this.time.advance(1);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  }

  /** What a call comes to within so many milliseconds. */
  async within<R>(ms: number, call: Promise<R>): Promise<R | number | undefined> {
    let outcome: R | number | undefined;
    call.then(
      (result) => (outcome = result),
      (error: { readonly fields?: { readonly kafka?: number } }) => (outcome = error.fields?.kafka),
    );
    await this.pass(ms);
    return outcome;
  }

  async producer(): Promise<ProducerDriver> {
    const settings = { 'transactional.id': 'job', 'transaction.timeout.ms': 30_000, 'linger.ms': 0 };
    const opened = await this.within(10, this.driver.producer(settings, { failed: () => undefined }));
    const producer = opened as ProducerDriver;
    // A predecessor's transaction takes a while to be ended.
    await this.within(100, producer.initTransactions());
    return producer;
  }

  async begun(value: string): Promise<ProducerDriver> {
    const producer = await this.producer();
    await this.write(producer, value);
    return producer;
  }

  async write(producer: ProducerDriver, value: string): Promise<void> {
    await this.within(2, producer.begin());
    producer.send(record(value));
    await this.within(10, producer.flush());
  }

  get readable(): string[] {
    return this.cluster.records('out').map(({ value }) => decoder.decode(value ?? new Uint8Array(0)));
  }
}

it('a job runs on the model as it does on a cluster', async () => {
  const cluster = modelBroker();
  cluster.createTopic('in', 2);
  cluster.createTopic('out', 2);
  cluster.produce('in', [
    { partition: 0, key: 'a', value: '{"n":1}' },
    { partition: 1, key: 'b', value: '{"n":2}' },
  ]);
  cluster.produce('in', [{ value: '{"n":3}' }], 'abort');
  const flow = dataflow('copy');
  const key = ({ n }: { readonly n: number }): string => String(n);
  flow.from('in', kafka.topic<{ n: number }>('in', { until: 'end' })).to('out', kafka.sink('out', { key }));
  const checkpoints = memoryCheckpoints();
  const options = { bootstrap: 'model:9092', driver: cluster.driver, checkpoints, logger: silentLogger };
  await (
    await flow.run(kafka.solo(options))
  ).done;
  const out = cluster.records('out').map(({ value }) => decoder.decode(value ?? new Uint8Array(0)));
  expect(out.sort()).toEqual(['{"n":1}', '{"n":2}']);
  const offsets: readonly GroupOffset[] = cluster.committed('copy');
  expect(offsets.map(({ partition, offset }) => [partition, offset])).toEqual([
    // Behind the aborted record and its control record nothing is left to read: the position is that of the end.
    [0, 3],
    [1, 1],
  ]);
  expect(offsets[0]?.metadata).toContain('"millrace":1');
  expect(cluster.hidden('out')).toBe(false);
});

it('a restart of the broker loses nothing; calls wait for it', async () => {
  const bench = new Bench();
  const producer = await bench.begun('written before');
  bench.cluster.restart(500);
  const commit = producer.commit().then(() => 'committed');
  expect(await bench.within(499, commit)).toBe(undefined);
  expect(await bench.within(10, commit)).toBe('committed');
  expect(bench.readable).toEqual(['written before']);
});

it.each<[Fate, readonly string[], readonly string[]]>([
  ['request lost', [], []],
  ['request delayed', [], ['x']],
  ['answer lost', ['x'], ['x']],
])('a commit comes back as timed out, whatever became of it: %s', async (fate, atOnce, later) => {
  const bench = new Bench();
  const producer = await bench.begun('x');
  bench.fate = { step: 'transaction committed', fate };
  const commit = producer.commit();
  commit.catch(() => undefined);
  await bench.pass(2);
  expect(bench.readable).toEqual(atOnce);
  expect(await bench.within(3_000, commit)).toBe(-185);
  expect(bench.readable).toEqual(later);
});

it('a late end of a transaction hits the next one of the same producer', async () => {
  const bench = new Bench();
  const producer = await bench.begun('first');
  bench.fate = { step: 'transaction committed', fate: 'request delayed' };
  let failed = false;
  producer.commit().catch(() => (failed = true));
  while (!failed) await bench.pass(1);
  await bench.within(5, producer.abort());
  await bench.write(producer, 'second');
  expect(bench.readable).toEqual([]);
  await bench.pass(500);
  expect(bench.readable).toEqual(['second']);
});

it('a late end of a transaction does nothing once a successor has begun', async () => {
  const bench = new Bench();
  const producer = await bench.begun('first');
  bench.fate = { step: 'transaction committed', fate: 'request delayed' };
  let failed = false;
  producer.commit().catch(() => (failed = true));
  while (!failed) await bench.pass(1);
  await bench.begun('second');
  await bench.pass(500);
  expect(bench.readable).toEqual([]);
});

it('a rival that begins with the same id ends the transaction; the producer hears of it at its next request', async () => {
  const bench = new Bench();
  const producer = await bench.begun('lost');
  bench.cluster.lockOut('job');
  expect(await bench.within(10, producer.commit())).toBe(-144);
  expect(await bench.within(10, producer.begin())).toBe(-144);
  expect(bench.readable).toEqual([]);
  expect(bench.cluster.hidden('out')).toBe(false);
});

it('of a process that dies the broker ends session and transaction by itself', async () => {
  const bench = new Bench();
  const settings = { 'group.id': 'job', 'group.instance.id': 'job', 'session.timeout.ms': 6_000 };
  const told: string[] = [];
  await bench.within(
    10,
    bench.driver.member(settings, ['out'], {
      assigned: (partitions) => void told.push(`assigned ${partitions.length}`),
      revoked: () => Promise.resolve(),
      lost: () => void told.push('lost'),
    }),
  );
  await bench.begun('lost');
  await bench.pass(5_000);
  bench.alive = false;
  expect(bench.events).toEqual([]);
  await bench.pass(30_000);
  expect(bench.events).toEqual(['session expired', 'transaction expired']);
  expect(told).toEqual(['assigned 1']);
  expect([bench.readable, bench.cluster.hidden('out')]).toEqual([[], false]);
});

it('what a process has sent may arrive after its death', async () => {
  const bench = new Bench();
  const producer = await bench.begun('x');
  let answered = false;
  producer.commit().then(
    () => (answered = true),
    () => (answered = true),
  );
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  bench.alive = false;
  await bench.pass(1_000);
  expect([bench.readable, answered]).toEqual([['x'], false]);
  expect(bench.steps.at(-1)).toBe('after output flushed');
});

it('tells each step of a commit on both sides', async () => {
  const bench = new Bench();
  const producer = await bench.begun('x');
  await bench.within(10, producer.commit());
  expect(bench.steps).toEqual(
    [
      'producer connected',
      'predecessor locked out',
      'transaction begun',
      'output sent',
      'output flushed',
      'transaction committed',
    ].flatMap((step) => [`before ${step}`, `after ${step}`]),
  );
});
