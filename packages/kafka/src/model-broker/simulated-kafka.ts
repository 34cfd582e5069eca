import type { OutsideSystem, SystemClient, SystemRun, SystemWorld } from 'millrace/testing';
import { solo } from '../session/solo.ts';
import { RESOURCE } from '../session/session-of.ts';
import { KAFKA_STEPS, type ClientHost, type Fate, type KafkaStep } from './client-host.ts';
import { modelBroker, type ModelBroker } from './model-broker.ts';

/** Options of `simulatedKafka`. */
export interface SimulatedKafkaOptions {
  /** Name of the dataflow: of its group and transactional.id. */
  readonly job: string;
  /** Topics that the job reads; all others are its output. */
  readonly inputs: readonly string[];
  /** Makes topics and what is in them. Called at the beginning of each run: it must do the same each time. */
  readonly setUp: (cluster: ModelBroker, world: SystemWorld) => void;
  /** What foreign producers write later, behind the end of what the job is to read. Default: nothing. */
  readonly writeMore?: (cluster: ModelBroker) => void;
}

/** What may go wrong with Kafka; see the head of model-broker.ts and `Fate`. */
export const KAFKA_FAULTS = [
  'request lost',
  'request delayed',
  'answer lost',
  'answer late',
  'broker restart',
  'locked out',
  'transaction expired',
  'rebalance',
  'input goes on',
] as const;

type KafkaFault = (typeof KAFKA_FAULTS)[number];

const BOOTSTRAP = 'model:9092';
/** Most requests are quick, some are not: they arrive after what was sent later by others. */
const SLOW_SHARE = 0.03;
const SLOW_MS = 400;
const QUICK_MS = 4;
/** How many of the calls that fail are commits, whose outcome matters most. */
const COMMIT_SHARE = 0.6;
/** Longer than a session, and shorter. */
const DOWN_MS_MAX = 15_000;
const GUEST_STAYS_MS = 3_000;
/** A guest that was not let in by then goes. */
const GUEST_WAITS_MS = 20_000;
const TRANSACTION_MS = [1_000, 30_000] as const;
/** So little room in clients that it runs out. */
const QUEUE_RECORDS = [3, 60] as const;
const ANSWER_RECORDS_MAX = 30;

/**
 * A modelled Kafka cluster as the outside system of `simulate`: the dataflow's Kafka sources, sinks and dead letters talk to it as
 * they are, by `kafka.solo`.
 *
 * @example
 * await simulate(flow, { seed: 1, outside: simulatedKafka({ job: 'revenue', inputs: ['orders'], setUp }) });
 */
export function simulatedKafka(options: SimulatedKafkaOptions): OutsideSystem {
  return {
    steps: KAFKA_STEPS,
    // The last two, and the one that proves that there was a first commit.
    retained: 3,
    faults: options.writeMore === undefined ? KAFKA_FAULTS.slice(0, -1) : KAFKA_FAULTS,
    owns: ({ kind }) => kind.startsWith('kafka'),
    begin: (world) => new SimulatedKafka(options, world),
  };
}

class SimulatedKafka implements SystemRun {
  private readonly o: SimulatedKafkaOptions;
  private readonly world: SystemWorld;
  private readonly cluster: ModelBroker;
  private readonly transactionMs: number;
  private readonly queueRecords: number;
  /** Fates of the next requests, or of the next commit. */
  private readonly fates: Fate[] = [];
  private readonly commitFates: Fate[] = [];

  constructor(options: SimulatedKafkaOptions, world: SystemWorld) {
    this.o = options;
    this.world = world;
    const { clock, scheduler, random } = world;
    const travelMs = (): number => (random.next() < SLOW_SHARE ? SLOW_MS : QUICK_MS) * random.next();
    this.cluster = modelBroker({ clock, scheduler, random, travelMs, onEvent: (event) => world.count(event) });
    this.transactionMs = Math.ceil(this.between(TRANSACTION_MS));
    this.queueRecords = Math.floor(this.between(QUEUE_RECORDS));
    options.setUp(this.cluster, world);
  }

