import { memoryCheckpoints, MillraceError } from 'millrace';
import { expect, it } from 'vitest';
import { loadClient } from '../../src/confluent/load-client.ts';
import { kafka } from '../../src/index.ts';
import { encodeMarker, lastMarker } from '../../src/session/marker.ts';
import { RESOURCE } from '../../src/session/session-of.ts';
import { Connection } from '../../src/settings/connection.ts';
import { sourceContext } from '../setup/source-context.ts';

const checkpoints = memoryCheckpoints();
const [CA, CERT, KEY] = ['CERTIFICATE', 'CERTIFICATE 2', 'PRIVATE KEY'].map((what) => `-----BEGIN ${what}-----`) as [
  string,
  string,
  string,
];

it.each([
  [
    'a bootstrap without port',
    () => kafka.solo({ bootstrap: 'localhost', checkpoints }),
    /bootstrap of kafka\.solo\(\)/,
  ],
  [
    'a setting that guarantees rest on',
    () => kafka.solo({ bootstrap: 'a:1', checkpoints, client: { acks: 1 } }),
    /acks/,
  ],
  ['no checkpoints', () => kafka.solo({ bootstrap: 'a:1' } as never), /checkpoints of kafka\.solo\(\)/],
  ['going back by hand', () => kafka.solo({ bootstrap: 'a:1', checkpoints, restoreFrom: 3 }), /restoreFrom/],
  ['an unknown option', () => kafka.topic('t', { shema: 1 } as never), /shema/],
  ['a wrong interval', () => kafka.topic('t', { discoveryInterval: '-1s' }), /discoveryInterval/],
  ['no topic', () => kafka.topic(''), /topic of kafka\.topic\(\)/],
  ['a wrong start', () => kafka.topic('t', { start: 'beginning' as never }), /start of kafka\.topic\(\)/],
  ['a wrong end', () => kafka.topic('t', { until: { offsets: { 't-0': -1 } } }), /until of kafka\.topic\(\)/],
  ['a topic with blanks', () => kafka.topic('my topic'), /topic of kafka\.topic\(\) is "my topic".*letters, digits/],
  ['a sink with a wrong name', () => kafka.sink('a/b'), /topic of kafka\.sink\(\) is "a\/b".*letters, digits/],
  ['a sink with a long name', () => kafka.sink('x'.repeat(250)), /topic of kafka\.sink\(\).*1 to 249/],
  ['text as maxRecordBytes', () => kafka.sink('t', { maxRecordBytes: '10' as never }), /maxRecordBytes .* is "10"/],
  ['a negative maxRecordBytes', () => kafka.sink('t', { maxRecordBytes: -1 }), /maxRecordBytes .* is -1/],
  ['a name as key', () => kafka.sink('t', { key: 'id' as never }), /key of kafka\.sink\(\) is "id".*a function/],
  ['half a format', () => kafka.sink('t', { format: {} as never }), /format of kafka\.sink\(\) is an object/],
  ['letters to no topic', () => kafka.deadLetters({ topic: '' }), /topic of kafka\.deadLetters\(\) is ""/],
  [
    'a list that is a text',
    () => kafka.deadLetters({ of: 'orders' as never }),
    /of of kafka\.deadLetters\(\) .*a list/,
  ],
  ['a wrong topic in a list', () => kafka.deadLetters({ of: ['a b'] }), /a topic in of of .* is "a b"/],
  [
    'a number in config',
    () => kafka.deadLetters({ config: { 'retention.ms': -1 as never } }),
    /config\['retention\.ms'\]/,
  ],
  [
    'letters of another cluster without topic',
    () => kafka.deadLetters({ bootstrap: 'a:1' }),
    /topic of kafka\.deadLetters\(\) with bootstrap is undefined/,
  ],
  ['a wrong number of partitions', () => kafka.deadLetters({ partitions: 0 }), /partitions of kafka\.deadLetters\(\)/],
])('%s is refused, by name', (_what, make, message) => {
  expect(make).toThrow(message);
});

