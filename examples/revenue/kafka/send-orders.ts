import { kafka, type ProducerDriver } from '../../../packages/kafka/src/index.ts';
import { grouped } from '../report/text.ts';

/** Between two looks at the clock, milliseconds. */
const PACE_MS = 10;

export interface OrdersToSend {
  readonly topic: string;
  /** How many the topic has. */
  readonly partitions: number;
  readonly lines: AsyncIterable<Buffer>;
  /** Orders at most. */
  readonly count: number;
  readonly ratePerSecond: number;
}

/** Sends orders at a rate: key = order_id, none for a line that is no order. */
export class OrderSender {
  /** Handed to the client, which may not have written all of them yet. */
  sent = 0;
  private readonly orders: OrdersToSend;
  private readonly startedMs = performance.now();
  private failure: Error | undefined;
  private fail: ((error: Error) => void) | undefined;

  constructor(orders: OrdersToSend) {
    this.orders = orders;
  }

  /** Resolves when all is written; rejects with the first failure, behind which a flush would never end. */
  async sendAll(producer: ProducerDriver): Promise<void> {
    const failed = new Promise<never>((_, reject) => (this.fail = reject));
    await Promise.race([this.send(producer), failed]);
    if (this.failure !== undefined) throw this.failure;
  }

  failed(error: Error): void {
    this.failure ??= error;
    this.fail?.(error);
  }

  progress(): string {
    const { count } = this.orders;
    const seconds = (performance.now() - this.startedMs) / 1_000;
    const all = Number.isFinite(count) ? ` of ${grouped(count)}` : '';
    return `${grouped(this.sent)}${all} orders · ${grouped(Math.round(this.sent / seconds))}/s`;
  }

  private async send(producer: ProducerDriver): Promise<void> {
    const { topic, partitions, lines, count, ratePerSecond } = this.orders;
    const startedMs = performance.now();
    for await (const line of lines) {
      if (this.sent >= count) break;
      const key = keyOf(line);
      const partition = key === null ? this.sent % partitions : kafka.partitionOf(key, partitions);
      const record = { topic, partition, key, value: line, timestamp: undefined, headers: [] };
      while (this.failure === undefined && !producer.send(record)) await pause();
      this.sent++;
      while (this.failure === undefined && this.sent / ratePerSecond > (performance.now() - startedMs) / 1_000)
        await pause();
      if (this.failure !== undefined) return;
    }
    await producer.flush();
  }
}

function keyOf(line: Buffer): Buffer | null {
  try {
    const { order_id: id } = JSON.parse(line.toString()) as { readonly order_id?: unknown };
    return typeof id === 'string' ? Buffer.from(id) : null;
  } catch {
    return null;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PACE_MS));
}
