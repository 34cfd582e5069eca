import { MillraceError, type Scheduler } from 'millrace';

/** How long a call to the cluster may take before the job is rolled back, milliseconds: brokers restart in less. */
export const CALL_MS = 60_000;

/**
 * A call that may never answer, with an end. What it does later is nobody's business any more: the client it was made with
 * is given up.
 *
 * @param step names the call in the error
 * @throws MillraceError `IO_FAILED`, retryable
 */
export async function watched<R>(
  step: string,
  scheduler: Scheduler,
  act: Promise<R>,
  limitMs: number = CALL_MS,
): Promise<R> {
  let bark: (error: Error) => void = () => undefined;
  const barked = new Promise<never>((_, reject) => (bark = reject));
  const timer = scheduler.after(limitMs, () =>
    bark(
      new MillraceError('IO_FAILED', {
        message: `Kafka: ${step} has not come back for ${limitMs / 1_000} s. The client is given up, and the job rolled back.`,
        fields: { step, watchdog: true },
        retryable: true,
      }),
    ),
  );
  try {
    return await Promise.race([act, barked]);
  } finally {
    timer.cancel();
  }
}

/** Like `watched`, for a client that is being opened: one that comes after all is closed again. */
export async function watchedOpening<C extends { close(): Promise<void> }>(
  step: string,
  scheduler: Scheduler,
  opening: Promise<C>,
  limitMs: number,
): Promise<C> {
  try {
    return await watched(step, scheduler, opening, limitMs);
  } catch (error) {
    void opening.then(
      (client) => client.close(),
      () => undefined,
    );
    throw error;
  }
}
