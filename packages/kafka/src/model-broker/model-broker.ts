/*
 * A modelled cluster of one broker. What it promises and what may go wrong:
 *
 * Never happens: an acknowledged record, offset or outcome is lost or changes, also when the broker restarts; records of one
 * producer and partition change places or are written twice (producers are idempotent: what is sent again is written once);
 * a reader of committed records gets an aborted one, or one behind the last stable offset; a transaction is committed in one
 * partition or group and aborted in another; a predecessor writes or commits after its successor's `initTransactions` has
 * resolved; offsets of a member are taken after the group has gone on without it.
 *
 * May happen, by itself:
 * - Every request and answer is under way for a while. What a process has sent may arrive after its death.
 * - The control records of a decided transaction reach its partitions and groups one after the other: meanwhile it is committed
 *   in some and still open in others, and whoever asks for stable offsets, or begins the next transaction, waits.
 * - The broker aborts a transaction at its time-out and raises the epoch. The producer is told what it is told when it is
 *   fenced: -144.
 * - A member that was not heard of for a session is removed, and the others share its partitions in another round.
 * - A topic refuses a batch for one of its records (`createTopic`). Every record of it is given up, the transaction cannot be
 *   committed any more, and a flush may never end.
 *
 * May happen, when asked for (`restart`, `lockOut`, `expireTransaction`; the fates of calls in client-host.ts):
 * - The broker restarts: all requests wait meanwhile, sessions begin anew. For a while afterwards questions (admin) are refused with
 *   passing errors, as by a broker that has no leaders and coordinators yet.
 * - A call comes back as timed out (-185), whatever became of it: it took effect, it did not, or it still will.
 *   A late end of a transaction (KIP-890) hits the next one of the same producer, if there is one: a producer that goes on after a
 *   failed call is in danger, one that is thrown away is not, because its successor has another epoch.
 * - Another producer with the same transactional.id locks out this one.
 *
 * Simpler than the real thing: one broker, no replication, no retention, no compaction; the assignor is `range`; join and sync
 * of a member are one request; a batch is all that waits for a partition, up to `batch.size`.
 */
import { systemClock, systemScheduler, type Clock, type Random, type Scheduler } from 'millrace';
import { seededRandom } from 'millrace/testing';
import type { GroupOffset, KafkaDriver, OutgoingRecord, TopicPartition } from '../driver/driver.ts';
import { Broker, type Refusal } from './broker.ts';
import type { BrokerEvent } from './broker-parts.ts';
import type { ClientHost } from './client-host.ts';
import { modelDriver, type ClientLimits } from './model-driver.ts';
import type { Outcome, PlacedRecord } from './partition-log.ts';
import { realTimers } from './real-time.ts';

/** Options of `modelBroker`. */
export interface ModelBrokerOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Carries requests, answers and time-outs. Default: the system's. */
  readonly scheduler?: Scheduler;
  /** Default: from a fixed seed. */
  readonly random?: Random;
  /** How long a request or an answer is under way, milliseconds. Default 0: as fast as timers are. */
  readonly travelMs?: () => number;
  readonly onEvent?: (event: BrokerEvent) => void;
}

/** A record to put into a topic; text is written as UTF-8. */
export interface GivenRecord {
  readonly partition?: number;
  readonly key?: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  /** Epoch milliseconds. Default: now. */
  readonly timestamp?: number;
  readonly headers?: OutgoingRecord['headers'];
}

/** A modelled cluster. */
export interface ModelBroker {
  /** Give it as `driver`, with any `bootstrap`. */
  readonly driver: KafkaDriver;
  /** The driver of a process that may be paused and die. */
  driverFor(host: ClientHost, limits?: ClientLimits): KafkaDriver;
  /** @param refusal why a record is not taken (a code of the protocol), and its batch with it; 0: it is. Default: all are */
  createTopic(name: string, partitions?: number, refusal?: Refusal): void;
  topicNames(): readonly string[];
  /**
   * Records of a foreign producer.
   *
   * @param end how its transaction ends; without it they are written in none
   * @returns what ends a transaction that was left open
   */
  produce(topic: string, records: readonly GivenRecord[], end?: 'commit' | 'abort' | 'open'): () => void;
  /** All committed records of a topic, partition by partition; those in transit are not yet there. */
  records(topic: string): readonly (PlacedRecord & TopicPartition)[];
  /** Whether a transaction is open in the topic: readers of committed records do not get to its end. */
  hidden(topic: string): boolean;
  committed(group: string): readonly GroupOffset[];
  /** Takes the broker away for a while; nothing is lost. */
  restart(downMs: number): void;
  /** Begins a new epoch of the id, as a rival's `initTransactions` does. */
  lockOut(transactionalId: string): void;
  /** Ends the ongoing transaction as its time-out does. Returns whether there was one. */
  expireTransaction(transactionalId: string): boolean;
}

