import { double, int, MillraceError, string, struct } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  kafka,
  topics,
  type AdminDriver,
  type KafkaDriver,
  type TopicDescription,
  type TopicSettings,
} from '../../src/index.ts';
import { modelBroker, type ModelBroker } from '../../src/testing.ts';

const Order = struct({ order_id: string(), items: int(), amount: double() });
const values = { schema: Order, key: 'order_id', partitions: 6 } as const;
const at = ({ driver }: ModelBroker) => ({ bootstrap: 'model:9092', driver });
const silent = { print: false } as const;

/** A program without a type checker. */
const untyped = topics as unknown as Record<keyof typeof topics, (name: unknown, options?: unknown) => unknown>;

describe('topics by their kinds', () => {
  it('each kind has its own retention and clean-up', () => {
    const configs = {
      event: topics.event('shop.order.placed', values),
      aging: topics.event('shop.order.placed', { ...values, retention: '90d' }),
      log: topics.event('shop.order.placed', { ...values, compacted: false, retention: '365d' }),
      cdc: topics.cdc('cdc.shop.orders', values),
      rows: topics.cdc('cdc.shop.orders', { ...values, retention: '30d', compacted: true }),
      metrics: topics.metrics('metrics.checkout.latency', { ...values, retention: '72h' }),
      commands: topics.commands('commands.payment.capture', { ...values, replication: 3, minInSync: 2 }),
      dlq: topics.dlq('dlq.revenue.shop.order.placed'),
    };
    expect(Object.fromEntries(Object.entries(configs).map(([name, { config }]) => [name, config]))).toEqual({
      event: { 'cleanup.policy': 'compact' },
      aging: { 'cleanup.policy': 'compact,delete', 'retention.ms': '7776000000' },
      log: { 'cleanup.policy': 'delete', 'retention.ms': '31536000000' },
      cdc: { 'cleanup.policy': 'delete', 'retention.ms': '604800000' },
      rows: { 'cleanup.policy': 'compact,delete', 'retention.ms': '2592000000' },
      metrics: { 'cleanup.policy': 'delete', 'retention.ms': '259200000' },
      commands: { 'cleanup.policy': 'delete', 'retention.ms': '86400000', 'min.insync.replicas': '2' },
      dlq: {
        'cleanup.policy': 'delete',
        'retention.ms': '2592000000',
        'message.timestamp.type': 'LogAppendTime',
        'max.message.bytes': '10000000',
      },
    });
    expect([configs.commands.replication, configs.dlq.replication, configs.dlq.partitions]).toEqual([3, -1, 1]);
  });

  it('gives sources and sinks the format, and the key by field or function', () => {
    const order = { order_id: 'o-1', items: 3, amount: 1.5 };
    const byField = topics.event('shop.order.placed', values);
    const byNumber = topics.event('shop.order.placed', { ...values, key: 'items' });
    const byFunction = topics.event('shop.order.placed', { ...values, key: (o) => `${o.order_id}/${o.items}` });
    expect([byField, byNumber, byFunction].map(({ write }) => write.key?.(order))).toEqual(['o-1', '3', 'o-1/3']);
    expect(byField.read.format.decode(byField.write.format.encode(order) ?? new Uint8Array())).toEqual(order);
    expect(topics.metrics('metrics.a.b', { format: kafka.string(), partitions: 2 }).write).not.toHaveProperty('key');
    for (const order_id of [undefined, null, {}, true])
      expect(() => byField.write.key?.({ ...order, order_id } as never)).toThrow(
        /key of 'shop.order.placed': field 'order_id' is (undefined|null|object|boolean), but must be text or a number/,
      );
    kafka.topic(byField.name, byField.read);
    kafka.sink(byField.name, byField.write);
  });

  it.each<[keyof typeof topics, unknown, unknown, RegExp]>([
    [
      'event',
      'shop.order',
      values,
      /name of topics\.event\(\) is "shop\.order", but must be of the form domain\.entity\.event/,
    ],
    ['event', 'shop.order.placed.v2', values, /of the form domain\.entity\.event/],
    ['event', 'cdc.shop.orders', values, /of the form domain\.entity\.event/],
    ['event', 'shop..placed', values, /of the form/],
    ['event', 'shop.order placed.a', values, /letters, digits, dots/],
    ['cdc', 'shop.order.placed', values, /of the form cdc\.database\.table/],
    ['cdc', undefined, values, /name of topics\.cdc\(\)/],
    ['metrics', 'metrics.checkout', values, /of the form metrics\.service\.type/],
    ['commands', 'command.payment.capture', values, /of the form commands\.service\.action/],
    ['dlq', 'dlq.revenue', {}, /of the form dlq\.group\.topic/],
    [
      'event',
      'a.b.c',
      { ...values, partitions: 0 },
      /partitions of 'a\.b\.c' is 0, but must be a whole number from 1 on/,
    ],
    ['event', 'a.b.c', { ...values, partitions: 1.5 }, /partitions of 'a\.b\.c' is 1\.5/],
    ['event', 'a.b.c', { ...values, partitions: undefined }, /partitions of 'a\.b\.c' is undefined/],
    ['dlq', 'dlq.a.b', { partitions: 4 }, /partitions of 'dlq\.a\.b' is 4, but must be 1 to 3/],
    ['dlq', 'dlq.a.b', { key: 'id' }, /options of topics\.dlq\('dlq\.a\.b'\) is "\{ key \}"/],
    [
      'cdc',
      'cdc.a.b',
      { ...values, retention: '31d' },
      /retention of 'cdc\.a\.b' is "31d", but must be 7 to 30 days for cdc/,
    ],
    ['cdc', 'cdc.a.b', { ...values, retention: '6d' }, /7 to 30 days/],
    ['metrics', 'metrics.a.b', { ...values, retention: '23h' }, /24 to 72 hours for metrics/],
    ['commands', 'commands.a.b', { ...values, retention: '24h' }, /"\{ retention \}"/],
    ['event', 'a.b.c', { ...values, compacted: 'no' }, /compacted of 'a\.b\.c' is "no", but must be true or false/],
    ['event', 'a.b.c', { ...values, key: undefined }, /key of 'a\.b\.c' is undefined, but must be the name of a field/],
    ['event', 'a.b.c', { ...values, schema: undefined }, /schema of 'a\.b\.c' is undefined/],
    ['event', 'a.b.c', { ...values, format: kafka.string() }, /a schema beside a format/],
    [
      'event',
      'a.b.c',
      { ...values, replication: 2, minInSync: 3 },
      /minInSync of 'a\.b\.c' is 3, but must be at most replication, 2/,
    ],
    ['event', 'a.b.c', { ...values, keyValues: -1 }, /keyValues of 'a\.b\.c' is -1/],
    [
      'event',
      'a.b.c',
      { ...values, config: { 'retention.ms': '1' } },
      /config of 'a\.b\.c' is "\{ retention\.ms \}", but must be without it; use retention/,
    ],
    ['dlq', 'dlq.a.b', { config: { 'message.timestamp.type': 'CreateTime' } }, /use nothing: topics\.dlq\(\) needs it/],
    [
      'event',
      'a.b.c',
      { ...values, config: { 'segment.ms': 1 } },
      /config\['segment\.ms'\] of 'a\.b\.c' is 1, but must be text/,
    ],
    ['event', 'a.b.c', { ...values, partition: 3 }, /options of topics\.event\('a\.b\.c'\) is "\{ partition \}"/],
  ])('%s refuses name %s with %o', (kind, name, options, message) => {
    expect(() => untyped[kind](name, options)).toThrow(MillraceError);
    expect(() => untyped[kind](name, options)).toThrow(message);
  });

  it('topics.define refuses what is no topic, and one name twice', () => {
    expect(() => untyped.define({ orders: { name: 'a.b.c' } })).toThrow(/'orders' of topics\.define\(\)/);
    expect(() => untyped.define(null)).toThrow(/topics\.define\(\) is null/);
    const one = topics.event('a.b.c', values);
    expect(() => topics.define({ one, other: one })).toThrow(/'a\.b\.c' twice/);
  });
});

