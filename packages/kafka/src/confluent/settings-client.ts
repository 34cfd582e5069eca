import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { MillraceError } from 'millrace';
import type { ClientSettings } from '../driver/driver.ts';

/**
 * Connection settings of librdkafka as @platformatic/kafka takes them. Settings that say nothing of how brokers are reached are left
 * out: that client asks one question.
 */
export interface SettingsClientOptions {
  readonly clientId: string;
  readonly bootstrapBrokers: readonly string[];
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly retries: number;
  readonly tls?: Readonly<Record<string, unknown>>;
  /** Whether the broker is told the name it is asked for, as several behind one address need it. Addresses of numbers are no names. */
  readonly tlsServerName?: boolean;
  readonly sasl?: Readonly<Record<string, unknown>>;
}

const CONNECT_MS = 5_000;
const REQUEST_MS = 10_000;

/** Settings of TLS and SASL that are understood here. */
const UNDERSTOOD = new Set([
  'ssl.ca.pem',
  'ssl.ca.location',
  'ssl.certificate.pem',
  'ssl.certificate.location',
  'ssl.key.pem',
  'ssl.key.location',
  'ssl.key.password',
  'ssl.endpoint.identification.algorithm',
  'enable.ssl.certificate.verification',
  'sasl.mechanism',
  'sasl.mechanisms',
  'sasl.username',
  'sasl.password',
]);
const MECHANISMS: readonly unknown[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];

/** @throws MillraceError `OPTION_UNSUPPORTED` for security that the other client does not know */
export function settingsClientOptions(settings: ClientSettings): SettingsClientOptions {
  const foreign = Object.keys(settings).find(
    (name) => /^(?:ssl|sasl|enable\.ssl)\./.test(name) && !UNDERSTOOD.has(name),
  );
  if (foreign !== undefined) throw unsupported(foreign);
  const protocol = String(settings['security.protocol'] ?? 'plaintext').toLowerCase();
  const bootstrapBrokers = String(settings['bootstrap.servers']).split(',');
  return {
    clientId: 'millrace-topics',
    bootstrapBrokers,
    connectTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retries: 1,
    ...(protocol.endsWith('ssl') ? { tls: tlsOf(settings), tlsServerName: bootstrapBrokers.every(hasName) } : {}),
    ...(protocol.startsWith('sasl') ? { sasl: saslOf(settings) } : {}),
  };
}

function hasName(broker: string): boolean {
  return isIP(broker.slice(0, broker.lastIndexOf(':')).replaceAll(/[[\]]/g, '')) === 0;
}

function tlsOf(settings: ClientSettings): Readonly<Record<string, unknown>> {
  const given = {
    ca: pemOf(settings, 'ssl.ca'),
    cert: pemOf(settings, 'ssl.certificate'),
    key: pemOf(settings, 'ssl.key'),
    passphrase: settings['ssl.key.password'],
  };
  const checksName = settings['ssl.endpoint.identification.algorithm'] !== 'none';
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    rejectUnauthorized: String(settings['enable.ssl.certificate.verification'] ?? 'true') !== 'false',
    ...(checksName ? {} : { checkServerIdentity: () => undefined }),
  };
}

function pemOf(settings: ClientSettings, name: string): unknown {
  const file = settings[`${name}.location`];
  return settings[`${name}.pem`] ?? (typeof file === 'string' ? readFileSync(file, 'utf8') : undefined);
}

function saslOf(settings: ClientSettings): Readonly<Record<string, unknown>> {
  const mechanism = settings['sasl.mechanism'] ?? settings['sasl.mechanisms'];
  if (!MECHANISMS.includes(mechanism)) throw unsupported(`sasl.mechanism ${String(mechanism)}`);
  if (mechanism !== 'OAUTHBEARER')
    return { mechanism, username: settings['sasl.username'], password: settings['sasl.password'] };
  return { mechanism, token: () => tokenOf(settings['oauthbearer_token_refresh_cb']) };
}

/** As librdkafka calls it back (settings/security.ts). */
type TokenCallback = (
  config: string,
  done: (error: Error | null, given?: { readonly tokenValue: string }) => void,
) => void;

function tokenOf(refresh: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    if (typeof refresh !== 'function') return reject(unsupported('sasl.mechanism OAUTHBEARER without a token'));
    // `security.sasl.token` became this; nobody else can set it.
    (refresh as TokenCallback)('', (error, given) => (given === undefined ? reject(error) : resolve(given.tokenValue)));
  });
}

function unsupported(setting: string): MillraceError {
  return new MillraceError('OPTION_UNSUPPORTED', {
    message: `client setting ${setting} has no counterpart in @platformatic/kafka, which reads settings of topics.`,
    fields: { option: setting },
  });
}
