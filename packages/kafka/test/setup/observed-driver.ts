import { confluentDriver, type FetchedRecords, type KafkaDriver, type TopicPartition } from '../../src/index.ts';

/** What a source did with its client. */
export interface Observed {
  driver: KafkaDriver;
  /** In order: `pause t-0`, `resume t-0`. */
  readonly pauses: string[];
  /** Records handed over, by partition. */
  readonly fetched: Map<string, number>;
  /** Answers about where partitions end. */
  looks: number;
}

/** The real driver, watched. */
export function observedDriver(): Observed {
  const observed: Observed = { driver: confluentDriver, pauses: [], fetched: new Map(), looks: 0 };
  const note = (what: string, partitions: readonly TopicPartition[]): void => {
    for (const { topic, partition } of partitions) observed.pauses.push(`${what} ${topic}-${partition}`);
  };
  const count = (records: FetchedRecords): void => {
    const counts = new Map<string, number>();
    for (let i = 0; i < records.length; i++) {
      const id = `${records.topic(i)}-${records.partition(i)}`;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    for (const [id, more] of counts) {
      observed.fetched.set(id, (observed.fetched.get(id) ?? 0) + more);
    }
  };
  const driver: KafkaDriver = {
    ...confluentDriver,
    async admin(settings) {
      const admin = await confluentDriver.admin(settings);
      return {
        topics: (names) => admin.topics(names),
        topicNames: () => admin.topicNames(),
        createTopics: (topics) => admin.createTopics(topics),
        members: (group) => admin.members(group),
        committed: (group, stable) => admin.committed(group, stable),
        close: () => admin.close(),
        async offsets(partitions, query) {
          const offsets = await admin.offsets(partitions, query);
          if (query === 'latest') observed.looks++;
          return offsets;
        },
      };
    },
    async consumer(settings, events) {
      const consumer = await confluentDriver.consumer(settings, events);
      return {
        assign: (partitions) => consumer.assign(partitions),
        unassign: (partitions) => consumer.unassign(partitions),
        close: () => consumer.close(),
        async fetch(maxRecords) {
          const fetched = await consumer.fetch(maxRecords);
          count(fetched.records);
          return fetched;
        },
        pause(partitions) {
          note('pause', partitions);
          consumer.pause(partitions);
        },
        resume(partitions) {
          note('resume', partitions);
          consumer.resume(partitions);
        },
      };
    },
  };
  observed.driver = driver;
  return observed;
}