describe('warnings of a design', () => {
  it.each([
    [
      'one partition',
      topics.event('a.b.c', { ...values, partitions: 1 }),
      /'a\.b\.c' has 1 partition: one process reads all of it/,
    ],
    [
      'no clean-up at all',
      topics.event('a.b.c', { ...values, compacted: false }),
      /is never cleaned up.*Give it retention/,
    ],
    [
      'more partitions than keys',
      topics.event('a.b.c', { ...values, keyValues: 4 }),
      /has 6 partitions, and its key only 4 values: at least 2 stay empty/,
    ],
  ])('%s', (_what, topic, message) => {
    expect(topic.warnings).toEqual([expect.stringMatching(message)]);
  });

  it('none where there is nothing to say', () => {
    const designs = [
      topics.event('a.b.c', { ...values, keyValues: 6 }),
      topics.event('a.b.c', { ...values, compacted: false, retention: '7d' }),
      topics.cdc('cdc.a.b', values),
      topics.metrics('metrics.a.b', values),
      topics.commands('commands.a.b', values),
      topics.dlq('dlq.a.b'),
    ];
    expect(designs.flatMap(({ warnings }) => warnings)).toEqual([]);
  });
});

const shop = topics.define({
  orders: topics.event('shop.order.placed', values),
  rows: topics.cdc('cdc.shop.orders', { ...values, minInSync: 1 }),
  dead: topics.dlq('dlq.revenue.shop.order.placed'),
});

