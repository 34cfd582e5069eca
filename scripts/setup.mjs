/**
 * The set-up every npm script begins with: installs what the verb needs, once. Imports nothing that must be installed.
 *
 *   node scripts/setup.mjs [VERB]        (no verb: everything)
 *
 * It is done when node_modules/.millrace-setup.json names the hash of package-lock.json and at least the workspaces the
 * verb needs. Nothing else counts: not that node_modules exists, not that a package can be resolved.
 *
 *   lock taken -> stamp removed -> npm ci -> stamp written to a temporary file -> renamed -> lock released
 *                 \________ killed anywhere here: there is no stamp, the next set-up installs again _______/
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const NODE_MAJOR_MIN = 20;

/** What a verb installs, as folders of workspaces. A verb that is not listed installs everything. */
const WORKSPACES_OF_VERB = { start: ['examples', 'packages/core'] };

/** The owner of the lock renews it at this interval (ms), so that the lock of a lost owner can be told from a busy one. */
const HEARTBEAT_MS = 1_000;

/** A lock that was not renewed for so long (ms) has no owner, whatever process has its number now. */
const LOCK_EXPIRES_MS = 60_000;

/** How often a second set-up looks whether the first is done (ms). */
const WAIT_MS = 200;

/**
 * Options that would change what npm installs, and where. The npm that runs a script hands its own on to it as variables
 * `npm_config_*` (`npm test -w packages/core`, `npm test --silent`). A person's registry, cache and proxy stay as they are.
 */
const NPM_OPTIONS_DROPPED = new Set(
  (
    'workspace workspaces include_workspace_root omit include only also production ' +
    'global location prefix local_prefix dry_run package_lock package_lock_only json silent loglevel'
  )
    .split(' ')
    .map((name) => `npm_config_${name}`),
);

export class SetupError extends Error {}

/** Installs what `verb` needs unless that is done. Resolves to true if it had to install. */
export async function setup(verb = 'all', root = ROOT) {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    throw new SetupError(`Millrace needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.version}`);
  }
  const wanted = WORKSPACES_OF_VERB[verb] ?? 'all';
  if (isInstalled(root, wanted)) return false;
  const lock = await takeLock(root);
  try {
    if (isInstalled(root, wanted)) return false; // another set-up did it while this one waited
    await install(root, wanted, lock);
    return true;
  } finally {
    lock.release();
  }
}

const stampFile = (root) => join(root, 'node_modules', '.millrace-setup.json');

function lockFileHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function isInstalled(root, wanted) {
  const stamp = readJson(stampFile(root));
  if (stamp?.lockFile !== lockFileHash(root)) return false;
  if (stamp.installed === 'all') return true;
  return wanted !== 'all' && Array.isArray(stamp.installed) && wanted.every((w) => stamp.installed.includes(w));
}

async function install(root, wanted, lock) {
  const stamp = { lockFile: lockFileHash(root), installed: wanted };
  const what = wanted === 'all' ? 'all workspaces and tools' : wanted.join(', ');
  rmSync(stampFile(root), { force: true });
  process.stderr.write(`setting up (first time): installing ${what}\n`);

  const options = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--include=dev',
    '--include=optional',
  ];
  const workspaces = wanted === 'all' ? [] : wanted.flatMap((folder) => ['-w', folder]);
  await npm(root, ['ci', ...options, ...workspaces], lock);

  mkdirSync(dirname(stampFile(root)), { recursive: true });
  const temporary = `${stampFile(root)}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(stamp)}\n`, { flush: true });
  renameSync(temporary, stampFile(root));
}

/** Runs npm with its words on stderr: stdout belongs to the verb. A signal that ends us ends it first. */
function npm(root, args, lock) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !NPM_OPTIONS_DROPPED.has(name.toLowerCase())),
  );
  const outer = process.env.npm_execpath;
  const isNpm = outer !== undefined && basename(outer) === 'npm-cli.js';
  const [command, first] = isNpm ? [process.execPath, [outer]] : ['npm', []];
  const options = {
    cwd: root,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: !isNpm && process.platform === 'win32',
  };

  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], options);
    lock.setChild(child.pid);
    const stop = (signal) => {
      child.kill(signal);
      child.once('exit', () => process.kill(process.pid, signal));
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(name, stop);
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, stop);
    child.on('error', (error) =>
      reject(new SetupError(`the set-up cannot run npm (${error.message}); is it installed?`)),
    );
    child.on('exit', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(name, stop);
      if (code === 0) resolve();
      else {
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
        reject(new SetupError(`the set-up failed: "npm ${args.join(' ')}" ended with ${how}; its message is above`));
      }
    });
  });
}

/**
 * One set-up at a time. The lock is a folder with a file `owner.json`, made elsewhere and moved into place: a folder
 * cannot be renamed onto one that is not empty, so that exactly one of several wins. A lock is abandoned when neither its
 * owner nor the npm it started lives (an npm outlives an owner that was killed, and would still be writing).
 */
async function takeLock(root) {
  const cache = join(root, '.cache');
  const folder = join(cache, 'setup.lock');
  const mine = join(cache, `setup.lock.${process.pid}`);
  const owner = { pid: process.pid };
  rmSync(mine, { recursive: true, force: true });
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, 'owner.json'), JSON.stringify(owner));

  for (let waiting = false; ; waiting = true) {
    try {
      renameSync(mine, folder);
      break;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(error.code)) throw error;
    }
    if (isAbandoned(folder)) {
      moveAway(folder);
      continue;
    }
    if (!waiting) process.stderr.write('another set-up is running; waiting for it\n');
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }

  const file = join(folder, 'owner.json');
  const heartbeat = setInterval(() => {
    const now = new Date();
    if (readJson(file)?.pid === process.pid) utimesSync(file, now, now);
  }, HEARTBEAT_MS);
  return {
    setChild: (child) => writeFileSync(file, JSON.stringify({ ...owner, child })),
    release: () => {
      clearInterval(heartbeat);
      if (readJson(file)?.pid === process.pid) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isAbandoned(folder) {
  const file = join(folder, 'owner.json');
  const owner = readJson(file);
  try {
    if (Date.now() - statSync(file).mtimeMs > LOCK_EXPIRES_MS) return true;
  } catch {
    return false; // released a moment ago: try again
  }
  return owner !== undefined && !isAlive(owner.pid) && !(owner.child !== undefined && isAlive(owner.child));
}

/** Moving first makes one of several waiters the one that removes it; one that came late has moved a new lock: back. */
function moveAway(folder) {
  const grave = `${folder}.${process.pid}.abandoned`;
  try {
    renameSync(folder, grave);
  } catch {
    return;
  }
  if (isAbandoned(grave)) rmSync(grave, { recursive: true, force: true });
  else renameSync(grave, folder);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    // A killed process that nobody waits for (usual in containers) keeps its number, as a zombie: "PID (name) Z ...".
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true; // not Linux
  }
}

/** The parsed file, or undefined if there is none or it is torn. */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Ends the process with one clear line if the set-up cannot be done. */
export async function setupOrExit(verb) {
  try {
    await setup(verb);
  } catch (error) {
    process.stderr.write(`millrace: ${error instanceof SetupError ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) await setupOrExit(process.argv[2]);
