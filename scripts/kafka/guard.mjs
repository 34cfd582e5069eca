/**
 * Whatever ends this process, SIGKILL too, no broker outlives it: a small process beside it holds the other end of a pipe, and
 * clears away what it was last told of when the pipe is closed.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('guard-process.mjs', import.meta.url));

/**
 * What is not to be left behind: processes, containers by name, a folder.
 *
 * @typedef {{ pids?: number[], containers?: string[], folder?: string }} Charge
 */

/** Starts a guard. `watch` replaces what it clears away; `end` lets it clear that away now, and resolves when it has. */
export function startGuard() {
  // In a group of its own: Ctrl-C must not end it before its time.
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  child.stdin.on('error', () => {}); // it was killed: there is nobody to tell
  child.unref();
  child.stdin.unref();
  return {
    /** @param {Charge} charge */
    watch: (charge) => void child.stdin.write(`${JSON.stringify(charge)}\n`),
    end: () => {
      child.ref();
      child.stdin.end();
      return ended;
    },
  };
}
