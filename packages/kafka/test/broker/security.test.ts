import { dataflow, MillraceError, silentLogger, type RunOptions } from 'millrace';
import { directory } from 'millrace/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kafka, type KafkaSecurity, type OAuthToken, type SaslOptions } from '../../src/index.ts';
import { newFolder, produce, readTexts, uniqueName, withOwnBroker } from '../setup/fixture.ts';
import { startSecureBroker, type SecureBroker } from '../setup/secure-broker.ts';

const PREFIX = 'team-';
const [INPUT, LIVE, OUTPUT] = ['orders', 'live-orders', 'copies'];
/** The client asks for a new token when 80 % of the time is over. */
const TOKEN_MS = 5_000;
const WAIT = { timeout: 120_000, interval: 200 };
const USERS = { alice: 'alice-secret', noread: 'x', nowrite: 'x', nogroup: 'x', notx: 'x', stranger: 'x' };

let broker: SecureBroker;

/** Exactly the rights of docs/guide/kafka.md; some users lack one of them. */
async function grantRights(): Promise<void> {
  const full = ['alice', 'sam', 'susan', 'olivia', 'CN=client'];
  const but = (missing: string): string[] => [
    ...full,
    ...['noread', 'nowrite', 'nogroup', 'notx'].filter((u) => u !== missing),
  ];
  const allow = (users: readonly string[], operations: readonly string[], ...resource: string[]): Promise<void> =>
    broker.tool('org.apache.kafka.tools.AclCommand', [
      '--add',
      ...users.flatMap((user) => ['--allow-principal', `User:${user}`]),
      ...operations.flatMap((operation) => ['--operation', operation]),
      ...resource,
    ]);
  const scram = (user: string, mechanism: string): Promise<void> =>
    broker.tool('kafka.admin.ConfigCommand', [
      ...['--alter', '--entity-type', 'users', '--entity-name', user],
      ...['--add-config', `${mechanism}=[password=${user}-secret]`],
    ]);
  const prefixed = ['--resource-pattern-type', 'prefixed'];
  await Promise.all([
    allow(but('noread'), ['Read'], '--topic', INPUT, '--topic', LIVE),
    allow(but('nowrite'), ['Write'], '--topic', OUTPUT),
    // To know of a topic is not to read or write it.
    allow(['noread', 'nowrite'], ['Describe'], '--topic', INPUT, '--topic', OUTPUT),
    allow([...but('nogroup'), 'stranger'], ['Read'], '--group', PREFIX, ...prefixed),
    allow([...but('notx'), 'stranger'], ['Write'], '--transactional-id', PREFIX, ...prefixed),
    allow(but(''), ['Create', 'Write'], '--topic', `dlq.${PREFIX}`, ...prefixed),
    scram('sam', 'SCRAM-SHA-256'),
    scram('susan', 'SCRAM-SHA-512'),
  ]);
}

function copyJob(name: string, input: string = INPUT) {
  const dead = kafka.deadLetters();
  const until = input === LIVE ? {} : { until: 'end' as const };
  const options = { format: kafka.json<{ n: number }>(), onError: dead, ...until };
  const flow = dataflow(name);
  flow
    .from('orders', kafka.topic(input, options))
    .map(({ n }) => `${name} ${n}`)
    .to('copies', kafka.sink<string>(OUTPUT, { format: kafka.string() }));
  return flow;
}

async function run(
  security: KafkaSecurity,
  {
    bootstrap = broker.saslSsl,
    name = uniqueName('job'),
    ...options
  }: Partial<RunOptions> & { bootstrap?: string; name?: string } = {},
): Promise<string> {
  const connection = { bootstrap, security, prefix: PREFIX };
  const handle = await copyJob(name).run(
    kafka.solo({ ...connection, checkpoints: directory(newFolder()), logger: silentLogger, ...options }),
  );
  await handle.done;
  expect(handle.status).toBe('finished');
  return name;
}