describe('plan and ensure on a cluster', () => {
  it('plan says what is missing and makes nothing; ensure makes it; then all is as designed', async () => {
    const broker = modelBroker();
    const printed: string[] = [];
    const print = (text: string) => void printed.push(text);
    const plan = await shop.plan(at(broker), { print });
    expect(plan.topics.map(({ status }) => status)).toEqual(['create', 'create', 'create']);
    expect(printed).toEqual([
      'topics on model:9092:\n  create  shop.order.placed\n  create  cdc.shop.orders\n  create  dlq.revenue.shop.order.placed',
    ]);
    expect([plan.breaks, broker.topicNames()]).toEqual([false, []]);
    const made = await shop.ensure(at(broker), { print });
    expect(made.topics.map(({ status }) => status)).toEqual(['created', 'created', 'created']);
    expect(broker.topicNames()).toEqual(['cdc.shop.orders', 'dlq.revenue.shop.order.placed', 'shop.order.placed']);
    expect(printed).toHaveLength(2);
    const again = await shop.ensure(at(broker), { print });
    expect(again.topics.map(({ status, differences }) => [status, differences])).toEqual(Array(3).fill(['ok', []]));
    expect(printed, 'nothing to say').toHaveLength(2);
    expect(String(await shop.plan(at(broker), silent))).toMatch(
      /^topics on model:9092:\n {2}ok {6}shop\.order\.placed\n/,
    );
  });

  it.each<[string, number, Record<string, string>, readonly [string, string, boolean, boolean][]]>([
    ['fewer partitions', 2, {}, [['partitions', '2', true, true]]],
    ['more partitions', 12, {}, [['partitions', '12', false, false]]],
    ['another clean-up', 6, { 'cleanup.policy': 'compact' }, [['cleanup.policy', 'compact', true, true]]],
    [
      'retention within the bounds of the kind',
      6,
      { 'retention.ms': '1209600000' },
      [['retention.ms', '1209600000', false, true]],
    ],
    ['too short', 6, { 'retention.ms': '1000' }, [['retention.ms', '1000', true, true]]],
    ['for ever', 6, { 'retention.ms': '-1' }, [['retention.ms', '-1', true, true]]],
    ['more replicas in sync', 6, { 'min.insync.replicas': '2' }, [['min.insync.replicas', '2', false, true]]],
    ['fewer of them', 6, { 'min.insync.replicas': '0' }, [['min.insync.replicas', '0', true, true]]],
    ['none of that', 6, {}, []],
  ])('a topic that exists with %s', async (_what, partitions, config, expected) => {
    const broker = modelBroker();
    const admin = await broker.driver.admin({});
    const settings = { 'cleanup.policy': 'delete', 'retention.ms': '604800000', 'min.insync.replicas': '1', ...config };
    await admin.createTopics([{ name: 'cdc.shop.orders', partitions, replication: -1, config: settings }]);
    const [, rows] = (await shop.plan(at(broker), silent)).topics;
    expect(
      rows?.differences.map(({ setting, actual, breaks, changeable }) => [setting, actual, breaks, changeable]),
    ).toEqual(expected);
    expect(rows?.status).toBe(expected.length === 0 ? 'ok' : 'differs');
    const breaking = expected.some(([, , breaks]) => breaks);
    const ensured = shop.ensure(at(broker), silent);
    if (!breaking) expect((await ensured).topics[1]?.differences).toHaveLength(expected.length);
    else {
      await expect(ensured).rejects.toMatchObject({
        code: 'STATE_MISMATCH',
        retryable: false,
        fields: { topics: ['cdc.shop.orders'] },
      });
      expect(broker.topicNames(), 'nothing was made').toEqual(['cdc.shop.orders']);
    }
    expect((await admin.topicSettings?.(['cdc.shop.orders']))?.[0]?.settings, 'nothing was changed').toMatchObject(
      settings,
    );
  });

  it('differences are lines with the cure', async () => {
    const broker = modelBroker();
    broker.createTopic('shop.order.placed', 2);
    broker.createTopic('cdc.shop.orders', 9);
    broker.createTopic('dlq.revenue.shop.order.placed');
    expect(String(await shop.plan(at(broker), silent)).split('\n')).toEqual([
      'topics on model:9092:',
      '  differs shop.order.placed',
      expect.stringMatching(
        /^ {6}partitions is 2, designed 6: breaks the design\. Add them: kafka-topics\.sh --alter --topic shop\.order\.placed --partitions 6/,
      ),
      '      cleanup.policy is delete, designed compact: breaks the design. kafka-configs.sh --alter --entity-type topics --entity-name shop.order.placed --add-config cleanup.policy=compact',
      '  differs cdc.shop.orders',
      '      partitions is 9, designed 6: differs. Cannot be changed. Partitions cannot be taken away: design it with 9, or make it anew.',
      '  differs dlq.revenue.shop.order.placed',
      expect.stringContaining('retention.ms is 604800000, designed 2592000000: breaks the design.'),
      expect.stringContaining('message.timestamp.type is CreateTime, designed LogAppendTime: breaks the design.'),
      expect.stringContaining('max.message.bytes is 1048588, designed 10000000: differs.'),
    ]);
    await expect(shop.ensure(at(broker), silent)).rejects.toThrow(
      /^Topics on model:9092 are not what their designs need\. 'shop\.order\.placed': partitions is 2.*'dlq\.revenue/,
    );
  });

  it('fewer replicas than designed break the design, more do not', async () => {
    const broker = modelBroker();
    broker.createTopic('a.b.c', 6);
    const admin = await broker.driver.admin({});
    const replicated = (replicas: number): KafkaDriver => ({
      ...broker.driver,
      admin: () =>
        Promise.resolve({
          ...partsOf(admin),
          topicSettings: (names) => admin.topicSettings?.(names) ?? Promise.resolve([]),
          topics: () =>
            Promise.resolve([
              { name: 'a.b.c', partitions: Array(6).fill({ replicas, inSync: replicas }) as Described },
            ]),
        }),
    });
    const design = topics.define({ one: topics.event('a.b.c', { ...values, replication: 2, compacted: false }) });
    const found = async (replicas: number) => {
      const plan = await design.plan({ bootstrap: 'model:9092', driver: replicated(replicas) }, silent);
      return plan.topics[0]?.differences.filter(({ setting }) => setting === 'replication');
    };
    expect(await found(1)).toEqual([
      {
        setting: 'replication',
        designed: '2',
        actual: '1',
        breaks: true,
        changeable: true,
        cure: expect.stringContaining('kafka-reassign-partitions.sh') as string,
      },
    ]);
    expect(await found(2)).toEqual([]);
    expect(await found(3)).toEqual([expect.objectContaining({ actual: '3', breaks: false })]);
  });

  it('a policy is a set: its order does not matter, and a list is quoted for the tool', async () => {
    const design = topics.define({ rows: topics.cdc('cdc.shop.rows', { ...values, compacted: true }) });
    const broker = modelBroker();
    const admin = await broker.driver.admin({});
    const config = { 'cleanup.policy': 'delete, compact', 'retention.ms': '604800000' };
    await admin.createTopics([{ name: 'cdc.shop.rows', partitions: 6, replication: -1, config }]);
    expect((await design.plan(at(broker), silent)).topics[0]?.status).toBe('ok');
    const other = modelBroker();
    other.createTopic('cdc.shop.rows', 6);
    const [rows] = (await design.plan(at(other), silent)).topics;
    expect(rows?.differences[0]?.cure).toContain('--add-config cleanup.policy=[compact,delete]');
  });

  it('warnings of designs are printed by plan and by ensure', async () => {
    const broker = modelBroker();
    const design = topics.define({ one: topics.event('a.b.c', { ...values, partitions: 1 }) });
    const printed: string[] = [];
    const print = (text: string) => void printed.push(text);
    await design.plan(at(broker), { print });
    await design.ensure(at(broker), { print });
    await design.ensure(at(broker), { print });
    expect(printed).toHaveLength(3);
    for (const text of printed) expect(text).toMatch(/\n {2}warning: 'a\.b\.c' has 1 partition/);
  });

  it('refuses a report that nobody reads', async () => {
    const broker = modelBroker();
    await expect(shop.plan(at(broker), { print: 1 as unknown as false })).rejects.toThrow(/print of topics\.plan\(\)/);
    await expect(shop.ensure(at(broker), { log: print } as object)).rejects.toThrow(/report of topics\.ensure\(\)/);
    await expect(shop.plan({ bootstrap: 'nowhere' }, silent)).rejects.toThrow(/bootstrap of topics\.plan\(\)/);
  });
});

