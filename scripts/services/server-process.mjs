/** A server of a test: on a free port of loopback, with its data in a temporary folder, gone with the process that started it. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from '../kafka/guard.mjs';

const READY_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 25;

/** A folder for a server's data, which `startServer` removes. */
export function serverFolder(name) {
  return mkdtempSync(join(tmpdir(), `millrace-${name}-`));
}

/**
 * Runs a server until `stop`, or until this process ends, however it does.
 *
 * @param {{ name: string, command: string, args: string[], folder: string, port: number, signal?: NodeJS.Signals,
 *   readyText?: string, isReady?: () => Promise<boolean>, readyMs?: number }} server
 *   `signal` ends it in order, SIGTERM by default; `readyText`: what its log says when it is ready, beside answering; `isReady`: what
 *   else must hold; `readyMs`: how long that may take, 60 s by default
 * @returns {Promise<{ pid: number, exit: Promise<string>, stop: () => Promise<void>, kill: () => Promise<void> }>} `kill`: SIGKILL
 */
export async function startServer(server) {
  const { name, command, args, folder, port, signal = 'SIGTERM', readyText = '' } = server;
  const { isReady = () => Promise.resolve(true), readyMs = READY_MS } = server;
  const log = join(folder, `${name}.log`);
  const out = openSync(log, 'a');
  // In a group of its own: Ctrl-C reaches us, and we stop it in order.
  const child = spawn(command, args, { stdio: ['ignore', out, out], detached: true });
  closeSync(out);
  let over;
  const exit = new Promise((resolve) => {
    child.on('error', (error) => resolve((over = error.message)));
    child.on('exit', (code, by) => resolve((over = `it has ended with ${by ?? code}`)));
  });
  const guard = startGuard();
  guard.watch({ pids: child.pid === undefined ? [] : [child.pid], folder });
  const end = () => {
    if (over === undefined) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', end);
  const stopWith = async (by) => {
    if (over === undefined) child.kill(by);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exit;
    clearTimeout(timer);
    process.removeListener('exit', end);
    end();
    await guard.end();
  };
  const said = () => readFileSync(log, 'utf8');
  const ready = async () => (await answers(port)) && said().includes(readyText) && (await isReady());
  for (const until = Date.now() + readyMs; !(await ready());) {
    if (over === undefined && Date.now() < until) continue;
    const last = said().slice(-2_000);
    const why = over ?? `it is not ready after ${readyMs} ms`;
    await stopWith('SIGKILL');
    throw new Error(`${name} does not start: ${why}\n${last}`);
  }
  return { pid: child.pid, exit, stop: () => stopWith(signal), kill: () => stopWith('SIGKILL') };
}

/** Whether somebody listens there; looks again in a while otherwise. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => setTimeout(() => resolve(false), POLL_MS));
  });
}