  serve(client: SystemClient, storage: Parameters<SystemRun['serve']>[1]): ReturnType<SystemRun['serve']> {
    const { random } = this.world;
    const host: ClientHost = {
      clock: client.clock,
      scheduler: client.scheduler,
      isAlive: () => client.isAlive(),
      deliver: (delayMs, run) => client.deliver(delayMs, run),
      before: (step, local) => {
        // The names are those of `faults`, which is all that comes back.
        for (const fault of client.before(step) as readonly KafkaFault[]) this.happen(fault);
        return local ? 'answered' : this.fateOf(step);
      },
      after: (step) => client.after(step),
    };
    const answerRecords = (): number => 1 + Math.floor(ANSWER_RECORDS_MAX * random.next());
    const driver = this.cluster.driverFor(host, { queueRecords: this.queueRecords, answerRecords });
    const { checkpoints, resources } = solo({
      bootstrap: BOOTSTRAP,
      driver,
      checkpoints: storage,
      transactionTimeout: this.transactionMs,
    });
    return { storage: checkpoints ?? storage, resources: resources ?? { [RESOURCE]: undefined } };
  }

  lines(): ReadonlyMap<string, readonly string[]> {
    const outputs = this.cluster.topicNames().filter((topic) => !this.o.inputs.includes(topic));
    return new Map(outputs.map((topic) => [`topic ${topic}`, this.cluster.records(topic).map(lineOf)]));
  }

  leftovers(): readonly string[] {
    return this.cluster
      .topicNames()
      .filter((topic) => !this.o.inputs.includes(topic) && this.cluster.hidden(topic))
      .map((topic) => `an open transaction hides the end of ${topic} from readers`);
  }

  private fateOf(step: KafkaStep): Fate {
    const ofCommit = step === 'transaction committed' ? this.commitFates.shift() : undefined;
    return ofCommit ?? this.fates.shift() ?? 'answered';
  }

  private happen(fault: KafkaFault): void {
    const { cluster, world, o } = this;
    switch (fault) {
      case 'request lost':
      case 'request delayed':
      case 'answer lost':
      case 'answer late':
        return void (world.random.next() < COMMIT_SHARE ? this.commitFates : this.fates).push(fault);
      case 'broker restart':
        return cluster.restart(DOWN_MS_MAX * world.random.next() ** 2);
      case 'locked out':
        return cluster.lockOut(o.job);
      case 'transaction expired':
        return void cluster.expireTransaction(o.job);
      case 'rebalance':
        return void this.invite().catch(() => undefined);
      case 'input goes on':
        // Before the first commit nothing says where the input ends.
        return world.committed() ? o.writeMore?.(cluster) : undefined;
      default:
        throw new Error(`unknown fault ${String(fault)}`);
    }
  }

  /** Somebody else joins the job's group, and leaves it again. */
  private async invite(): Promise<void> {
    const { scheduler, random, clock } = this.world;
    const driver = this.cluster.driverFor({
      clock,
      scheduler,
      isAlive: () => true,
      deliver: (delayMs, run) => void scheduler.after(delayMs, run),
      before: () => 'answered',
      after: () => undefined,
    });
    const settings = { 'group.id': this.o.job, 'session.timeout.ms': 10_000, 'heartbeat.interval.ms': 500 };
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => (leave = resolve));
    scheduler.after(GUEST_WAITS_MS, leave);
    const guest = await driver.member(settings, this.o.inputs, {
      assigned: () => void scheduler.after(GUEST_STAYS_MS * random.next(), leave),
      revoked: () => Promise.resolve(),
      lost: () => undefined,
    });
    await left;
    await guest.close();
  }

  private between([least, most]: readonly [number, number]): number {
    return least + (most - least) * this.world.random.next();
  }
}

type Line = ReturnType<ModelBroker['records']>[number];

/** What a reader compares: all but the offset; a record without key may be in any partition. */
function lineOf({ key, value, timestamp, headers, partition }: Line): string {
  const shown = headers.map(([name, bytes]) => `${name}=${textOf(bytes)}`).sort();
  const place = key === null ? '' : `${partition} ${textOf(key)}`;
  return `${place} ${textOf(value)} @${timestamp} ${shown.join(' ')}`;
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : decoder.decode(bytes);
}
