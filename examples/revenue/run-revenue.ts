import { writeOrders } from './generator/write-orders.ts';
import type { OrdersSpec } from './generator/orders.ts';
import type { Options } from './options/options.ts';
import { resolveInput } from './options/resolve-input.ts';
import { checkFolder, checkInputsStay } from './output/check-folder.ts';
import { folderLayout } from './output/folder-layout.ts';
import { JOB_NAME } from './output/job-file.ts';
import { replaceFolder } from './output/replace-folder.ts';
import { prepareSummary, writeSummary, type Summary } from './output/summary.ts';
import { revenuePipeline } from './pipeline.ts';
import { closingReport } from './report/closing.ts';
import { countsOf, type Counts } from './report/counts.ts';
import { progressLogger } from './report/logger.ts';
import { Progress } from './report/progress.ts';
import { grouped } from './report/text.ts';
import { topRowsSink } from './report/top-rows-sink.ts';
import { TopRows } from './report/top-rows.ts';
import { StopSignals } from './stop-signals.ts';

const SHOWN_ROWS = 10;

/** Checks everything, makes the output folder ready, runs the job and reports. Returns the exit code. */
export async function runRevenue(options: Options): Promise<number> {
  const layout = folderLayout(options.output);
  const input = resolveInput(options.input, layout);
  checkFolder(layout);
  checkInputsStay(layout, input.files);
  if (options.summary !== undefined) prepareSummary(options.summary, input.files, options.output);
  replaceFolder(layout, { name: JOB_NAME, inputs: input.patterns, windowMs: options.windowMs });

  const progress = new Progress(process.stderr);
  if (input.generate !== undefined) generate(input.patterns[0] ?? '', input.generate, progress);

  const top = new TopRows(SHOWN_ROWS);
  const flow = revenuePipeline({
    inputs: input.patterns,
    windowMs: options.windowMs,
    layout,
    ratePerSecond: options.ratePerSecond,
    report: topRowsSink(top),
  });
  const signals = new StopSignals(() => progress.say('stopping: what was read is being written'));
  const startedMs = performance.now();
  try {
    const handle = await flow.run({ logger: progressLogger(progress) });
    signals.attach(handle);
    progress.say(`reading ${input.patterns.join(', ')}`);
    progress.start(() => countsOf(handle.metrics()), options.windowMs);
    await handle.done;
    progress.stop();
    const counts = countsOf(handle.metrics());
    if (handle.status === 'stopped') {
      progress.say(`stopped after ${grouped(counts.read)} orders; a new start begins with the first one again`);
      return signals.exitCode ?? 1;
    }
    const summary = summaryOf(counts, (performance.now() - startedMs) / 1_000);
    checkIdentity(summary, top.orders);
    console.log(closingReport(top, counts, summary, layout));
    if (options.summary !== undefined) writeSummary(options.summary, summary);
    return 0;
  } finally {
    progress.stop();
    signals.dispose();
  }
}

function generate(file: string, spec: OrdersSpec, progress: Progress): void {
  let shownMs = performance.now();
  writeOrders(file, spec, (orders) => {
    if (performance.now() - shownMs < progress.intervalMs) return;
    shownMs = performance.now();
    progress.show(`generating ${grouped(orders)} of ${grouped(spec.orders)} orders`);
  });
  progress.say(`generated ${grouped(spec.orders)} orders (seed ${spec.seed}) in ${file}`);
}

function summaryOf({ read, late, malformed, windows }: Counts, seconds: number): Summary {
  return { read, late, malformed, windows, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
}

/** `aggregated` was counted behind the last operator: nothing may be lost or doubled on the way. */
function checkIdentity({ read, late, malformed }: Summary, aggregated: number): void {
  if (read === aggregated + late + malformed) return;
  throw new Error(`counts do not add up: ${read} read, ${aggregated} aggregated, ${late} late, ${malformed} malformed`);
}
