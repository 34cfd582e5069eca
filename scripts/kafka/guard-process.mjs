/** The process behind guard.mjs: reads charges as lines from stdin, and clears the last one away when stdin ends. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

let charge = {};
for await (const line of createInterface({ input: process.stdin })) charge = JSON.parse(line);
const { pids = [], containers = [], folder } = charge;
for (const pid of pids) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
if (containers.length > 0) spawnSync('docker', ['rm', '-f', ...containers], { stdio: 'ignore' });
if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
