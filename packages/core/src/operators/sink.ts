import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver, SinkWriter } from '../model/index.ts';
import { OperatorFailure } from './operator-failure.ts';

/** The end of a stream: hands records to the sink's writer. */
export class SinkOperator implements Receiver<unknown> {
  private readonly name: string;
  private readonly writer: SinkWriter<unknown>;
  private readonly metrics: OperatorMetrics;

  constructor(name: string, writer: SinkWriter<unknown>, metrics: OperatorMetrics) {
    this.name = name;
    this.writer = writer;
    this.metrics = metrics;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    try {
      this.writer.write(value, timestampMs);
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.name, what: 'sink', cause, contents: value });
    }
    this.metrics.out++;
  }
}
