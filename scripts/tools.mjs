/** How the scripts start programs: never through a shell, tools by the file their package names. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The file behind a package's command, to be run by Node. */
export function bin(name, command = name.split('/').at(-1)) {
  const folder = join(ROOT, 'node_modules', name);
  const { bin: files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof files === 'string' ? files : files[command]);
}

/** Runs a Node program with our own stdio; signals go on to it. Resolves to its exit code. */
export function node(args, options = {}) {
  return run(process.execPath, args, options);
}

/** Runs npm: the one that runs us, else the one on the path. */
export function npm(args, options = {}) {
  const outer = process.env.npm_execpath;
  if (outer?.endsWith('npm-cli.js')) return run(process.execPath, [outer, ...args], options);
  return run('npm', args, { shell: process.platform === 'win32', ...options });
}

export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    for (const name of ENDING) process.on(name, forward);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of ENDING) process.removeListener(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
