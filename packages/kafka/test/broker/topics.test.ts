import { dataflow, int, memory, memoryCheckpoints, memorySink, silentLogger, string, struct } from 'millrace';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTopicSettings } from '../../src/confluent/topic-settings.ts';
import { kafka, topics, type ConnectionOptions, type OAuthToken, type SaslOptions } from '../../src/index.ts';
import { bootstrap, readWithJava, uniqueName, withBroker, withOwnBroker } from '../setup/fixture.ts';
import { startSecureBroker, type SecureBroker } from '../setup/secure-broker.ts';

const Order = struct({ order_id: string(), items: int() });
const silent = { print: false } as const;

/** A word of a topic's name that no other test has. */
const word = (): string => uniqueName('t').replaceAll('.', '-');

/** A design whose topics nobody else has. */
function shopDesign() {
  const database = word();
  return topics.define({
    orders: topics.event(`shop.${database}.placed`, { schema: Order, key: 'order_id', partitions: 3 }),
    rows: topics.cdc(`cdc.${database}.orders`, { schema: Order, key: 'order_id', partitions: 2, minInSync: 1 }),
    latency: topics.metrics(`metrics.${database}.latency`, { schema: Order, partitions: 2, retention: '48h' }),
    capture: topics.commands(`commands.${database}.capture`, { schema: Order, key: 'order_id', partitions: 2 }),
    dead: topics.dlq(`dlq.${database}.shop.order.placed`, { partitions: 2 }),
  });
}

withBroker('topics in code, on a broker', () => {
  it('plan, ensure, and plan again: the brokers have what was designed', async () => {
    const shop = shopDesign();
    const plan = await shop.plan({ bootstrap }, silent);
    expect(plan.topics.map(({ status }) => status)).toEqual(Array(5).fill('create'));
    const made = await shop.ensure({ bootstrap }, silent);
    expect(made.topics.map(({ status }) => status)).toEqual(Array(5).fill('created'));
    const again = await shop.plan({ bootstrap }, silent);
    expect(again.topics, String(again)).toEqual(
      Object.values(shop.topics).map(({ name }) => ({ name, status: 'ok', differences: [] })),
    );
  });

  it('a topic that somebody has made otherwise is refused, with all that is wrong, and left as it is', async () => {
    const shop = shopDesign();
    const { orders, rows } = shop.topics;
    await kafka.ensureTopics({ bootstrap }, [
      { name: orders.name, partitions: 2, config: { 'retention.ms': '1000' } },
      { name: rows.name, partitions: 2, config: { 'retention.ms': '1209600000' } },
    ]);
    await expect(shop.ensure({ bootstrap }, silent)).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringMatching(
        /partitions is 2, designed 3: breaks.*cleanup\.policy is delete, designed compact: breaks/,
      ) as string,
      fields: { topics: [orders.name] },
    });
    const plan = await shop.plan({ bootstrap }, silent);
    expect(plan.topics.map(({ status }) => status)).toEqual(['differs', 'differs', 'create', 'create', 'create']);
    expect(plan.topics[1]?.differences).toEqual([
      expect.objectContaining({ setting: 'retention.ms', actual: '1209600000', designed: '604800000', breaks: false }),
    ]);
  });

  it('records go through a designed topic with the format and the key of its design', async () => {
    const shop = shopDesign();
    const { orders } = shop.topics;
    await shop.ensure({ bootstrap }, silent);
    const values = ['a', 'b', 'a'].map((order_id, items) => ({ order_id, items }));
    const written = dataflow(word());
    written.from('values', memory(values)).to('orders', kafka.sink(orders.name, { ...orders.write, bootstrap }));
    await (
      await written.run({ logger: silentLogger })
    ).done;
    const stored = readWithJava(orders.name);
    expect(stored.map(({ key, value }) => `${key} ${value}`).sort()).toEqual([
      'a {"order_id":"a","items":0}',
      'a {"order_id":"a","items":2}',
      'b {"order_id":"b","items":1}',
    ]);
    const read = memorySink<{ order_id: string; items: number }>();
    const reading = dataflow(word());
    reading.from('orders', kafka.topic(orders.name, { ...orders.read, bootstrap, until: 'end' })).to('read', read);
    await (
      await reading.run({ logger: silentLogger })
    ).done;
    expect([...read.rows].sort((a, b) => a.items - b.items)).toEqual(values);
  });

  it('letters about records of long ago are kept: the 30 days begin when they come', async () => {
    const database = word();
    const input = `shop.${database}.old` as const;
    const name = `dlq.${database}.${input}` as const;
    const design = topics.define({
      input: topics.event(input, { format: kafka.string(), key: (line) => line, partitions: 1, config: {} }),
      dead: topics.dlq(name),
    });
    await design.ensure({ bootstrap }, silent);
    const lines = dataflow(word());
    const old = kafka.sink<string>(input, {
      format: kafka.string(),
      key: (line) => line,
      timestamp: () => 1_000,
      bootstrap,
    });
    lines.from('lines', memory(['no JSON'])).to('input', old);
    await (
      await lines.run({ logger: silentLogger })
    ).done;
    const flow = dataflow(database);
    const options = { schema: Order, onError: kafka.deadLetters(), until: 'end' } as const;
    flow.from('orders', kafka.topic(input, options)).to('out', memorySink());
    const started = Date.now();
    await (
      await flow.run(kafka.solo({ bootstrap, checkpoints: memoryCheckpoints(), logger: silentLogger }))
    ).done;
    const [letter, ...others] = readWithJava(name);
    expect(others).toEqual([]);
    expect(letter?.value).toBe('no JSON');
    // The broker's clock is this machine's.
    expect(letter?.timestamp).toBeGreaterThan(started - 60_000);
    expect(letter?.headers).toContain('millrace.timestamp:1000');
  });
});