const encoder = new TextEncoder();
const LOCKED_OUT_TIMEOUT_MS = 60_000;

/**
 * A Kafka cluster in memory, for tests: topics, transactions, read-committed, consumer groups. Its fault model stands at the head
 * of its file; it passes the same contract as the real broker.
 *
 * @example
 * const cluster = modelBroker();
 * cluster.createTopic('orders', 4);
 * cluster.createTopic('revenue');
 * cluster.produce('orders', [{ key: 'a', value: '{"amount":5}' }]);
 * await flow.run(kafka.solo({ bootstrap: 'model:9092', driver: cluster.driver, checkpoints: memoryCheckpoints() }));
 * cluster.records('revenue');
 */
export function modelBroker(options: ModelBrokerOptions = {}): ModelBroker {
  const { clock = systemClock, random = seededRandom(1), travelMs = () => 0, onEvent = () => undefined } = options;
  const scheduler = options.scheduler ?? systemScheduler;
  const timers = options.scheduler ?? realTimers;
  const broker = new Broker({ clock, scheduler, timers, random, travelMs, happened: onEvent });
  const host: ClientHost = {
    clock,
    // Heartbeats and the like keep nothing going; whoever waits for an answer does.
    scheduler: timers,
    isAlive: () => true,
    deliver: (delayMs, run) => void scheduler.after(delayMs, run),
    before: () => 'answered',
    after: () => undefined,
  };
  return {
    driver: modelDriver(broker, host, {}),
    driverFor: (process, limits = {}) => modelDriver(broker, process, limits),
    createTopic: (name, partitions = 1, refusal) => broker.createTopic(name, partitions, refusal),
    topicNames: () => broker.topicNames(),
    produce: (topic, records, end) => produce(broker, topic, records, end),
    records: (topic) =>
      (broker.topic(topic) ?? []).flatMap((log) =>
        log.committed().map((record) => ({ ...record, topic, partition: log.partition })),
      ),
    hidden: (topic) => (broker.topic(topic) ?? []).some(({ undecided }) => undecided),
    committed: (group) => broker.group(group).committed(false),
    restart: (downMs) => broker.restart(downMs),
    lockOut: (id) => lockOut(broker, id),
    expireTransaction: (id) => broker.transactions.expireNow(id),
  };
}

function produce(
  broker: Broker,
  topic: string,
  records: readonly GivenRecord[],
  end: 'commit' | 'abort' | 'open' | undefined,
): () => void {
  const outcome: Outcome = { state: end === undefined ? 'committed' : 'open' };
  const touched = new Set(
    records.map(({ partition = 0, key = null, value, timestamp = broker.clock.now(), headers = [] }) => {
      const log = broker.log({ topic, partition });
      log.append([{ key: bytesOf(key), value: bytesOf(value), timestamp, headers }], outcome);
      return log;
    }),
  );
  const decide = (state: 'committed' | 'aborted'): void => {
    if (outcome.state !== 'open') return;
    outcome.state = state;
    for (const log of touched) log.appendMarker(outcome, broker.clock.now());
  };
  if (end === 'commit' || end === 'abort') decide(end === 'commit' ? 'committed' : 'aborted');
  return () => decide('aborted');
}

function bytesOf(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

/** A passing answer means that the ongoing transaction is being ended: the predecessor is locked out already. */
function lockOut(broker: Broker, transactionalId: string): void {
  try {
    broker.transactions.init(transactionalId, LOCKED_OUT_TIMEOUT_MS);
  } catch {
    // The ongoing transaction is being ended.
  }
}
