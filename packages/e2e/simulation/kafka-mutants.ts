import { lines, type Mutant } from './mutant.ts';

const SRC = 'packages/kafka/src/';
const SESSION = `${SRC}session/session.ts`;
const STORE = `${SRC}session/kafka-store.ts`;
const WRITER = `${SRC}sink/writer.ts`;
const COMMIT = "await this.watch('commitTransaction', producer.commit());";

/** Of the Kafka connector. */
export const KAFKA_MUTANTS: readonly Mutant[] = [
  {
    name: 'marker-read-before-predecessor-is-locked-out',
    file: STORE,
    find: '    const marker = await this.session.marker(true);\n    this.session.beginning.at(marker);',
    replace: '    const marker = before;\n    this.session.beginning.at(await this.session.marker(true));',
  },
  {
    name: 'commit-without-marker',
    file: `${SRC}session/commit-offsets.ts`,
    find: 'return [{ ...one, metadata: marker }];',
    replace: "return marker === '' ? [] : [one];",
  },
  {
    name: 'unknown-outcome-taken-for-success',
    file: SESSION,
    find: COMMIT,
    replace: `${COMMIT.slice(0, -1)}.catch(() => this.begin());`,
  },
  {
    name: 'unknown-outcome-taken-for-failure',
    file: STORE,
    find: lines('        await this.remember(record);', '      },', '      latest: () => this.latest(),'),
    replace: lines(
      '        await this.remember(record);',
      '        Object.assign(this, { last: record });',
      '      },',
      '      latest: async () => {',
      '        const found = await this.latest();',
      '        const { last } = this as unknown as { last?: CommitRecord };',
      '        return last !== undefined && found?.id === last.id + 1 ? last : found;',
      '      },',
    ),
  },
  {
    name: 'aborted-transaction-gone-on-with',
    file: SESSION,
    find: COMMIT,
    replace: `${COMMIT.slice(0, -1)}.catch(() => producer.abort());`,
  },
  {
    name: 'producer-used-again-after-a-failed-call',
    file: SESSION,
    find: '    await this.endLife();\n    this.listeners = [];',
    replace: lines(
      '    const kept = this.producer;',
      '    this.listeners = [];',
      '    if (kept !== undefined && this.membership !== undefined && !this.suspects.watching) {',
      '      this.failure = undefined;',
      '      this.offsets.clear();',
      '      this.inTransaction = false;',
      '      const aborted = await kept.abort().then(() => true, () => false);',
      '      if (aborted) return;',
      '    }',
      '    await this.endLife();',
    ),
  },
  {
    name: 'output-after-cut-goes-with-its-transaction',
    file: WRITER,
    find: '        this.held = [];\n',
    replace: '        this.held = undefined;\n',
  },
  {
    name: 'backlog-dropped-at-commit',
    file: WRITER,
    find: 'this.backlog = this.held;',
    replace: 'this.backlog = [];',
  },
  {
    name: 'random-transactional-id',
    file: `${SRC}session/producers.ts`,
    find: 'transactional ? { id: group, timeoutMs',
    replace: 'transactional ? { id: `${group}-${Math.random()}`, timeoutMs',
  },
  {
    name: 'dead-letters-outside-of-the-transaction',
    file: `${SRC}sink/dead-letters.ts`,
    find: 'sessionOf(WHERE, options, context, context.name)',
    replace: lines(
      '(() => {',
      "  const { connection } = sessionOf('kafka.deadLetters()', options, context, context.name).session;",
      '  const apart = { ...options, bootstrap: connection.bootstrap, driver: connection.driver };',
      "  return sessionOf('kafka.deadLetters()', apart, context, context.name);",
      '})()',
    ),
  },
  {
    name: 'partition-read-beyond-its-end',
    file: `${SRC}source/partition-queue.ts`,
    find: '    while (to > from && records.offset(to - 1) >= this.end) to--;',
    replace: '    to = run.to;',
  },
  {
    name: 'end-asked-for-again-at-recovery',
    file: `${SRC}source/open-queues.ts`,
    find: 'const { offset, end = Infinity, of = Infinity } = position;',
    replace: lines(
      'const { offset, of = Infinity } = position;',
      "    const [end = Infinity] = await endOffsets(admin, [one], 'end');",
    ),
  },
  {
    name: 'position-of-fetched',
    file: `${SRC}source/partition-queue.ts`,
    find: '{ offset: this.next, end: this.end, of: this.of }',
    replace: '{ offset: Math.min(this.end, this.next + this.records), end: this.end, of: this.of }',
  },
  {
    name: 'restored-partition-read-from-its-beginning',
    file: `${SRC}source/open-queues.ts`,
    find: '{ start: offset, end, of }',
    replace: '{ start: 0, end, of }',
  },
  {
    name: 'committed-without-what-was-left-out',
    file: `${SRC}refusals/suspects.ts`,
    find: 'if (this.gathered.size === 0) return;\n    this.rolledBack = true;',
    replace: 'if (this.gathered.size >= 0) return;\n    this.rolledBack = true;',
  },
];
