import { exponentialDelay } from 'millrace';
import { directory } from 'millrace/node';
import { kafka } from '../../../packages/kafka/src/index.ts';
import { prepareSummary, writeSummary } from '../output/summary.ts';
import { revenuePipeline } from '../pipeline.ts';
import { closingReport } from '../report/closing.ts';
import { countsOf } from '../report/counts.ts';
import { checkIdentity, summaryOf } from '../report/identity.ts';
import { progressLogger } from '../report/logger.ts';
import { Progress } from '../report/progress.ts';
import { grouped } from '../report/text.ts';
import { topRowsSink } from '../report/top-rows-sink.ts';
import { TopRows } from '../report/top-rows.ts';
import { StopSignals } from '../stop-signals.ts';
import { kafkaConnectors, makeTopics } from './connectors.ts';
import { topicsOf, TRANSACTION_MS, type KafkaJobOptions } from './options.ts';
import { usable } from './usable.ts';

const SHOWN_ROWS = 10;
/** Brokers restart within seconds; after some minutes of failures a person must look. */
const RESTART = exponentialDelay({ initial: '200ms', max: '10s', attempts: 30 });
/** The main job from topic to topic. Returns the exit code. */
export async function runOnKafka(options: KafkaJobOptions): Promise<number> {
  const { bootstrap, state, commitMs, windowMs, ratePerSecond } = options;
  if (options.summary !== undefined) prepareSummary(options.summary, [], state);
  const progress = new Progress(process.stderr);
  const logger = progressLogger(progress);
  progress.say(`connecting to ${bootstrap}`);
  const [input] = await usable(makeTopics(options));
  const top = new TopRows(SHOWN_ROWS);
  const connectors = kafkaConnectors(options);
  const flow = revenuePipeline({ name: options.app, ...connectors, windowMs, ratePerSecond, report: topRowsSink(top) });
  const signals = new StopSignals(() => progress.say('stopping: what was read is being committed'));
  try {
    const run = kafka.solo({
      bootstrap,
      checkpoints: directory(state),
      commitInterval: commitMs,
      transactionTimeout: TRANSACTION_MS,
      fresh: options.fresh,
      restart: RESTART,
      logger,
      onError: connectors.orders.onError,
    });
    const handle = await usable(flow.run(run));
    signals.attach(handle);
    const { resumedFrom } = handle.metrics();
    if (handle.status === 'finished')
      console.log(`job ${options.app} is complete: nothing to do (--fresh starts over)`);
    else {
      if (resumedFrom !== undefined)
        console.log(`resumed from checkpoint ${resumedFrom.id}, ${resumedFrom.recordsIn} orders in`);
      progress.say(`reading ${options.inputTopic} (${input?.partitions.length} partitions) on ${bootstrap}`);
      progress.start(() => countsOf(handle.metrics()), windowMs);
    }
    await usable(handle.done);
    progress.stop();
    const metrics = handle.metrics();
    const counts = countsOf(metrics);
    const summary = summaryOf(counts, metrics.runMs / 1_000);
    if (options.summary !== undefined) writeSummary(options.summary, summary);
    if (handle.status === 'stopped') {
      progress.say(`stopped after ${grouped(counts.read)} orders; the same command goes on from there`);
      return signals.exitCode ?? 1;
    }
    checkIdentity(summary, top.orders);
    const { results, late, deadLetters } = topicsOf(options);
    const places = [
      ['results', results],
      ['late orders', late],
      ['malformed', deadLetters],
    ] as const;
    console.log(closingReport(top, counts, summary, places));
    return 0;
  } finally {
    progress.stop();
    signals.dispose();
  }
}
