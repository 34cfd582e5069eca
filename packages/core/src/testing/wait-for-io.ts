import { systemScheduler } from '../platform/web/index.ts';
import type { Door } from '../runtime/index.ts';

/** Real time after which something that should wake the pipeline is held to be stuck: no disk is that slow. */
const STUCK_AFTER_MS = 30_000;

/** Waits for a wake since the last step: for one turn of the event loop, or for long. Returns whether there was one. */
export function waitForIo(door: Door, patience: 'a turn' | 'long'): Promise<boolean> {
  return waitForWake((callback) => door.wait(callback), patience);
}

/** @param wait calls back at the next wake, at once if there was one already */
export function waitForWake(wait: (callback: () => void) => void, patience: 'a turn' | 'long'): Promise<boolean> {
  return new Promise((resolve) => {
    if (patience === 'a turn') {
      let woken = false;
      wait(() => void (woken = true));
      systemScheduler.defer(() => resolve(woken));
      return;
    }
    const timer = systemScheduler.after(STUCK_AFTER_MS, () => resolve(false));
    wait(() => {
      timer.cancel();
      resolve(true);
    });
  });
}
