/*
 * A program with a producer that is killed again and again, on a modelled disk and a modelled cluster: one run is a function of its
 * seed. What may go wrong: model-broker.ts and disk.ts say. Events are numbered for each key; what was accepted is noted by somebody
 * who is not killed.
 */
import { silentLogger, type Machine } from 'millrace';
import { seededRandom } from 'millrace/testing';
import type { Operation } from '../../../core/src/testing/simulation/operation.ts';
import { Disk } from '../../../core/src/testing/simulation/disk.ts';
import { simulatedFiles, type Interference } from '../../../core/src/testing/simulation/simulated-files.ts';
import { SimulatedProcess, World } from '../../../core/src/testing/simulation/world.ts';
import type { KafkaProducer } from '../../src/index.ts';
import { openProducer } from '../../src/producer/producer.ts';
import { modelBroker, type ClientHost, type Fate } from '../../src/testing.ts';

export interface KillsResult {
  readonly kills: number;
  readonly powerLosses: number;
  readonly accepted: number;
  readonly written: number;
  readonly lost: readonly string[];
  readonly unordered: readonly string[];
  /** Events that nobody has sent. */
  readonly wrong: readonly string[];
  readonly duplicated: number;
  readonly problems: readonly string[];
  /** Where it was killed: operation, before or after it. */
  readonly places: readonly string[];
}

export interface KillsOptions {
  readonly seed: number;
  readonly kills: number;
  /** How often a crash is one of the machine, share of 1. */
  readonly powerLoss?: number;
  /** A disk on which nothing becomes durable: shows that the rest finds out. */
  readonly lyingDisk?: boolean;
}

const DIRECTORY = '/outbox';
const TOPICS = ['a', 'b'] as const;
const KEYS = 4;
const EVENTS_PER_LIFE = 60;
/** Operations of a life after which it is killed, at most. */
const OPERATIONS = 300;
const LIFE_MS = 6_000;
const DOWN_MS = 2_500;
const STEPS_MAX = 400_000;

export async function killProducers(options: KillsOptions): Promise<KillsResult> {
  return new Kills(options).run();
}

class Kills {
  private readonly o: KillsOptions;
  private readonly random;
  private readonly world = new World();
  private readonly disk = new Disk();
  private readonly forever: SimulatedProcess;
  private readonly cluster;
  private readonly offered = new Map<string, number>();
  private readonly accepted = new Set<string>();
  private readonly problems: string[] = [];
  private readonly places: string[] = [];
  private kills = 0;
  private powerLosses = 0;
  private finished = false;
  private fullUntilMs = -Infinity;

  constructor(options: KillsOptions) {
    this.o = options;
    this.random = seededRandom(options.seed);
    this.forever = new SimulatedProcess(this.world, 0, this.random, () => undefined);
    const { forever: clock, random } = this;
    const travelMs = (): number => (random.next() < 0.05 ? 300 : 4) * random.next();
    this.cluster = modelBroker({ clock, scheduler: clock, random, travelMs });
    this.cluster.createTopic('a', 3);
    this.cluster.createTopic('b', 1);
    this.disk.makeFolder('/');
  }

  async run(): Promise<KillsResult> {
    this.trouble();
    this.live(1);
    for (let steps = 0; !this.finished; steps++) {
      if (steps > STEPS_MAX || !(await this.world.step())) {
        this.problems.push('nothing moves any more');
        break;
      }
    }
    return { ...this.judged(), kills: this.kills, powerLosses: this.powerLosses, ...this.reports() };
  }

  private reports() {
    return { accepted: this.accepted.size, problems: this.problems, places: this.places };
  }

  /** Outages of the brokers, and disks that are full for a while, as long as processes are killed. */
  private trouble(): void {
    this.forever.after(3_000 * this.random.next(), () => {
      if (this.kills >= this.o.kills) return;
      this.cluster.restart(DOWN_MS * this.random.next());
      if (this.random.next() < 0.3) this.fullUntilMs = this.forever.monotonic() + 2 * DOWN_MS * this.random.next();
      this.trouble();
    });
  }

