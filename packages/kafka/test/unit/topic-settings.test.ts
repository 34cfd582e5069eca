import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { settingsClientOptions, type SettingsClientOptions } from '../../src/confluent/settings-client.ts';
import { readTopicSettings } from '../../src/confluent/topic-settings.ts';
import { Connection, type ConnectionOptions } from '../../src/settings/connection.ts';

const options = (given: ConnectionOptions) => settingsClientOptions(new Connection('a test', given).admin);
const PEM = '-----BEGIN SOMETHING-----';

it('has the brokers and nothing else without security', () => {
  expect(options({ bootstrap: ['a:9092', 'b:9093'] })).toEqual({
    clientId: 'millrace-topics',
    bootstrapBrokers: ['a:9092', 'b:9093'],
    connectTimeout: 5_000,
    requestTimeout: 10_000,
    retries: 1,
  });
});

it('has the same certificates and credentials', async () => {
  const security = {
    tls: { ca: PEM, cert: PEM, key: PEM, keyPassword: 'p' },
    sasl: { mechanism: 'PLAIN', username: 'u', password: 'w' },
  } as const;
  const { tls, sasl, tlsServerName } = options({ bootstrap: 'a:9092', security });
  expect(tls).toEqual({ ca: PEM, cert: PEM, key: PEM, passphrase: 'p', rejectUnauthorized: true });
  expect(sasl).toEqual({ mechanism: 'PLAIN', username: 'u', password: 'w' });
  expect(tlsServerName).toBe(true);
  expect(options({ bootstrap: '127.0.0.1:9092', security }).tlsServerName).toBe(false);
  expect(options({ bootstrap: '[::1]:9092', security }).tlsServerName).toBe(false);
  const unchecked = options({ bootstrap: 'a:9092', security: { tls: { checkHostname: false } } });
  expect(unchecked.tls).toEqual({ rejectUnauthorized: true, checkServerIdentity: expect.any(Function) as unknown });
});

it('asks for a token where there is one, and hands its failure on', async () => {
  const tokenOf = (token: () => Promise<never>) => {
    const security = { sasl: { mechanism: 'OAUTHBEARER', token } } as const;
    const { sasl } = options({ bootstrap: 'a:9092', security });
    return (sasl as { token: () => Promise<string> }).token();
  };
  const given = { token: 't', expiresAt: Date.now() + 60_000, principal: 'p' };
  await expect(tokenOf(() => Promise.resolve(given as never))).resolves.toBe('t');
  await expect(tokenOf(() => Promise.reject(new Error('the vault is closed')))).rejects.toThrow('the vault is closed');
});

it('reads files that the client setting names', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'ca.pem'), PEM);
  const client = { 'ssl.ca.location': path.join(folder, 'ca.pem'), 'enable.ssl.certificate.verification': false };
  const { tls } = options({ bootstrap: 'a:9092', security: { tls: true }, client });
  expect(tls).toEqual({ ca: PEM, rejectUnauthorized: false });
});

it.each([
  ['ssl.keystore.location', { 'ssl.keystore.location': '/k.p12' }, {}],
  ['sasl.kerberos.service.name', { 'sasl.kerberos.service.name': 'kafka' }, {}],
])('says that it knows no %s', (setting, client, more) => {
  expect(() => options({ bootstrap: 'a:9092', client, ...more })).toThrow(
    new RegExp(`client setting ${setting.replaceAll('.', '\\.')} has no counterpart`),
  );
});

const settings = { 'bootstrap.servers': 'a:9092' };

it('a package that is not installed is named, with the cure', async () => {
  const load = () => Promise.reject(new Error("Cannot find package '@platformatic/kafka'"));
  await expect(readTopicSettings(settings, ['orders'], load)).rejects.toMatchObject({
    code: 'DEPENDENCY_MISSING',
    message: expect.stringContaining('npm install @platformatic/kafka@1') as string,
  });
  await expect(readTopicSettings(settings, [], load)).resolves.toEqual([]);
});

/** A client that answers so, and whether it was closed. */
function answering(answer: () => Promise<unknown>) {
  const seen: { options?: SettingsClientOptions; closed: boolean } = { closed: false };
  class Admin {
    constructor(given: SettingsClientOptions) {
      seen.options = given;
    }
    readonly describeConfigs = answer;
    close(): Promise<void> {
      seen.closed = true;
      return Promise.resolve();
    }
  }
  return { seen, load: () => Promise.resolve({ Admin }) };
}

it('settings come in the order of the names, without those that have no value; the client is closed', async () => {
  const config = (name: string, value: string | null) => ({ name, value });
  const { seen, load } = answering(() =>
    Promise.resolve([
      {
        resourceName: 'b',
        configs: [config('retention.ms', '1'), config('leader.replication.throttled.replicas', null)],
      },
      { resourceName: 'a', configs: [config('retention.ms', '2')] },
    ]),
  );
  await expect(readTopicSettings(settings, ['a', 'b'], load)).resolves.toEqual([
    { name: 'a', settings: { 'retention.ms': '2' } },
    { name: 'b', settings: { 'retention.ms': '1' } },
  ]);
  expect(seen.closed).toBe(true);
});

it("an error has the broker's answer, however deep it lies, and the client is closed", async () => {
  const answer = Object.assign(new Error('Topic authorization failed.'), { apiCode: 29 });
  const nested = new AggregateError([new AggregateError([answer], 'response with error')], 'describing failed');
  const { seen, load } = answering(() => Promise.reject(nested));
  await expect(readTopicSettings(settings, ['a'], load)).rejects.toMatchObject({
    code: 'IO_FAILED',
    retryable: false,
    fields: { kafka: 29 },
    message: expect.stringMatching(/Topic authorization failed\. \(29\).*DESCRIBE_CONFIGS/) as string,
  });
  expect(seen.closed).toBe(true);
  const own = new Error('unreachable');
  own.cause = own;
  await expect(readTopicSettings(settings, ['a'], answering(() => Promise.reject(own)).load)).rejects.toMatchObject({
    message: expect.stringMatching(/unreachable/) as string,
    retryable: true,
  });
});
