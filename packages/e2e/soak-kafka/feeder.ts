import { confluentDriver, type ProducerDriver } from '../../kafka/src/index.ts';
import { items } from '../../kafka/test/setup/counted-job.ts';

/** Between two portions, milliseconds. */
const PACE_MS = 20;

/**
 * Writes items to a topic at an even pace until it is told to stop; brokers may go and come meanwhile, nothing is given up. A batch
 * that was under way when a broker ended may be there twice, for all its idempotence: what counts is what the topic holds.
 */
export class Feeder {
  /** Items handed to the client so far. */
  sent = 0;
  private readonly producer: ProducerDriver;
  private readonly failures: Error[];
  private readonly running: Promise<void>;
  private stopped = false;

  private constructor(producer: ProducerDriver, failures: Error[], topic: string, rate: number) {
    this.producer = producer;
    this.failures = failures;
    this.running = this.run(topic, rate);
    // `stop` tells.
    this.running.catch(() => undefined);
  }

  static async start(bootstrap: string, topic: string, rate: number): Promise<Feeder> {
    const failures: Error[] = [];
    const settings = {
      'bootstrap.servers': bootstrap,
      'enable.idempotence': true,
      'linger.ms': 5,
      // Never given up.
      'message.timeout.ms': 0,
      'reconnect.backoff.max.ms': 1_000,
    };
    const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
    return new Feeder(producer, failures, topic, rate);
  }

  /** Ends the input: everything sent is with the broker. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    await this.producer.flush();
    await this.producer.close();
    this.check();
  }

  private async run(topic: string, rate: number): Promise<void> {
    const started = performance.now();
    while (!this.stopped) {
      const due = Math.floor(((performance.now() - started) * rate) / 1_000);
      for (const item of items(this.sent, due)) {
        if (!this.producer.send({ topic, ...item })) break;
        this.sent++;
      }
      this.check();
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  }

  private check(): void {
    const [failure] = this.failures;
    if (failure !== undefined) throw failure;
  }
}
