import { kafkaError } from '../driver/kafka-error.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { Broker } from './broker.ts';
import type { ClientHost, KafkaStep } from './client-host.ts';

/** How long a client asks again by itself while the answer is "not yet", milliseconds. */
const PATIENCE_MS = 15_000;
const BACKOFF_MS = 20;
/** A client that waits in vain gives up after at most so long; in reality minutes, here no more than it takes. */
const GIVES_UP_MS = 2_000;
/** What is delayed arrives so long after, at most. */
const DELAYED_MS = 400;
/** Later than anybody waits. */
const LATE_MS = 70_000;
/** How often a request of a process that has just died arrives nevertheless. */
const ARRIVES_POSTHUMOUSLY = 0.3;

/** The network between one client and the broker. */
export class Channel {
  readonly broker: Broker;
  readonly host: ClientHost;

  constructor(broker: Broker, host: ClientHost) {
    this.broker = broker;
    this.host = host;
  }

  /**
   * A request with its answer.
   *
   * @param name of the call, for errors
   * @param act what it does at the broker; a passing error is asked again
   * @throws MillraceError of the broker's code, or -185 if nobody knows
   */
  call<R>(name: string, step: KafkaStep | undefined, act: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const { broker, host } = this;
      const refuse = (error: unknown, delayMs: number): void =>
        host.deliver(delayMs, () => reject(kafkaError(name, error)));
      const giveUp = (): number => {
        const afterMs = GIVES_UP_MS * broker.random.next();
        refuse(new BrokerError(CODES.timedOut), afterMs);
        return afterMs;
      };
      this.send(() => {
        // Sent before its process died: nobody waits for the answer.
        if (!host.isAlive()) return quietly(act);
        const fate = step === undefined ? 'answered' : host.before(step, false);
        if (!host.isAlive()) {
          if (broker.random.next() < ARRIVES_POSTHUMOUSLY) this.later(act);
          return;
        }
        if (fate === 'request lost') return void giveUp();
        if (fate === 'request delayed') return this.later(act, giveUp());
        this.attempt(act, broker.clock.monotonic() + PATIENCE_MS, (error, result) => {
          if (step !== undefined) host.after(step);
          if (!host.isAlive()) return;
          if (fate === 'answer lost') return void giveUp();
          const delayMs = broker.travelMs() + (fate === 'answer late' ? LATE_MS * broker.random.next() : 0);
          if (error !== undefined) return refuse(error, delayMs);
          // Without an error there is a result.
          host.deliver(delayMs, () => resolve(result as R));
        });
      });
    });
  }

  /** Something that the client does by itself. */
  local<R>(step: KafkaStep, act: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      const { host } = this;
      host.deliver(0, () => {
        host.before(step, true);
        if (!host.isAlive()) return;
        try {
          const result = act();
          host.after(step);
          if (host.isAlive()) resolve(result);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  /** A request that nobody has asked for by name; it is never lost, only late. */
  background(act: () => void): void {
    this.send(() => {
      if (this.host.isAlive()) act();
    });
  }

  /** An answer to it. */
  reply(act: () => void): void {
    this.host.deliver(this.broker.travelMs(), act);
  }

  private send(arrive: () => void): void {
    if (!this.host.isAlive()) return;
    this.broker.scheduler.after(this.broker.travelMs(), () => this.broker.whenUp(arrive));
  }

  private later(act: () => void, fromMs: number = 0): void {
    const { scheduler, random } = this.broker;
    scheduler.after(fromMs + DELAYED_MS * random.next(), () => this.broker.whenUp(() => quietly(act)));
  }

  private attempt<R>(act: () => R, untilMs: number, done: (error: unknown, result?: R) => void): void {
    const { broker, host } = this;
    let result: R;
    try {
      result = act();
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      if (!error.passing) return done(error);
      if (broker.clock.monotonic() >= untilMs) return done(new BrokerError(CODES.timedOut));
      broker.scheduler.after(BACKOFF_MS, () => {
        if (host.isAlive()) broker.whenUp(() => this.attempt(act, untilMs, done));
      });
      return undefined;
    }
    done(undefined, result);
  }
}

/** Something whose answer goes to nobody. */
function quietly(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
  }
}
