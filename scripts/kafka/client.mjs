/**
 * `npm run kafka:setup`: installs the Kafka client of packages/kafka and builds it, once per version of client and Node.
 *
 *   npm ci (packages/kafka has a lock file of its own) -> binary from the cache
 *                                                      \-> prebuilt one from its publisher -> cache
 *                                                      \-> built from source, about 90 s   -> cache
 *
 * The cache is MILLRACE_CACHE, else ~/.cache/millrace. Needed for a build: gcc, make, python3, headers of OpenSSL and zlib.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, realpathIs } from './paths.mjs';
import { ROOT } from '../setup.mjs';

const FOLDER = join(ROOT, 'packages', 'kafka');
const CLIENT = join(FOLDER, 'node_modules', '@confluentinc', 'kafka-javascript');
const STAMP = join(FOLDER, 'node_modules', '.millrace-setup.json');
/** How long the publisher's server may take to send a prebuilt binary, milliseconds. */
const DOWNLOAD_MS = 60_000;

export class KafkaSetupError extends Error {}

/** Installs and builds what is missing. Throws KafkaSetupError with the reason and the cure. */
export function setupClient() {
  const lockFile = createHash('sha256')
    .update(readFileSync(join(FOLDER, 'package-lock.json')))
    .digest('hex');
  const stamp = JSON.stringify({ lockFile, abi: process.versions.modules, platform: platform() });
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp && loads()) return;
  if (!installed(lockFile)) {
    process.stderr.write('setting up Kafka: installing the client\n');
    rmSync(STAMP, { force: true });
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (!loads()) provideBinary();
  if (!loads()) throw new KafkaSetupError(`the Kafka client was built but cannot be loaded by Node ${process.version}`);
  writeFileSync(`${STAMP}.tmp`, stamp);
  renameSync(`${STAMP}.tmp`, STAMP);
}

function installed(lockFile) {
  if (!existsSync(STAMP) || !existsSync(join(CLIENT, 'package.json'))) return false;
  return JSON.parse(readFileSync(STAMP, 'utf8')).lockFile === lockFile;
}

function provideBinary() {
  const { version } = JSON.parse(readFileSync(join(CLIENT, 'package.json'), 'utf8'));
  const cached = join(cacheFolder(), 'kafka-client', `${version}-${platform()}-abi${process.versions.modules}`);
  if (existsSync(join(cached, 'complete'))) {
    cpSync(join(cached, 'build'), join(CLIENT, 'build'), { recursive: true, verbatimSymlinks: true });
    if (loads()) return;
    rmSync(cached, { recursive: true, force: true });
  }
  rmSync(join(CLIENT, 'build'), { recursive: true, force: true });
  if (!download()) build();
  keep(cached);
}

/** A binary that the publisher has built; there may be none for this Node, or no way to its server. */
function download() {
  const preGyp = join(FOLDER, 'node_modules', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  if (!existsSync(preGyp)) return false;
  const options = { cwd: CLIENT, stdio: 'ignore', timeout: DOWNLOAD_MS };
  return spawnSync(process.execPath, [preGyp, 'install'], options).status === 0 && loads();
}

function build() {
  process.stderr.write('setting up Kafka: building the client, which takes 1 to 2 minutes once\n');
  const headers = dirname(dirname(process.execPath));
  const env = {
    CKJS_LINKING: 'dynamic',
    npm_config_build_from_source: 'true',
    ...(existsSync(join(headers, 'include', 'node', 'node.h')) ? { npm_config_nodedir: headers } : {}),
  };
  npm(['rebuild', '@confluentinc/kafka-javascript', '--foreground-scripts=false', '--loglevel=error'], env);
}

/** Only what is needed to load it: the module and the libraries beside it. */
function keep(cached) {
  const own = `${cached}.${process.pid}`;
  rmSync(own, { recursive: true, force: true });
  const parts = [
    ['Release', /\.node$/],
    ['deps', /^librdkafka(\+\+)?\.(so|dylib)/],
  ];
  for (const [folder, wanted] of parts) {
    const from = join(CLIENT, 'build', folder);
    if (!existsSync(from)) continue;
    mkdirSync(join(own, 'build', folder), { recursive: true });
    for (const file of readdirSync(from).filter((name) => wanted.test(name)))
      cpSync(join(from, file), join(own, 'build', folder, file), { dereference: true });
  }
  writeFileSync(join(own, 'complete'), '');
  try {
    renameSync(own, cached);
  } catch {
    rmSync(own, { recursive: true, force: true }); // another set-up was faster
  }
}

/** In a process of its own: a native module is loaded once, and one that fails stays failed. */
function loads() {
  if (!existsSync(join(CLIENT, 'package.json'))) return false;
  const program = `require(${JSON.stringify(CLIENT)})`;
  return spawnSync(process.execPath, ['-e', program], { stdio: 'ignore' }).status === 0;
}

function npm(args, env = {}) {
  const outer = process.env.npm_execpath;
  const [command, first] = outer?.endsWith('npm-cli.js') ? [process.execPath, [outer]] : ['npm', []];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_config_(workspaces?|include|omit|json|silent|loglevel|ignore_scripts)$/i.test(name),
  );
  const options = {
    cwd: FOLDER,
    env: { ...Object.fromEntries(inherited), ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  };
  const { status, stdout, stderr, error } = spawnSync(command, [...first, ...args], options);
  if (status === 0) return;
  const said = `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim().split('\n').slice(-15).join('\n');
  throw new KafkaSetupError(
    `"npm ${args[0]}" failed in packages/kafka; a build needs gcc, make, python3 and the headers of OpenSSL and zlib:\n${said}`,
  );
}

function platform() {
  const libc = process.report?.getReport?.().header?.glibcVersionRuntime === undefined ? 'other' : 'glibc';
  return `${process.platform}-${process.arch}-${libc}`;
}

/** Ends the process with one clear message if it cannot be done. */
export function setupClientOrExit() {
  try {
    setupClient();
  } catch (error) {
    if (!(error instanceof KafkaSetupError)) throw error;
    process.stderr.write(`millrace: ${error.message}\n`);
    process.exit(1);
  }
}

if (realpathIs(import.meta.url)) {
  setupClientOrExit();
  const { version } = JSON.parse(readFileSync(join(CLIENT, 'package.json'), 'utf8'));
  if (!process.argv.includes('--quiet')) process.stdout.write(`the Kafka client is ready (${version})\n`);
}
