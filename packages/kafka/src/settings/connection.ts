import { optionError } from 'millrace';
import { confluentDriver } from '../confluent/confluent-driver.ts';
import type { ClientSettings, KafkaDriver } from '../driver/driver.ts';
import { checkSecurity, securitySettings, type KafkaSecurity } from './security.ts';

/** How a cluster is reached. */
export interface ConnectionOptions {
  /** Brokers to begin with, `host:port`, one or several. */
  readonly bootstrap: string | readonly string[];
  readonly security?: KafkaSecurity;
  /** Settings of the client (librdkafka) by its own names, beside those that the connector needs for itself. */
  readonly client?: Readonly<Record<string, string | number | boolean>>;
  /** In place of the built-in client. */
  readonly driver?: KafkaDriver;
}

export const CONNECTION_OPTIONS = ['bootstrap', 'security', 'client', 'driver'];

/** Settings that guarantees rest on, and what to use in their place. */
const RESERVED: Readonly<Record<string, string>> = {
  'bootstrap.servers': 'bootstrap',
  'metadata.broker.list': 'bootstrap',
  'security.protocol': 'security',
  'sasl.mechanism': 'security.sasl',
  'sasl.mechanisms': 'security.sasl',
  'sasl.username': 'security.sasl',
  'sasl.password': 'security.sasl',
  'group.id': "the dataflow's name or group",
  'transactional.id': "the dataflow's name and prefix",
  'enable.auto.commit': 'nothing: positions are committed with the results',
  'enable.auto.offset.store': 'nothing: positions are committed with the results',
  'auto.offset.reset': 'start of kafka.topic()',
  'enable.idempotence': 'nothing: it is always on',
  acks: 'nothing: it is always all',
  'request.required.acks': 'nothing: it is always all',
  'isolation.level': 'nothing: only committed records are read',
  'enable.partition.eof': 'nothing: it is always on',
  'delivery.report.only.error': 'nothing: it is always on',
  'transaction.timeout.ms': 'transactionTimeout of kafka.solo()',
  oauthbearer_token_refresh_cb: 'security.sasl.token',
  rebalance_cb: 'nothing: partitions are assigned by the connector',
  dr_cb: 'nothing: the connector needs it',
  dr_msg_cb: 'nothing: the connector needs it',
  event_cb: 'nothing: the connector needs it',
};

/** The client's own default. */
const BATCH_BYTES = 1_000_000;

/**
 * Connections that nothing is said on are closed, and opened when they are needed. A request to a coordinator that has left the cluster waits
 * in the client until the state of any connection changes (librdkafka 2.15: `rd_kafka_coord_req` knows no time-out): this changes it.
 */
const IDLE_MS = 10_000;

/** Brokers answer in less; the client asks again. */
const SOCKET_MS = 10_000;

/** Long enough for a pause, short enough for a process that has ended without a successor. */
const SESSION_MS = 10_000;

/** A cluster, and the settings each kind of client begins with. */
export class Connection {
  readonly driver: KafkaDriver;
  readonly bootstrap: string;
  private readonly common: ClientSettings;

  /** @throws MillraceError `OPTION_INVALID` */
  constructor(where: string, { bootstrap, security, client = {}, driver = confluentDriver }: ConnectionOptions) {
    this.bootstrap = typeof bootstrap === 'string' ? bootstrap : Array.isArray(bootstrap) ? bootstrap.join(',') : '';
    if (!this.bootstrap.split(',').every(isBroker))
      throw optionError(`bootstrap of ${where}`, bootstrap, "'host:port' or a list of them");
    checkSecurity(where, security);
    for (const name of Object.keys(client)) {
      const instead = RESERVED[name];
      if (instead !== undefined) throw optionError(`client of ${where}`, `{ ${name} }`, `without it; use ${instead}`);
    }
    this.driver = driver;
    this.common = {
      'connections.max.idle.ms': IDLE_MS,
      ...client,
      'bootstrap.servers': this.bootstrap,
      ...securitySettings(security),
    };
  }

  get admin(): ClientSettings {
    return this.common;
  }

  /** @see docs/guide/kafka.md, where each setting has its reason */
  consumer(group: string): ClientSettings {
    return {
      'fetch.wait.max.ms': 50,
      'fetch.queue.backoff.ms': 10,
      'queued.min.messages': 20_000,
      'queued.max.messages.kbytes': 32 * 1024,
      'topic.metadata.refresh.interval.ms': 30_000,
      ...this.common,
      'group.id': group,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'auto.offset.reset': 'error',
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
    };
  }

  /** How long a member that is not heard of stays in its group, milliseconds. */
  get sessionMs(): number {
    return numberOf(this.common['session.timeout.ms'], SESSION_MS);
  }

  /** Of the process in its group; `instance` takes the place of its predecessor at once, and `undefined` is nobody's successor. */
  member(group: string, instance: string | undefined): ClientSettings {
    return {
      'heartbeat.interval.ms': 500,
      'session.timeout.ms': SESSION_MS,
      'topic.metadata.refresh.interval.ms': 30_000,
      ...this.common,
      'group.id': group,
      ...(instance === undefined ? {} : { 'group.instance.id': instance }),
      'group.protocol': 'classic',
      'partition.assignment.strategy': 'range',
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'isolation.level': 'read_committed',
    };
  }

  /** Largest batch of records for one partition, bytes; a larger record is sent alone. */
  get batchBytes(): number {
    return numberOf(this.common['batch.size'], BATCH_BYTES);
  }

  /** `batchBytes`: in place of what was given. */
  producer(
    transaction?: { readonly id: string; readonly timeoutMs: number; readonly lingerMs: number },
    batchBytes: number = this.batchBytes,
  ): ClientSettings {
    return {
      'compression.type': 'lz4',
      'linger.ms': transaction?.lingerMs ?? 5,
      // Above what sinks let through (maxRecordBytes): too large is said by them, with the record at hand. Dead letters hold a
      // record as large as any broker takes, and more.
      'message.max.bytes': 10_000_000,
      'queue.buffering.max.messages': 200_000,
      'queue.buffering.max.kbytes': 128 * 1024,
      // A coordinator that is gone is held to be there until a request to it has run out of time. The client takes no more than the
      // time of a transaction.
      'socket.timeout.ms': Math.min(SOCKET_MS, transaction?.timeoutMs ?? SOCKET_MS),
      ...this.common,
      'batch.size': batchBytes,
      'enable.idempotence': true,
      acks: 'all',
      ...(transaction === undefined
        ? {}
        : {
            'transactional.id': transaction.id,
            'transaction.timeout.ms': transaction.timeoutMs,
            'message.timeout.ms': transaction.timeoutMs,
          }),
    };
  }
}

/** The client takes numbers as text, too. What is none it refuses itself. */
function numberOf(given: unknown, otherwise: number): number {
  const number = given === undefined || given === '' ? NaN : Number(given);
  return Number.isFinite(number) ? number : otherwise;
}

function isBroker(text: string): boolean {
  const port = /^(?:[^\s:,]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(text)?.[1];
  return port !== undefined && Number(port) > 0 && Number(port) < 65_536;
}
