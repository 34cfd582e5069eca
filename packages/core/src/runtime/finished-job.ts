import type { Manifest } from '../checkpoint/index.ts';
import { OperatorMetrics, type TaskMeters } from '../metrics/index.ts';
import type { OperatorReport, TaskMetrics } from '../model/index.ts';
import type { Plan } from '../plan/index.ts';
import { decodeTime } from '../time/index.ts';
import { Door } from './door.ts';
import { openSinks } from './connections.ts';
import type { CheckpointSettings, JobEnvironment } from './environment.ts';
import type { TaskProgress } from './task-snapshot.ts';

/** A job that was started again after it had finished: its last output may still have to be published, if it was killed there. */
export async function finishAgain(
  plan: Plan,
  env: JobEnvironment,
  { guarantee }: CheckpointSettings,
  manifest: Manifest,
): Promise<void> {
  const { byName, allWriters } = await openSinks(plan, env, new Door(), { guarantee, requestCommit: () => undefined });
  try {
    const attempt = env.newId();
    for (const [name, { transaction }] of byName) {
      const saved = manifest.committables.find(({ sink }) => sink === name);
      if (saved !== undefined) await transaction?.recover(attempt, { name: manifest, committable: saved.value });
    }
    for (const writer of allWriters) await writer.finish();
  } catch (error) {
    await Promise.allSettled(allWriters.map((writer) => writer.abort()));
    throw error;
  }
}

/** The figures of a job as its last checkpoint has them. */
export function finishedMetrics(plan: Plan, manifest: Manifest, meters: TaskMeters): TaskMetrics {
  // It is what `JobCore.progress` returned.
  const task = manifest.task as unknown as TaskProgress;
  return {
    operators: finishedCounts(plan, task),
    sources: task.sources.map(({ name, partitions, time }) => ({
      name,
      watermark: decodeTime(time.watermark),
      ...meters.sourceRates(name),
      highestTimestamp: Math.max(...partitions.map((partition) => decodeTime(partition.highestTimestamp))),
      partitions: partitions.map(({ id, watermark, ended }) => ({
        id,
        watermark: decodeTime(watermark),
        idle: false,
        paused: false,
        ended,
      })),
    })),
    // Nothing was opened: there is nothing to tell of sinks.
    sinks: [],
  };
}

function finishedCounts(plan: Plan, task: TaskProgress): readonly OperatorReport[] {
  return plan.operators.map(({ node }) => {
    const metrics = new OperatorMetrics(true);
    const saved = task.metrics.find(({ name }) => name === node.name);
    if (saved !== undefined) metrics.restore(saved.counts);
    return { name: node.name, kind: node.kind, ...metrics.counts(), missing: 0 };
  });
}

/** Records that the sources had read. */
export function recordsIn(plan: Plan, manifest: Manifest): number {
  // It is what `JobCore.progress` returned.
  const operators = finishedCounts(plan, manifest.task as unknown as TaskProgress);
  return operators.reduce((sum, { kind, in: read }) => (kind === 'source' ? sum + read : sum), 0);
}
