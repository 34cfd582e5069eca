import type { MillraceError } from 'millrace';
import type { ClientSettings } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { certificateProblem } from './certificate-problem.ts';

/** The part of a client that tells what becomes of its connections. */
interface Telling {
  on(event: string, listener: (value: LogLine & Error) => void): unknown;
}

/** A line of the client's log; errors as events carry neither code nor reason. */
interface LogLine {
  readonly fac?: string;
  readonly message?: string;
}

/** A connection that could not be made, and what can be done. */
interface Failure {
  readonly broker: string;
  readonly text: string;
  readonly cure: string;
  /** Whether trying again is of no use. `likely`: what a broker that is just going down looks like, too. */
  readonly lasting: 'proven' | 'likely' | undefined;
}

/** A broker that has just started may not know a user yet: so long the client may try again, milliseconds. */
const PATIENCE_MS = 3_000;

const CERTIFICATE = /certificate verify failed/;

/**
 * Why a client cannot reach its brokers. librdkafka tries for ever, whatever is wrong, and says why in its log alone.
 *
 *   a failure that lasts --> PATIENCE_MS without a success --> the call under way ends with the reason
 *   any other            --> the call's own time-out       --> the reason is added to it
 */
export class Trouble {
  /** For the client's event handlers. */
  readonly handlers = {
    'event.log': (line: LogLine): void => this.heard(line),
    // A token that cannot be had. Without a listener it would end the process.
    error: (error: Error): void => this.noToken(error),
  };
  private readonly settings: ClientSettings;
  private readonly listeners = new Set<() => void>();
  private failure: Failure | undefined;
  private sinceMs = 0;
  private connected = false;

  constructor(settings: ClientSettings) {
    this.settings = settings;
  }

  watch(client: Telling): this {
    for (const [event, handler] of Object.entries(this.handlers)) client.on(event, handler);
    return this;
  }

  /** The client has reached a broker. */
  passed(): void {
    this.failure = undefined;
    this.connected = true;
  }

  /** Whether something that trying again does not cure has gone on for long enough. */
  get lasts(): boolean {
    return this.failure?.lasting !== undefined && this.leftMs === 0;
  }

  private get leftMs(): number {
    return Math.max(0, Math.ceil(this.sinceMs + PATIENCE_MS - performance.now()));
  }

  /** Ends `act` early, with the reason, once something is wrong that trying again does not cure. */
  async during<R>(act: Promise<R>): Promise<R> {
    let stop = (): void => undefined;
    const lasting = new Promise<never>((_, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const look = (): void => {
        if (this.failure?.lasting === undefined) return;
        timer ??= setTimeout(() => {
          timer = undefined;
          if (this.lasts) this.error().then(reject, reject);
          else look();
        }, this.leftMs);
      };
      this.listeners.add(look);
      look();
      stop = () => {
        clearTimeout(timer);
        this.listeners.delete(look);
      };
    });
    try {
      const result = await Promise.race([act, lasting]);
      this.passed();
      return result;
    } catch (error) {
      if (this.failure === undefined || (error as { readonly fields?: object }).fields === undefined) throw error;
      throw await this.error(error);
    } finally {
      stop();
    }
  }

  /** What is wrong, and the cure; `otherwise` if nothing is known. */
  async error(otherwise: unknown = new Error('no broker has answered')): Promise<MillraceError> {
    const { failure } = this;
    if (failure === undefined) return kafkaError('connecting', otherwise);
    const { broker, text, lasting, cure } = failure;
    const why = CERTIFICATE.test(text) ? ((await certificateProblem(broker, this.settings)) ?? text) : text;
    // What worked before may be put right while the job tries again.
    const retryable = this.connected || lasting !== 'proven';
    return kafkaError(`connecting to ${broker}`, new Error(`${why}. ${cure}`), retryable);
  }

  /** Called when the brokers refuse a client that was connected. */
  onRefused(listener: (error: MillraceError) => void): void {
    this.listeners.add(() => {
      if (this.failure?.lasting === 'proven') this.error().then(listener, listener);
    });
  }

  private heard({ fac, message = '' }: LogLine): void {
    // A coordinator's connection has its role before its address.
    const match = /^\[thrd:.*?\]: (?:\w+Coordinator: )?(\S+): (.*?)(?: \(after \d+ms in state (\w+).*\))?$/s.exec(
      message,
    );
    if (fac !== 'FAIL' || match === null) return;
    const [, at = '', text = '', state = ''] = match;
    const broker = at.replace(/^\w+:\/\//, '').replace(/\/\w+$/, '');
    this.failed({ broker, text, ...this.judge(text, state) });
  }

  private noToken(error: Error): void {
    const text = error.message.replace('oauthbearer_token_refresh_cb: ', 'security.sasl.token() failed: ');
    const broker = String(this.settings['bootstrap.servers']);
    // The token of a client that is connected is still good for a while, and the next try comes before its end.
    if (!this.connected) this.failed({ broker, text, lasting: 'proven', cure: 'It has to resolve to a token' });
  }

  private failed(failure: Failure): void {
    if (this.failure?.lasting === undefined) this.sinceMs = performance.now();
    // What follows from it (a connection that was closed) does not hide it.
    if (this.failure?.lasting !== 'proven' || failure.lasting === 'proven') this.failure = failure;
    if (failure.lasting !== undefined) for (const listener of this.listeners) listener();
  }

  private judge(text: string, state: string): Pick<Failure, 'lasting' | 'cure'> {
    const { settings } = this;
    const protocol = String(settings['security.protocol'] ?? 'plaintext');
    if (/SASL/.test(text) && !/SSL connection/.test(text)) {
      if (protocol.startsWith('sasl')) {
        const user = settings['sasl.username'];
        const whom = user === undefined ? 'the token' : `the password of '${String(user)}'`;
        return { lasting: 'proven', cure: `Correct ${whom} or the mechanism (${String(settings['sasl.mechanism'])})` };
      }
      return { lasting: 'proven', cure: 'Give security.sasl' };
    }
    if (CERTIFICATE.test(text)) return { lasting: 'proven', cure: 'Correct security.tls.ca or bootstrap' };
    if (/alert .*certificate|certificate required/.test(text))
      return { lasting: 'proven', cure: 'The broker wants a certificate that it trusts: security.tls.cert and key' };
    if (state === 'SSL_HANDSHAKE')
      return { lasting: 'likely', cure: 'Does this port speak TLS? Leave out security.tls if it does not' };
    if (state === 'APIVERSION_QUERY' && !protocol.endsWith('ssl'))
      return { lasting: 'likely', cure: 'Does this port speak TLS? Give security: { tls: true } if it does' };
    // Hung up on at the first question: who asks?
    if (state === 'UP' && !this.connected && !protocol.startsWith('sasl'))
      return { lasting: 'likely', cure: 'Does this port want to know who asks? Give security.sasl if it does' };
    return { lasting: undefined, cure: 'Is a broker running there? Else correct bootstrap' };
  }
}