it('security becomes settings of the client', () => {
  const connection = new Connection('test', {
    bootstrap: ['a:1', 'b:2'],
    security: { tls: { ca: CA }, sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' } },
    client: { 'client.id': 'me' },
  });
  expect(connection.admin).toMatchObject({
    'bootstrap.servers': 'a:1,b:2',
    'security.protocol': 'sasl_ssl',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'ssl.ca.pem': CA,
    'client.id': 'me',
  });
  expect(new Connection('test', { bootstrap: 'a:1' }).admin).toMatchObject({ 'security.protocol': 'plaintext' });
});

it('every kind of client is given security and settings; what guarantees rest on stays, what is only tuned gives way', () => {
  const connection = new Connection('test', {
    bootstrap: 'a:1',
    security: {
      tls: { cert: CERT, key: KEY, keyPassword: 'KP', checkHostname: false },
      sasl: { mechanism: 'PLAIN', username: 'u', password: 'p' },
    },
    client: { 'client.id': 'me', 'fetch.wait.max.ms': 7, 'compression.type': 'zstd', 'linger.ms': 3 },
  });
  const transaction = { id: 'team-job', timeoutMs: 5_000, lingerMs: 0 };
  const producer = connection.producer(transaction);
  const member = connection.member('team-job', 'team-job');
  const clients = [connection.admin, connection.consumer('team-job'), producer, member];
  for (const settings of [...clients, connection.producer()]) {
    expect(settings).toMatchObject({
      'bootstrap.servers': 'a:1',
      'security.protocol': 'sasl_ssl',
      'sasl.username': 'u',
      'sasl.password': 'p',
      'ssl.certificate.pem': CERT,
      'ssl.key.pem': KEY,
      'ssl.key.password': 'KP',
      'ssl.endpoint.identification.algorithm': 'none',
      'client.id': 'me',
    });
  }
  expect(connection.consumer('team-job')).toMatchObject({
    'group.id': 'team-job',
    'fetch.wait.max.ms': 7,
    'isolation.level': 'read_committed',
    'enable.auto.commit': false,
    'auto.offset.reset': 'error',
  });
  expect(producer).toMatchObject({
    'transactional.id': 'team-job',
    'transaction.timeout.ms': 5_000,
    'compression.type': 'zstd',
    'linger.ms': 3,
    'enable.idempotence': true,
    acks: 'all',
  });
});

it.each([
  'bootstrap.servers',
  'metadata.broker.list',
  'security.protocol',
  'sasl.mechanism',
  'sasl.mechanisms',
  'sasl.username',
  'sasl.password',
  'group.id',
  'transactional.id',
  'enable.auto.commit',
  'enable.auto.offset.store',
  'auto.offset.reset',
  'enable.idempotence',
  'acks',
  'isolation.level',
  'enable.partition.eof',
  'delivery.report.only.error',
  'transaction.timeout.ms',
  'request.required.acks',
  'rebalance_cb',
  'dr_cb',
  'event_cb',
  'oauthbearer_token_refresh_cb',
])('client: { %s } is refused, with what to use in its place', (name) => {
  const make = () => new Connection('kafka.solo()', { bootstrap: 'a:1', client: { [name]: 'x' } });
  expect(make).toThrow(new RegExp(`client of kafka\\.solo\\(\\) is .*${name}.*without it; use `));
});

it.each([
  [
    'an unknown mechanism',
    { sasl: { mechanism: 'GSSAPI' } },
    /security\.sasl\.mechanism is "GSSAPI".*PLAIN, SCRAM-SHA-256/,
  ],
  ['an unknown field', { ssl: true }, /ssl/],
  ['no password', { sasl: { mechanism: 'PLAIN', username: 'u' } }, /security\.sasl\.password/],
  ['no name', { sasl: { mechanism: 'SCRAM-SHA-256', username: '', password: 'p' } }, /security\.sasl\.username/],
  ['no function for tokens', { sasl: { mechanism: 'OAUTHBEARER', token: 't' } }, /security\.sasl\.token/],
  ['a certificate without key', { tls: { cert: CERT } }, /security\.tls\.key/],
  ['the name of a file for a certificate', { tls: { ca: '/etc/ca.pem' } }, /security\.tls\.ca.*PEM/],
  ['an unknown field of TLS', { tls: { caa: CA } }, /caa/],
])('security with %s is refused', (_what, security, message) => {
  expect(() => new Connection('test', { bootstrap: 'a:1', security: security as never })).toThrow(message);
});

it('a token that cannot be had fails the client, and one that can is handed over', async () => {
  const refresh = (token: () => Promise<never> | Promise<object>) => {
    const security = { sasl: { mechanism: 'OAUTHBEARER' as const, token: token as never } };
    const { admin } = new Connection('test', { bootstrap: 'a:1', security });
    return new Promise((resolve) => {
      const callback = admin['oauthbearer_token_refresh_cb'] as (
        c: string,
        done: (...values: unknown[]) => void,
      ) => void;
      callback('', (...values) => resolve(values));
    });
  };
  expect(await refresh(() => Promise.reject(new Error('no token')))).toEqual([new Error('no token')]);
  expect(await refresh(() => Promise.resolve({ token: 't', expiresAt: 5, principal: 'me' }))).toEqual([
    null,
    { tokenValue: 't', lifetime: 5, principal: 'me' },
  ]);
  const thrown = (): never => {
    throw new Error('ENOENT');
  };
  expect(await refresh(thrown)).toEqual([new Error('ENOENT')]);
  expect(await refresh((() => Promise.resolve()) as () => Promise<never>)).toEqual([
    expect.objectContaining({ message: expect.stringContaining('resolved to nothing') as string }),
  ]);
  expect(await refresh(() => Promise.resolve({ token: 't', expiresAt: 'soon' }))).toEqual([
    expect.objectContaining({ message: expect.stringContaining('expiresAt') as string }),
  ]);
});

it('every client closes connections that nothing is said on, unless it is told otherwise', () => {
  const clientsOf = (connection: Connection) => [
    connection.admin,
    connection.consumer('job'),
    connection.member('job', 'job'),
    connection.producer(),
  ];
  const idle = (client: Record<string, number>) =>
    clientsOf(new Connection('test', { bootstrap: 'a:1', client })).map((one) => one['connections.max.idle.ms']);
  expect(idle({})).toEqual([10_000, 10_000, 10_000, 10_000]);
  expect(idle({ 'connections.max.idle.ms': 5 })).toEqual([5, 5, 5, 5]);
});

it('a request does not wait for longer than a transaction may be open: the client refuses that', () => {
  const connection = new Connection('test', { bootstrap: 'a:1' });
  const waits = (timeoutMs: number) => connection.producer({ id: 'job', timeoutMs, lingerMs: 0 })['socket.timeout.ms'];
  expect([waits(3_000), waits(60_000), connection.producer()['socket.timeout.ms']]).toEqual([3_000, 10_000, 10_000]);
});

it('numbers among the settings of the client may be text, as it takes them', () => {
  const client = { 'batch.size': '20000', 'session.timeout.ms': '45000' };
  const connection = new Connection('test', { bootstrap: 'a:1', client });
  expect(connection.batchBytes).toBe(20_000);
  expect(connection.sessionMs).toBe(45_000);
  expect(new Connection('test', { bootstrap: 'a:1' }).sessionMs).toBe(10_000);
});

it('a transaction that would run out of time before its commit is refused', () => {
  const options = { bootstrap: 'localhost:9092', checkpoints: memoryCheckpoints(), commitInterval: '2m' } as const;
  expect(() => kafka.solo(options)).toThrow(/transactionTimeout of kafka.solo\(\).*more than commitInterval, 2m/);
  expect(() => kafka.solo({ ...options, transactionTimeout: '3m' })).not.toThrow();
  expect(() => kafka.solo({ ...options, guarantee: 'at-least-once' })).not.toThrow();
});

it('a missing or unbuilt client is one error with the cure', () => {
  const failing = (error: object) => () => {
    throw Object.assign(new Error('Cannot find @confluentinc/kafka-javascript'), error);
  };
  for (const error of [{ code: 'MODULE_NOT_FOUND' }, { message: 'Could not locate the bindings file' }]) {
    expect(() => loadClient(failing(error))).toThrow(MillraceError);
    expect(() => loadClient(failing(error))).toThrow(/npm run kafka:setup/);
  }
  expect(() => loadClient(failing({ code: 'MODULE_NOT_FOUND' }))).toThrow(/is not installed/);
  expect(() => loadClient(failing({ message: 'bindings' }))).toThrow(/is not built for Node/);
});

it('the last marker counts: the highest number of the last era; other metadata is not ours', () => {
  const marker = { era: 0, id: 7, attempt: 'a', digest: 'd', writer: 'w' };
  const at = (metadata: string | undefined) => ({
    topic: 't',
    partition: 0,
    offset: 1,
    ...(metadata === undefined ? {} : { metadata }),
  });
  expect(lastMarker([])).toBeUndefined();
  expect(
    lastMarker([at(undefined), at(''), at('{"millrace":'), at('{"millrace":2,"n":9}'), at('something')]),
  ).toBeUndefined();
  expect(lastMarker([at(encodeMarker({ ...marker, id: 3 })), at(encodeMarker(marker)), at(undefined)])).toEqual(marker);
  // A job that was begun afresh counts anew; what it wrote elsewhere before does not count any more.
  const afresh = { ...marker, era: 1, id: 2 };
  expect(lastMarker([at(encodeMarker(afresh)), at(encodeMarker(marker))])).toEqual(afresh);
  expect(lastMarker([at('{"millrace":1,"n":7,"attempt":"a","digest":"d","writer":"w"}')])).toEqual(marker);
});

it('formats read what they write, and refuse what they cannot', () => {
  for (const [format, value] of [
    [kafka.json(), { a: [1, 'ü'] }],
    [kafka.string(), 'ü'],
    [kafka.bytes(), Uint8Array.of(0, 255)],
  ] as const) {
    const bytes = format.encode(value as never);
    expect(bytes && format.decode(bytes)).toEqual(value);
  }
  expect(() => kafka.json().decode(Uint8Array.of(255))).toThrow(/UTF-8/);
  expect(() => kafka.json().decode(new Uint8Array(0))).toThrow(/not JSON/);
  expect(() => kafka.json().encode(undefined)).toThrow(/cannot be written as JSON/);
  expect(() => kafka.string().encode(5 as never)).toThrow(/a string was expected/);
  expect(() => kafka.bytes().encode('x' as never)).toThrow(/bytes were expected/);
});

it('a group of its own is refused for a source that belongs to the job', async () => {
  const context = { ...sourceContext(), resources: { [RESOURCE]: { session: {} } } };
  await expect(kafka.topic('t', { group: 'mine' }).open(context)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(/group of kafka\.topic\('t'\).*mine/) as string,
  });
});