const print = () => undefined;

type Described = TopicDescription['partitions'];

/** An admin client in parts, so that some can be replaced. */
function partsOf(inner: AdminDriver): Omit<AdminDriver, 'topicSettings'> {
  return {
    topics: (names) => inner.topics(names),
    topicNames: () => inner.topicNames(),
    createTopics: (some) => inner.createTopics(some),
    offsets: (partitions, query) => inner.offsets(partitions, query),
    committed: (group, stable) => inner.committed(group, stable),
    members: (group) => inner.members(group),
    close: () => Promise.resolve(),
  };
}

describe('settings that cannot be read', () => {
  /** A client whose admin reads settings so. */
  function reading(topicSettings: AdminDriver['topicSettings']): {
    readonly broker: ModelBroker;
    readonly driver: KafkaDriver;
  } {
    const broker = modelBroker();
    const { driver } = broker;
    const admin = async (): Promise<AdminDriver> => {
      return { ...partsOf(await driver.admin({})), ...(topicSettings === undefined ? {} : { topicSettings }) };
    };
    return { broker, driver: { ...driver, admin } };
  }
  const failing =
    (code: 'DEPENDENCY_MISSING' | 'IO_FAILED', fields: Record<string, unknown> = {}) =>
    () =>
      Promise.reject<readonly TopicSettings[]>(new MillraceError(code, { message: 'it is not installed', fields }));

  it.each<[string, AdminDriver['topicSettings'], RegExp]>([
    ['the client cannot do it', undefined, /settings cannot be read: the client cannot do it/],
    ['a package is missing', failing('DEPENDENCY_MISSING'), /settings cannot be read: it is not installed/],
    ['the user may not', failing('IO_FAILED', { kafka: 29 }), /settings cannot be read: it is not installed/],
  ])('are said where %s, and partitions are compared all the same', async (_what, topicSettings, line) => {
    const { broker, driver } = reading(topicSettings);
    const connection = { bootstrap: 'model:9092', driver };
    broker.createTopic('cdc.shop.orders', 6);
    const printed: string[] = [];
    const plan = await shop.ensure(connection, { print: (text) => void printed.push(text) });
    expect(plan.topics[1]).toMatchObject({ status: 'ok', differences: [], unread: expect.any(String) as string });
    expect(printed.join()).toMatch(line);
    const other = reading(topicSettings);
    other.broker.createTopic('cdc.shop.orders', 2);
    const refused = shop.ensure({ bootstrap: 'model:9092', driver: other.driver }, silent);
    await expect(refused).rejects.toThrow(/partitions is 2, designed 6/);
  });

  it('a cluster that does not answer is an error', async () => {
    const { broker, driver } = reading(failing('IO_FAILED'));
    broker.createTopic('cdc.shop.orders', 6);
    await expect(shop.plan({ bootstrap: 'model:9092', driver }, silent)).rejects.toMatchObject({ code: 'IO_FAILED' });
  });
});