withOwnBroker('topics in code, on a broker that must be convinced', () => {
  let broker: SecureBroker;

  beforeAll(async () => {
    broker = await startSecureBroker({ maker: 'maker-secret', reader: 'reader-secret' });
    const allow = (users: readonly string[], operations: readonly string[]) =>
      broker.tool('org.apache.kafka.tools.AclCommand', [
        ...['--add', '--topic', '*'],
        ...users.flatMap((user) => ['--allow-principal', `User:${user}`]),
        ...operations.flatMap((operation) => ['--operation', operation]),
      ]);
    const scram = (user: string, mechanism: string): Promise<void> =>
      broker.tool('kafka.admin.ConfigCommand', [
        ...['--alter', '--entity-type', 'users', '--entity-name', user],
        ...['--add-config', `${mechanism}=[password=${user}-secret]`],
      ]);
    await Promise.all([
      allow(['maker', 'sam', 'susan', 'olivia', 'CN=client'], ['Describe', 'Create', 'DescribeConfigs']),
      allow(['reader'], ['Describe']),
      scram('sam', 'SCRAM-SHA-256'),
      scram('susan', 'SCRAM-SHA-512'),
    ]);
  });

  afterAll(() => broker?.stop());

  const password = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512', username: string): SaslOptions => ({
    mechanism,
    username,
    password: `${username}-secret`,
  });
  const withTls = (sasl: SaslOptions): ConnectionOptions => ({
    bootstrap: broker.saslSsl,
    security: { tls: { ca: broker.ca }, sasl },
  });

  it.each<[string, () => ConnectionOptions]>([
    ['PLAIN', () => withTls(password('PLAIN', 'maker'))],
    ['SCRAM-SHA-256', () => withTls(password('SCRAM-SHA-256', 'sam'))],
    ['SCRAM-SHA-512', () => withTls(password('SCRAM-SHA-512', 'susan'))],
    ['OAUTHBEARER', () => withTls({ mechanism: 'OAUTHBEARER', token: () => Promise.resolve(oliviasToken()) })],
    [
      'a client certificate',
      () => ({
        bootstrap: broker.ssl,
        security: { tls: { ca: broker.ca, cert: broker.clientCert, key: broker.clientKey } },
      }),
    ],
  ])('topics are made and their settings read with %s', async (_how, connection) => {
    const shop = shopDesign();
    await shop.ensure(connection(), silent);
    const plan = await shop.plan(connection(), silent);
    expect(plan.topics, String(plan)).toEqual(
      Object.values(shop.topics).map(({ name }) => ({ name, status: 'ok', differences: [] })),
    );
  });

  it('a user who may not read settings is told so, and partitions are compared', async () => {
    const shop = shopDesign();
    await shop.ensure({ bootstrap: broker.bootstrap }, silent);
    const plan = await shop.plan(withTls(password('PLAIN', 'reader')), silent);
    expect(plan.topics.map(({ status }) => status)).toEqual(Array(5).fill('ok'));
    expect(plan.topics[0]?.unread).toMatch(/reading settings of topics failed: .*\(29\).*DESCRIBE_CONFIGS/);
  });

  it('a broker whose certificate is of another authority is not asked', async () => {
    const settings = {
      'bootstrap.servers': broker.ssl,
      'security.protocol': 'ssl',
      'ssl.ca.pem': broker.otherCa,
      'ssl.certificate.pem': broker.clientCert,
      'ssl.key.pem': broker.clientKey,
    };
    await expect(readTopicSettings(settings, ['any'])).rejects.toThrow(
      /reading settings of topics failed: .*certificate/,
    );
    const ours = { ...settings, 'ssl.ca.pem': broker.ca };
    const elsewhere = { ...ours, 'bootstrap.servers': broker.ssl.replace('127.0.0.1', 'localhost') };
    await expect(readTopicSettings(elsewhere, ['any'])).rejects.toThrow(/does not match certificate|altnames/);
    const shop = shopDesign();
    await shop.ensure({ bootstrap: broker.bootstrap }, silent);
    const unchecked = { ...elsewhere, 'ssl.endpoint.identification.algorithm': 'none' };
    const [read] = await readTopicSettings(unchecked, [shop.topics.rows.name]);
    expect(read?.settings).toMatchObject(shop.topics.rows.config);
  });
});

/** Unsigned, as the broker of the tests takes them. */
function oliviasToken(): OAuthToken {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url');
  const expiresAt = Date.now() + 3_600_000;
  const claims = { sub: 'olivia', iat: Math.floor(Date.now() / 1_000), exp: Math.floor(expiresAt / 1_000) };
  return { token: `${part({ alg: 'none' })}.${part(claims)}.`, expiresAt, principal: 'olivia' };
}
