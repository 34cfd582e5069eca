import type { Clock, Random, Scheduler } from 'millrace';
import type { OutgoingRecord, TopicPartition } from '../driver/driver.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { BrokerEvent, BrokerParts } from './broker-parts.ts';
import { Group } from './group.ts';
import { PartitionLog } from './partition-log.ts';
import { Transactions, type ProducerIdentity } from './transactions.ts';

/** Why a topic does not take a record, by the protocol's codes; 0: it does. */
export type Refusal = (record: OutgoingRecord) => number;

const WARMING_MS = 800;
/** Leader or coordinator not available, loading, or moved. */
const NOT_READY = [5, 6, 14, 15, 16] as const;

/** Those of a broker that nobody has configured, as far as designs of topics look at them. Kept and told, not acted upon. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'retention.ms': '604800000',
  'min.insync.replicas': '1',
  'message.timestamp.type': 'CreateTime',
  'max.message.bytes': '1048588',
};

/** The state of a cluster. Requests take effect one at a time, at once; how they come here is the network's affair. */
export class Broker implements BrokerParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly timers: Scheduler;
  readonly random: Random;
  readonly travelMs: () => number;
  readonly happened: (event: BrokerEvent) => void;
  readonly transactions: Transactions;
  private readonly topics = new Map<string, readonly PartitionLog[]>();
  private readonly settings = new Map<string, Readonly<Record<string, string>>>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly groups = new Map<string, Group>();
  private upAgain: (() => void)[] = [];
  private restarts = 0;
  /** Since when it has been up. */
  private upSinceMs = -Infinity;
  up = true;

  constructor(parts: Omit<BrokerParts, 'isUp' | 'whenUp'>) {
    this.clock = parts.clock;
    this.scheduler = parts.scheduler;
    this.timers = parts.timers;
    this.random = parts.random;
    this.travelMs = parts.travelMs;
    this.happened = parts.happened;
    this.transactions = new Transactions(this);
  }

  isUp(): boolean {
    return this.up;
  }

  whenUp(run: () => void): void {
    if (this.up) run();
    else this.upAgain.push(run);
  }

  /** Nothing is lost; whatever arrives meanwhile waits. */
  restart(downMs: number): void {
    this.up = false;
    const restart = ++this.restarts;
    this.timers.after(downMs, () => {
      if (restart !== this.restarts) return;
      this.up = true;
      this.upSinceMs = this.clock.monotonic();
      for (const run of this.upAgain.splice(0)) run();
    });
  }

  /** For a while after its start it has neither leaders nor coordinators, and says so. @throws BrokerError */
  checkReady(): void {
    if (this.clock.monotonic() - this.upSinceMs >= WARMING_MS * this.random.next()) return;
    throw new BrokerError(NOT_READY[Math.floor(NOT_READY.length * this.random.next())] as number);
  }

  topicNames(): readonly string[] {
    return [...this.topics.keys()].sort();
  }

  /** `undefined`: there is none. */
  topic(name: string): readonly PartitionLog[] | undefined {
    return this.topics.get(name);
  }

  createTopic(
    name: string,
    partitions: number,
    refusal: Refusal = () => 0,
    settings: Readonly<Record<string, string>> = {},
  ): void {
    if (this.topics.has(name)) return;
    this.settings.set(name, { ...DEFAULTS, ...settings });
    this.refusals.set(name, refusal);
    this.topics.set(
      name,
      Array.from({ length: partitions }, (_, partition) => new PartitionLog(name, partition)),
    );
  }

  /** What holds for a topic. @throws BrokerError */
  settingsOf(topic: string): Readonly<Record<string, string>> {
    const settings = this.settings.get(topic);
    if (settings === undefined) throw new BrokerError(CODES.unknownTopic);
    return settings;
  }

  partitionsOf(topic: string): readonly TopicPartition[] {
    return (this.topics.get(topic) ?? []).map(({ partition }) => ({ topic, partition }));
  }

  log({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.topics.get(topic)?.[partition];
    if (log === undefined) throw new BrokerError(CODES.unknownTopic);
    return log;
  }

  group(name: string): Group {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new Group(this, (topic) => this.partitionsOf(topic));
      this.groups.set(name, group);
    }
    return group;
  }

  /** Records of one partition: all are written, or none. @returns why they are refused; 0: they are not */
  produce(producer: ProducerIdentity | undefined, records: readonly (OutgoingRecord & TopicPartition)[]): number {
    const [first] = records;
    if (first === undefined) return 0;
    const log = this.log(first);
    const outcome = producer === undefined ? undefined : this.transactions.join(producer, log);
    const refusal = this.refusals.get(first.topic);
    const code = records.map((record) => refusal?.(record) ?? 0).find((one) => one !== 0);
    if (code !== undefined) return code;
    const nowMs = this.clock.now();
    const stored = records.map(({ key, value, headers, timestamp = nowMs }) => ({ key, value, headers, timestamp }));
    log.append(stored, outcome);
    return 0;
  }
}
