import { randomUUID } from 'node:crypto';
import type { CheckpointStorage, Logger } from 'millrace';
import { JOB_NAME } from './job-file.ts';

/**
 * Runs `work` while no other process can run a job on these checkpoints: what is about to be removed may be in use.
 *
 * @throws MillraceError `CHECKPOINT_OWNED` while another process has them
 */
export async function whileOwned(checkpoints: CheckpointStorage, logger: Logger, work: () => void): Promise<void> {
  const store = await checkpoints.open({
    job: JOB_NAME,
    token: randomUUID(),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    scheduler: {
      defer: (task) => void setImmediate(task),
      after(delayMs, task) {
        const timer = setTimeout(task, delayMs);
        return { cancel: () => clearTimeout(timer) };
      },
    },
    logger,
    machine: undefined,
    onLost: () => undefined,
  });
  try {
    work();
    await store.clear();
  } finally {
    await store.close();
  }
}
