import { checkOptions, optionError } from 'millrace';

/** How the client proves who it is, and makes sure who the brokers are. */
export interface KafkaSecurity {
  /** TLS; `true`: with the system's certificate authorities. Default `false`. */
  readonly tls?: boolean | TlsOptions;
  readonly sasl?: SaslOptions;
}

/** Certificates in PEM form, as text. */
export interface TlsOptions {
  /** Authorities that brokers' certificates are checked against. Default: the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly keyPassword?: string;
  /** Whether the broker's name must be the one in its certificate. Default `true`. */
  readonly checkHostname?: boolean;
}

/** A mechanism and its credentials. */
export type SaslOptions =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly username: string;
      readonly password: string;
    }
  | {
      readonly mechanism: 'OAUTHBEARER';
      /** Called whenever a new token is needed. */
      readonly token: () => Promise<OAuthToken>;
    };

export interface OAuthToken {
  readonly token: string;
  /** When it expires, epoch milliseconds. */
  readonly expiresAt: number;
  readonly principal: string;
}

const MECHANISMS: readonly unknown[] = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'];

const TLS_OPTIONS = ['ca', 'cert', 'key', 'keyPassword', 'checkHostname'];
const PEM = /-----BEGIN /;

/** @throws MillraceError `OPTION_INVALID` */
export function checkSecurity(where: string, security: KafkaSecurity = {}): void {
  checkOptions(`security of ${where}`, security, ['tls', 'sasl']);
  const { tls = false, sasl } = security;
  if (typeof tls !== 'boolean') checkTls(where, tls);
  if (sasl !== undefined) checkSasl(sasl);
}

function checkTls(where: string, tls: TlsOptions): void {
  checkOptions(`security.tls of ${where}`, tls, TLS_OPTIONS);
  for (const name of ['ca', 'cert', 'key'] as const) {
    const text: unknown = tls[name];
    if (text !== undefined && (typeof text !== 'string' || !PEM.test(text)))
      throw optionError(`security.tls.${name}`, shortened(text), 'PEM, as text: what stands in the file, not its name');
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    throw optionError(
      `security.tls.${tls.cert === undefined ? 'cert' : 'key'}`,
      undefined,
      'given: cert and key belong together',
    );
}

/** Of what may be a key no more is shown than tells what it is. */
function shortened(text: unknown): unknown {
  return typeof text === 'string' && text.length > 20 ? `${text.slice(0, 20)}...` : text;
}

function checkSasl(sasl: SaslOptions): void {
  const { mechanism } = sasl;
  if (!MECHANISMS.includes(mechanism))
    throw optionError('security.sasl.mechanism', mechanism, MECHANISMS.map(String).join(', '));
  if (mechanism === 'OAUTHBEARER') {
    if (typeof sasl.token !== 'function') throw optionError('security.sasl.token', sasl.token, 'a function');
    return;
  }
  const { username, password } = sasl;
  if (typeof username !== 'string' || username === '') throw optionError('security.sasl.username', username, 'a name');
  if (typeof password !== 'string') throw optionError('security.sasl.password', typeof password, 'text');
}

/** The client's own settings for it. */
export function securitySettings({ tls = false, sasl }: KafkaSecurity = {}): Record<string, unknown> {
  const protocol = `${sasl === undefined ? '' : 'sasl_'}${tls === false ? 'plaintext' : 'ssl'}`;
  return { 'security.protocol': protocol, ...tlsSettings(tls), ...(sasl === undefined ? {} : saslSettings(sasl)) };
}

function tlsSettings(tls: boolean | TlsOptions): Record<string, unknown> {
  if (typeof tls === 'boolean') return {};
  const { ca, cert, key, keyPassword, checkHostname = true } = tls;
  return {
    ...(ca === undefined ? {} : { 'ssl.ca.pem': ca }),
    ...(cert === undefined ? {} : { 'ssl.certificate.pem': cert }),
    ...(key === undefined ? {} : { 'ssl.key.pem': key }),
    ...(keyPassword === undefined ? {} : { 'ssl.key.password': keyPassword }),
    'ssl.endpoint.identification.algorithm': checkHostname ? 'https' : 'none',
  };
}

function saslSettings(sasl: SaslOptions): Record<string, unknown> {
  if (sasl.mechanism !== 'OAUTHBEARER')
    return { 'sasl.mechanism': sasl.mechanism, 'sasl.username': sasl.username, 'sasl.password': sasl.password };
  const { token } = sasl;
  return {
    'sasl.mechanism': 'OAUTHBEARER',
    oauthbearer_token_refresh_cb: (_config: string, done: (error: Error | null, token?: object) => void) => {
      // In a turn of its own: what the client calls back must not throw.
      Promise.resolve()
        .then(token)
        .then(tokenSettings)
        .then(
          (given) => done(null, given),
          (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
        );
    },
  };
}

/** @throws Error if it is no token */
function tokenSettings(given: OAuthToken | undefined): object {
  const { token, expiresAt, principal } = given ?? ({} as Partial<OAuthToken>);
  if (typeof token === 'string' && token !== '' && typeof expiresAt === 'number' && Number.isFinite(expiresAt))
    return { tokenValue: token, lifetime: expiresAt, principal };
  throw new Error(
    `it resolved to ${given === undefined ? 'nothing' : 'something else'}, not to { token, expiresAt (epoch ms) }`,
  );
}
