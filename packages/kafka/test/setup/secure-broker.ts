import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';

/** A broker with listeners PLAINTEXT (a super user's), SASL_SSL and SSL (which wants a certificate), and what clients need. */
export interface SecureBroker {
  readonly bootstrap: string;
  readonly saslSsl: string;
  readonly ssl: string;
  readonly ca: string;
  /** Of an authority that has nothing to do with the broker. */
  readonly otherCa: string;
  readonly clientCert: string;
  readonly clientKey: string;
  /** Runs one of Kafka's own tools against the PLAINTEXT listener. */
  tool(name: string, args: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

const SECURITY = 'org.apache.kafka.common.security.';
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const LISTENER = 'listener.name.sasl_ssl.';

/**
 * @param users names and passwords of SASL PLAIN
 */
export async function startSecureBroker(users: Readonly<Record<string, string>>): Promise<SecureBroker> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-kafka-tls-'));
  try {
    const made = certificates(folder);
    const plain = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
    const broker = await startBroker({
      listeners: ['SASL_SSL', 'SSL'],
      settings: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': path.join(folder, 'broker.pem'),
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': path.join(folder, 'ca.pem'),
        'listener.name.ssl.ssl.client.auth': 'required',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        [`${LISTENER}plain.sasl.jaas.config`]: `${SECURITY}plain.PlainLoginModule required ${plain.join(' ')};`,
        [`${LISTENER}scram-sha-256.sasl.jaas.config`]: `${SECURITY}scram.ScramLoginModule required;`,
        [`${LISTENER}scram-sha-512.sasl.jaas.config`]: `${SECURITY}scram.ScramLoginModule required;`,
        [`${LISTENER}oauthbearer.sasl.jaas.config`]: `${SECURITY}oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
        [`${LISTENER}oauthbearer.sasl.server.callback.handler.class`]: `${SECURITY}oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
        // Connections end with the token they were made with, unless a new one was shown in time.
        [`${LISTENER}oauthbearer.connections.max.reauth.ms`]: 3_600_000,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The PLAINTEXT and the controller's listener.
        'super.users': 'User:ANONYMOUS',
      },
    });
    const { bootstrap, addresses, classPath } = broker;
    return {
      bootstrap,
      saslSsl: addresses['SASL_SSL'] ?? '',
      ssl: addresses['SSL'] ?? '',
      ...made,
      async tool(name, args) {
        const java = [
          '-Xmx128m',
          '-XX:TieredStopAtLevel=1',
          '-XX:+UseSerialGC',
          QUIET,
          '-cp',
          classPath,
          name,
          '--bootstrap-server',
          bootstrap,
        ];
        await promisify(execFile)('java', [...java, ...args]);
      },
      async stop() {
        await broker.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Two authorities, a certificate of the broker, good for 127.0.0.1 alone, and one of a client. */
function certificates(folder: string) {
  const file = (name: string): string => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['ca', 'other'])
    openssl([
      'req',
      '-x509',
      ...key,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      file(`${name}.key`),
      '-out',
      file(`${name}.pem`),
    ]);
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1');
  for (const name of ['broker', 'client']) {
    openssl(['req', ...key, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)]);
    const signing = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
    openssl([
      'x509',
      '-req',
      '-in',
      file(`${name}.csr`),
      ...signing,
      '-extfile',
      file('names'),
      '-out',
      file(`${name}.crt`),
    ]);
  }
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  writeFileSync(file('broker.pem'), read('broker.key') + read('broker.crt'));
  return {
    ca: read('ca.pem'),
    otherCa: read('other.pem'),
    clientCert: read('client.crt'),
    clientKey: read('client.key'),
  };
}

function openssl(args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