/** How a job fails. It is the reason that is said: a client's or a watchdog's time-out would read otherwise. */
async function failure(security: KafkaSecurity, options: Parameters<typeof run>[1] = {}): Promise<MillraceError> {
  const error: unknown = await run(security, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MillraceError);
  return error as MillraceError;
}

const plain = (username: keyof typeof USERS, password: string = USERS[username]): SaslOptions => ({
  mechanism: 'PLAIN',
  username,
  password,
});
const withTls = (sasl: SaslOptions): KafkaSecurity => ({ tls: { ca: broker.ca }, sasl });

withOwnBroker('security', () => {
  beforeAll(async () => {
    broker = await startSecureBroker(USERS);
    const topics = [INPUT, LIVE, OUTPUT].map((name) => ({ name, partitions: 2 }));
    await kafka.ensureTopics({ bootstrap: broker.bootstrap }, topics);
    await grantRights();
    const records = [{ text: '{"n":1}' }, { text: 'no json' }, { text: '{"n":2}', partition: 1 }].map((one) => ({
      ...one,
      topic: INPUT,
    }));
    await produce(INPUT, records, undefined, broker.bootstrap);
  });
  afterAll(() => broker?.stop());

  const expectCopies = async (name: string): Promise<void> => {
    const copies = (await readTexts(OUTPUT, broker.bootstrap)).filter((text) => text.startsWith(`${name} `));
    expect(copies.sort()).toEqual([`${name} 1`, `${name} 2`]);
    // Named behind the prefix, as group and transactional id are: there are no rights for others.
    expect(await readTexts(`dlq.${PREFIX}${name}.${INPUT}`, broker.bootstrap)).toEqual(['no json']);
  };

  it.each<[string, () => SaslOptions]>([
    ['PLAIN', () => plain('alice')],
    ['SCRAM-SHA-256', () => ({ mechanism: 'SCRAM-SHA-256', username: 'sam', password: 'sam-secret' })],
    ['SCRAM-SHA-512', () => ({ mechanism: 'SCRAM-SHA-512', username: 'susan', password: 'susan-secret' })],
    ['OAUTHBEARER', () => ({ mechanism: 'OAUTHBEARER', token: () => Promise.resolve(tokenFor(3_600_000)) })],
  ])('a job with exactly the documented rights runs over TLS with %s', async (_mechanism, sasl) => {
    await expectCopies(await run(withTls(sasl())));
  });

  it('a job runs with a certificate of its own instead of a password', async () => {
    const tls = { ca: broker.ca, cert: broker.clientCert, key: broker.clientKey };
    await expectCopies(await run({ tls }, { bootstrap: broker.ssl }));
  });

  it('a token is renewed before it expires, for every client, and the job goes on', async () => {
    const expiries: number[] = [];
    const token = (): Promise<OAuthToken> => {
      const given = tokenFor(TOKEN_MS);
      expiries.push(given.expiresAt);
      return Promise.resolve(given);
    };
    const name = uniqueName('job');
    const checkpoints = directory(newFolder());
    const security = withTls({ mechanism: 'OAUTHBEARER', token });
    const connection = { bootstrap: broker.saslSsl, security, prefix: PREFIX };
    const handle = await copyJob(name, LIVE).run(kafka.solo({ ...connection, checkpoints, logger: silentLogger }));
    const copies = async (): Promise<string[]> =>
      (await readTexts(OUTPUT, broker.bootstrap)).filter((text) => text.startsWith(`${name} `));
    await produce(LIVE, [{ text: '{"n":1}' }], undefined, broker.bootstrap);
    await expect.poll(copies, WAIT).toHaveLength(1);
    // Each client asks for one; the tokens they began with are worth nothing any more.
    const clients = expiries.length;
    expect(clients).toBeGreaterThanOrEqual(4);
    await expect
      .poll(() => expiries.length >= 2 * clients && Date.now() > (expiries[clients - 1] ?? 0), WAIT)
      .toBe(true);
    await produce(LIVE, [{ text: '{"n":2}' }], undefined, broker.bootstrap);
    await expect.poll(copies, WAIT).toHaveLength(2);
    await handle.stop();
    // Without a restart: the job has no policy for one, and would have failed.
    expect(handle.status).toBe('stopped');
  });

  it.concurrent.each<[string, () => readonly [KafkaSecurity, string?], RegExp]>([
    [
      'a wrong password',
      () => [withTls(plain('alice', 'wrong'))],
      /connecting to 127\.0\.0\.1:\d+ failed: SASL .*Invalid username or password.*Correct the password of 'alice' or the mechanism \(PLAIN\)/,
    ],
    [
      'a user that SCRAM does not know',
      () => [withTls({ mechanism: 'SCRAM-SHA-512', username: 'sam', password: 'sam-secret' })],
      /SASL .*invalid credentials.*Correct the password of 'sam' or the mechanism \(SCRAM-SHA-512\)/,
    ],
    [
      'a token that has expired',
      () => [
        withTls({
          mechanism: 'OAUTHBEARER',
          token: () => Promise.resolve({ ...tokenFor(-60_000), expiresAt: Date.now() + 60_000 }),
        }),
      ],
      /SASL .*Correct the token or the mechanism \(OAUTHBEARER\)/,
    ],
    [
      'a token that cannot be had',
      () => [withTls({ mechanism: 'OAUTHBEARER', token: () => Promise.reject(new Error('the vault is closed')) })],
      /security\.sasl\.token\(\) failed: the vault is closed/,
    ],
    [
      'a wrong authority',
      () => [{ tls: { ca: broker.otherCa }, sasl: plain('alice') }],
      /the certificate of 127\.0\.0\.1:\d+ is refused: unable to verify.*Correct security\.tls\.ca or bootstrap/,
    ],
    [
      'a wrong host name',
      () => [withTls(plain('alice')), broker.saslSsl.replace('127.0.0.1', 'localhost')],
      /the certificate of localhost:\d+ is refused: Hostname\/IP does not match.*Correct security\.tls\.ca or bootstrap/,
    ],
    ['no TLS where the broker wants it', () => [{}], /Does this port speak TLS\? Give security: \{ tls: true \}/],
    [
      'TLS where the broker has none',
      () => [{ tls: { ca: broker.ca } }, broker.bootstrap],
      /Does this port speak TLS\? Leave out security\.tls/,
    ],
    [
      'no name where the broker wants one',
      () => [{ tls: { ca: broker.ca } }],
      /Does this port want to know who asks\? Give security\.sasl/,
    ],
    [
      'no certificate where the broker wants one',
      () => [{ tls: { ca: broker.ca } }, broker.ssl],
      /security\.tls\.cert and key/,
    ],
  ])('%s: the reason and the cure, instead of trying for ever', async (_what, given, message) => {
    const [security, bootstrap] = given();
    const error = await failure(security, { ...(bootstrap === undefined ? {} : { bootstrap }) });
    expect(error.message).toMatch(message);
    expect(error.code).toBe('IO_FAILED');
  });

  it.each<[string, keyof typeof USERS, RegExp]>([
    ['READ on the topic it reads', 'noread', /'orders'.*READ or WRITE on the topic/],
    ['WRITE on the topic it writes', 'nowrite', /transaction.*READ or WRITE on the topic/],
    ['any right on the topic it reads', 'stranger', /'(orders|copies)'.*READ or WRITE on the topic/],
    ['READ on its group', 'nogroup', /group 'team-job-.*READ on the group/],
    ['WRITE on its transactional id', 'notx', /'team-job-.*WRITE on the transactional id/],
  ])('a job without %s says what it lacks', async (_right, user, message) => {
    const error = await failure(withTls(plain(user)));
    expect(error.message).toMatch(message);
    expect(error.retryable).toBe(false);
  });
});

/** An unsecured JSON web token, as the broker's validator for tests takes it. */
function tokenFor(lifetimeMs: number): OAuthToken {
  const now = Date.now();
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'olivia', iat: (now - 1_000) / 1_000, exp: (now + lifetimeMs) / 1_000 };
  return { token: `${part({ alg: 'none' })}.${part(claims)}.`, expiresAt: now + lifetimeMs, principal: 'olivia' };
}
