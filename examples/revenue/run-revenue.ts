import { exponentialDelay, MillraceError } from 'millrace';
import { directory } from 'millrace/node';
import { existsSync } from 'node:fs';
import { writeOrders } from './generator/write-orders.ts';
import type { OrdersSpec } from './generator/orders.ts';
import type { Options } from './options/options.ts';
import { resolveInput } from './options/resolve-input.ts';
import { UsageError } from './options/usage-error.ts';
import { checkFolder } from './output/check-folder.ts';
import { folderLayout, type FolderLayout } from './output/folder-layout.ts';
import { fileConnectors } from './output/file-connectors.ts';
import { openFolder } from './output/open-folder.ts';
import { prepareSummary, writeSummary } from './output/summary.ts';
import { revenuePipeline } from './pipeline.ts';
import { closingReport, filePlaces } from './report/closing.ts';
import { countsOf, type Counts } from './report/counts.ts';
import { checkIdentity, summaryOf } from './report/identity.ts';
import { progressLogger } from './report/logger.ts';
import { Progress } from './report/progress.ts';
import { grouped } from './report/text.ts';
import { topRowsSink } from './report/top-rows-sink.ts';
import { TopRows } from './report/top-rows.ts';
import { StopSignals } from './stop-signals.ts';

const SHOWN_ROWS = 10;
/** Output appears, and at most so much work is done again after a crash. Shorter makes more and smaller files. */
const COMMIT_INTERVAL = '500ms';
/** A full disk or a file that cannot be read for a moment: three more tries within some seconds, then a person must look. */
const RESTART = exponentialDelay({ initial: '500ms', attempts: 3 });

/** Checks everything, makes the output folder ready, runs the job and reports. Returns the exit code. */
export async function runRevenue(options: Options): Promise<number> {
  const layout = folderLayout(options.output);
  const input = resolveInput(options.input, layout);
  checkFolder(layout);
  if (options.summary !== undefined) prepareSummary(options.summary, input.partitions.flat(), options.output);
  const progress = new Progress(process.stderr);
  const logger = progressLogger(progress);
  const checkpoints = directory(layout.checkpoints);
  const inputs = await usable(
    openFolder(layout, input, options.windowMs, { fresh: options.fresh, checkpoints, logger }),
  );
  if (input.generate !== undefined) generate(inputs[0] ?? '', input.generate, progress);

  const top = new TopRows(SHOWN_ROWS);
  const { windowMs, ratePerSecond } = options;
  const connectors = fileConnectors(inputs, layout);
  const flow = revenuePipeline({ name: 'revenue', ...connectors, windowMs, ratePerSecond, report: topRowsSink(top) });
  const signals = new StopSignals(() => progress.say('stopping: what was read is being written'));
  try {
    const handle = await usable(flow.run({ logger, checkpoints, commitInterval: COMMIT_INTERVAL, restart: RESTART }));
    signals.attach(handle);
    const { resumedFrom } = handle.metrics();
    const complete = handle.status === 'finished';
    if (complete) console.log(`${layout.root} is complete: nothing to do (--fresh starts over)`);
    else {
      if (resumedFrom !== undefined) {
        console.log(`resumed from checkpoint ${resumedFrom.id}, ${resumedFrom.recordsIn} orders in`);
      }
      progress.say(`reading ${inputs.join(', ')}`);
      progress.start(() => countsOf(handle.metrics()), windowMs);
    }
    await handle.done;
    progress.stop();
    const metrics = handle.metrics();
    const counts = countsOf(metrics);
    if (handle.status === 'stopped') {
      progress.say(`stopped after ${grouped(counts.read)} orders; the same command goes on from there`);
      return signals.exitCode ?? 1;
    }
    return report(options, layout, top, counts, metrics.runMs / 1_000);
  } finally {
    progress.stop();
    signals.dispose();
  }
}

function report(options: Options, layout: FolderLayout, top: TopRows, counts: Counts, seconds: number): number {
  const summary = summaryOf(counts, seconds);
  checkIdentity(summary, top.orders);
  console.log(closingReport(top, counts, summary, filePlaces(layout)));
  if (options.summary !== undefined) writeSummary(options.summary, summary);
  return 0;
}

/** A second start while the first one runs is a mistake of whoever started it. */
async function usable<T>(starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'CHECKPOINT_OWNED') throw new UsageError(error.message);
    throw error;
  }
}

/** A file of this name is complete (write-orders.ts), and the same for the same number and seed. */
function generate(file: string, spec: OrdersSpec, progress: Progress): void {
  if (existsSync(file)) return;
  let shownMs = performance.now();
  writeOrders(file, spec, (orders) => {
    if (performance.now() - shownMs < progress.intervalMs) return;
    shownMs = performance.now();
    progress.show(`generating ${grouped(orders)} of ${grouped(spec.orders)} orders`);
  });
  progress.say(`generated ${grouped(spec.orders)} orders (seed ${spec.seed}) in ${file}`);
}
