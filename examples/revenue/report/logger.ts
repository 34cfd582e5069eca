import type { Logger } from 'millrace';
import type { Progress } from './progress.ts';

/** What the engine reports, between the progress lines. Errors are left out: the job fails with them, and says so. */
export function progressLogger(progress: Progress): Logger {
  return {
    debug: () => {},
    info: (message) => progress.say(message),
    warn: (message) => progress.say(`warning: ${message}`),
    error: () => {},
  };
}