  private live(number: number): void {
    const { world, random, disk } = this;
    const last = this.kills >= this.o.kills;
    const process = new SimulatedProcess(world, number, random, () => undefined);
    const killAt = last ? Infinity : 1 + Math.floor(OPERATIONS * random.next() ** 1.3);
    let operations = 0;
    let afterwards = false;
    const kill = (where: string): void => {
      if (process.state === 'dead' || last) return;
      process.die();
      this.kills++;
      this.places.push(where);
      if (random.next() < (this.o.powerLoss ?? 0)) {
        this.powerLosses++;
        disk.losePower(random);
      }
      this.forever.after(1 + 1_000 * random.next() ** 3, () => this.live(number + 1));
    };
    const before = (name: string): void => {
      if (++operations !== killAt) return;
      afterwards = random.next() < 0.5;
      if (!afterwards) kill(`${name}, before`);
    };
    const after = (name: string): void => {
      if (operations === killAt && afterwards) kill(`${name}, after`);
    };
    const files = simulatedFiles(disk, process, {
      latencyMs: () => 0.5 + 4 * random.next(),
      before: (operation): Interference => {
        before(nameOf(operation));
        if (this.forever.monotonic() < this.fullUntilMs && fills(operation)) return 'noSpace';
        if (last || random.next() > 0.01) return 'none';
        return (['noSpace', 'errorBefore', 'errorAfter'] as const)[Math.floor(3 * random.next())] ?? 'none';
      },
      after: (operation) => after(nameOf(operation)),
    });
    const lying = {
      ...files,
      syncFolder: () => Promise.resolve(),
      create: async (path: string) => ({ ...(await files.create(path)), sync: () => Promise.resolve() }),
    };
    const self = { host: 'h', boot: 'b', pid: number, started: String(number) };
    const machine: Machine = {
      files: this.o.lyingDisk === true ? lying : files,
      host: { self, isAlive: ({ pid }) => pid === number },
    };
    const host: ClientHost = {
      clock: process,
      scheduler: process,
      isAlive: () => process.state !== 'dead',
      deliver: (delayMs, run) => process.outside(delayMs, run),
      before: (step): Fate => {
        before(step);
        return last || random.next() > 0.03 ? 'answered' : random.next() < 0.5 ? 'request lost' : 'answer lost';
      },
      after,
    };
    if (!last) this.forever.after(LIFE_MS * random.next(), () => kill('at any time'));
    this.work(process, machine, host, last).catch((error: Error) => {
      // A disk that fails at the start: the process ends, and is started again.
      if (process.state === 'dead') return;
      if (last) this.problems.push(error.stack ?? error.message);
      process.die();
      if (last) this.finished = true;
      else this.forever.after(100, () => this.live(number + 1));
    });
  }

  private async work(process: SimulatedProcess, machine: Machine, host: ClientHost, last: boolean): Promise<void> {
    const driver = this.cluster.driverFor(host, { queueRecords: 5 + Math.floor(60 * this.random.next()) });
    const options = { bootstrap: 'model:9092', driver, logger: silentLogger, deliveryTimeout: '5s' as const };
    const producer = await openProducer(
      { ...options, queue: { directory: DIRECTORY, maxBytes: 65_536 } },
      { clock: process, scheduler: process, machine },
    );
    for (let i = 0; i < EVENTS_PER_LIFE; i++) {
      this.offer(producer);
      if (this.random.next() < 0.2) await producer.ready();
      if (this.random.next() < 0.6) await new Promise<void>((go) => process.after(40 * this.random.next(), go));
    }
    if (!last) return;
    const left = await producer.close({ within: '10m' });
    if (left > 0) this.problems.push(`${left} events were left at the end`);
    this.finished = true;
  }

  private offer(producer: KafkaProducer): void {
    const { random } = this;
    const topic = TOPICS[Math.floor(random.next() * TOPICS.length)] ?? 'a';
    const key = `k${Math.floor(random.next() * KEYS)}`;
    const number = (this.offered.get(`${topic} ${key}`) ?? 0) + 1;
    this.offered.set(`${topic} ${key}`, number);
    const filler = random.next() < 0.05 ? 'x'.repeat(5_000) : '';
    const event = { topic, key, value: { number, filler } };
    const safe = random.next() < 0.7 ? producer.enqueue(event) : producer.send(event);
    safe.then(
      () => this.accepted.add(`${topic} ${key} ${number}`),
      (error: Error) => this.problems.push(`${topic} ${key} ${number}: ${error.message}`),
    );
  }

  private judged(): Pick<KillsResult, 'lost' | 'unordered' | 'wrong' | 'duplicated' | 'written'> {
    const seen = new Set<string>();
    const latest = new Map<string, number>();
    const unordered: string[] = [];
    const wrong: string[] = [];
    let written = 0;
    const decoder = new TextDecoder();
    for (const topic of TOPICS) {
      for (const { key, value } of this.cluster.records(topic)) {
        written++;
        // Written by offer().
        const { number } = JSON.parse(decoder.decode(value ?? new Uint8Array())) as { readonly number: number };
        const name = `${topic} ${decoder.decode(key ?? new Uint8Array())}`;
        const event = `${name} ${number}`;
        if (number > (this.offered.get(name) ?? 0)) wrong.push(event);
        if (seen.has(event)) continue;
        seen.add(event);
        if (!this.accepted.has(event)) continue;
        if (number < (latest.get(name) ?? 0)) unordered.push(`${event} behind ${latest.get(name)}`);
        latest.set(name, Math.max(number, latest.get(name) ?? 0));
      }
    }
    const lost = [...this.accepted].filter((event) => !seen.has(event));
    return { lost, unordered, wrong, written, duplicated: written - seen.size };
  }
}

/** Whether it needs room in the queue. */
function fills(operation: Operation): boolean {
  if (operation.place !== 'disk' || !operation.path.startsWith(`${DIRECTORY}/topics/`)) return false;
  return operation.name === 'append' || operation.name === 'create';
}

function nameOf(operation: Operation): string {
  return operation.place === 'disk' ? operation.name : operation.step;
}
