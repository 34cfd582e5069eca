import { dataflow } from 'millrace';
import { kafka, type TopicOptions } from '../../src/index.ts';

/** A job that copies texts from topic to topic. */
export function copyFlow(
  name: string,
  input: string,
  output: string,
  source: TopicOptions<string> = {},
  recordsPerSecond: number = Infinity,
) {
  const flow = dataflow(name);
  flow
    .from('lines', kafka.topic<string>(input, { format: kafka.string(), ...source }), {
      ...(recordsPerSecond === Infinity ? {} : { rateLimit: { recordsPerSecond } }),
    })
    .to('copies', kafka.sink(output, { format: kafka.string() }));
  return flow;
}

/** Settings with which a group goes on soon without a job that has ended. */
export const SHORT_SESSION = { 'session.timeout.ms': 1_000, 'heartbeat.interval.ms': 200 };
