import { string as text, struct } from 'millrace';
import { expect, it } from 'vitest';
import { kafka, type ConsumerOptions } from '../../../src/index.ts';

const good = { bootstrap: 'localhost:9092', group: 'billing', topics: 'orders' } as const;

it.each<[Partial<Record<keyof ConsumerOptions, unknown>>, string]>([
  [{ group: '' }, 'group of kafka.consumer() is "", but must be a name'],
  [{ topics: [] }, 'topics of kafka.consumer() is '],
  [{ topics: 'a b' }, 'topics of kafka.consumer() is "a b", but must be made of'],
  [{ concurrency: 0 }, 'concurrency of kafka.consumer() is 0, but must be a whole number from 1 on'],
  [{ attempts: 1.5 }, 'attempts of kafka.consumer() is 1.5'],
  [{ attempts: 3, guarantee: 'at-most-once' }, "attempts of kafka.consumer() with guarantee 'at-most-once' is 3"],
  [
    { guarantee: 'exactly-once' },
    "guarantee of kafka.consumer() is \"exactly-once\", but must be 'at-least-once' or 'at-most-once'",
  ],
  [{ onError: 'ignore' }, 'onError of kafka.consumer() is "ignore"'],
  [{ start: 'now' }, 'start of kafka.consumer() is "now"'],
  [{ backoff: { min: '2s', max: '1s' } }, 'backoff.max of kafka.consumer() is "1s", but must be at least backoff.min'],
  [{ backoff: { factor: 0.5 } }, 'backoff.factor of kafka.consumer() is 0.5'],
  [{ backoff: { minimum: 1 } }, '{ minimum }'],
  [{ deadLetters: { topic: 'a/b' } }, 'deadLetters.topic of kafka.consumer() is "a/b"'],
  [{ group: 'a/b' }, 'topic of dead letters is "dlq.a/b.orders"'],
  [{ buffer: -1 }, 'buffer of kafka.consumer() is -1'],
  [{ commitInterval: 'soon' }, 'commitInterval of kafka.consumer()'],
  [{ schema: struct({ a: text() }), format: kafka.string() }, 'schema of kafka.consumer()'],
  [{ bootstrap: 'nowhere' }, 'bootstrap of kafka.consumer() is "nowhere"'],
  [{ client: { 'enable.auto.commit': true } }, 'client of kafka.consumer()'],
  [{ concurency: 3 } as never, '{ concurency }'],
])('refuses %j', (wrong, message) => {
  // Types would not let them be written.
  expect(() => kafka.consumer({ ...good, ...wrong } as ConsumerOptions)).toThrow(message);
});
