/**
 * The rules of the house that no linter knows: which room may import which (docs/architecture.md), the size of files,
 * and what must stay out of the packages. Part of `npm run lint`.
 *
 *   node scripts/house.mjs [ROOT]
 *
 * Cycles, ambient time and randomness, sizes of functions and types are oxlint's (.oxlintrc.json).
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What every room but the three themselves may import. */
const BASE = ['errors', 'internal', 'model'];

/** Folder of packages/core/src -> the rooms it may import, itself and BASE apart. */
export const ROOMS = {
  errors: [],
  internal: ['errors'],
  model: ['errors', 'internal'],
  schema: [],
  windows: ['schema'],
  triggers: ['schema'],
  aggregates: ['schema'],
  metrics: [],
  time: ['schema'],
  state: ['schema'],
  graph: ['windows', 'triggers', 'aggregates'],
  api: ['graph', 'schema', 'windows', 'triggers', 'aggregates', 'time'],
  operators: ['windows', 'triggers', 'aggregates', 'time', 'state', 'metrics'],
  plan: ['graph', 'operators', 'windows', 'triggers', 'aggregates'],
  checkpoint: ['state', 'time'],
  runtime: ['plan', 'operators', 'time', 'state', 'checkpoint', 'metrics'],
  connectors: ['schema'],
  platform: ['schema', 'connectors'],
  testing: ['*'],
};

/** Arrows that may carry `import type` only: the supervisor names nodes of the graph, it never builds or reads one. */
const TYPES_ONLY = { runtime: ['graph'] };

/** Files directly in packages/core/src, which may import anything: the composition root and the three entries. */
const ENTRIES = ['job.ts', 'index.ts', 'node.ts', 'testing.ts'];

/** The one entry that may import the test kit, so that no program carries it. */
const TESTING_ENTRY = 'testing.ts';

/** The only room with imports from Node. */
const NODE_ROOM = 'platform/node/';

const LINES_MAX = 500;
const LINES_P90_MAX = 300;
const LINES_MEDIAN_MAX = 100;
const COLUMNS_MAX = 140;

/** Not ours, or not written by hand. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'out', 'coverage', 'results', '.git', '.cache', '.snippets']);
const SKIPPED_PATHS = ['bench/peers', 'packages/core/test/vectors', 'packages/kafka'];

/** All violations below `root`, one line each. */
export function inspect(root) {
  const files = sourceFiles(root).map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const core = files
    .filter(({ path }) => path.startsWith('packages/core/src/'))
    .map(({ path, text }) => ({ path: path.slice('packages/core/src/'.length), imports: importsOf(text) }));
  return [
    ...core.flatMap(checkArrows),
    ...checkCircles(core),
    ...checkSizes(files),
    ...files.flatMap(checkColumns),
    ...checkManifests(root),
  ];
}

/**
 * The imports of a module: `{ from, typeOnly }`. Statements are found at the start of a line, which is where prettier puts
 * them; lines of comments are dropped first, since examples in them import too.
 */
export function importsOf(text) {
  const code = text.replaceAll(/^[ \t]*(?:\/\/|\/?\*).*$/gm, '');
  const statement =
    /^[ \t]*(?:import|export)\b[ \t]*(type\b(?!\s*from\b))?(?:[^'";=()]*?\bfrom)?[ \t\n]*(['"])([^'"\n]+)\2/gm;
  const imports = [];
  for (const [, type, , from] of code.matchAll(statement)) imports.push({ from, typeOnly: type !== undefined });
  for (const [, , from] of code.matchAll(/\bimport\s*\(\s*(?:(['"])([^'"\n]+)\1)?/g)) {
    imports.push({ from: from ?? '(computed)', typeOnly: false });
  }
  return imports;
}

const roomOf = (path) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined);

const targetOf = (path, from) => posix.normalize(posix.join(posix.dirname(path), from));

function checkArrows({ path, imports }) {
  const where = `packages/core/src/${path}`;
  const room = roomOf(path);
  if (room === undefined && !ENTRIES.includes(path)) {
    return [`${where}: only ${ENTRIES.join(', ')} may stand outside of a room; move it into one`];
  }
  if (room !== undefined && ROOMS[room] === undefined) {
    return [
      `${where}: there is no room "${room}" in docs/architecture.md; a new one needs its row in scripts/house.mjs`,
    ];
  }
  return imports.flatMap((one) => {
    const reason = refusal(path, room, one);
    return reason === undefined ? [] : [`${where}: ${reason}`];
  });
}

/** Why `path` may not import `from`, or undefined if it may. */
function refusal(path, room, { from, typeOnly }) {
  if (!from.startsWith('.')) {
    if (path.startsWith(NODE_ROOM) && from.startsWith('node:')) return undefined;
    if (isBuiltin(from)) return `imports "${from}"; Node is imported by ${NODE_ROOM} only, as "node:..."`;
    return `imports "${from}"; core has no dependencies, and imports its own files by relative paths`;
  }
  const target = targetOf(path, from);
  if (target.startsWith('..')) return `imports "${from}", which is outside of packages/core/src`;
  const other = roomOf(target);
  if (other === room && room !== undefined) return undefined;
  if (other === 'testing' && path !== TESTING_ENTRY)
    return `imports "${from}"; nothing but ${TESTING_ENTRY} imports testing`;
  if (room === undefined || ROOMS[room].includes('*')) return undefined;
  if (other === undefined) return `imports "${from}"; a room does not import an entry or the composition root`;
  const allowed = Object.keys(ROOMS).indexOf(room) < BASE.length ? ROOMS[room] : [...BASE, ...ROOMS[room]];
  if (allowed.includes(other)) return undefined;
  if (TYPES_ONLY[room]?.includes(other)) {
    return typeOnly ? undefined : `imports "${from}"; ${room} may import only types from ${other} (import type)`;
  }
  return `imports "${from}"; ${room} may import ${allowed.join(', ') || 'nothing'}`;
}

/** Circles of imports between files, those of types included; each is told once. */
function checkCircles(modules) {
  const known = new Map(modules.map(({ path, imports }) => [path, imports]));
  const done = new Set();
  const circles = [];
  const visit = (path, trail) => {
    const start = trail.indexOf(path);
    if (start >= 0)
      circles.push(`packages/core/src/${path}: circle of imports: ${[...trail.slice(start), path].join(' -> ')}`);
    if (start >= 0 || done.has(path)) return;
    for (const { from } of known.get(path)) {
      const target = targetOf(path, from);
      if (from.startsWith('.') && known.has(target)) visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of known.keys()) visit(path, []);
  return circles;
}

const countLines = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

function checkSizes(files) {
  const sized = files
    .filter(
      ({ path }) => /^packages\/[^/]+\/src\//.test(path) || (path.startsWith('examples/') && !path.includes('/test/')),
    )
    .map(({ path, text }) => ({ path, lines: countLines(text) }))
    .sort((a, b) => a.lines - b.lines);
  if (sized.length === 0) return [];
  const quantile = (q) => sized[Math.ceil(q * sized.length) - 1].lines;
  const found = sized
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines; a source file has at most ${LINES_MAX}`);
  if (quantile(0.9) > LINES_P90_MAX)
    found.push(`9 of 10 source files must have <= ${LINES_P90_MAX} lines, not ${quantile(0.9)}`);
  if (quantile(0.5) > LINES_MEDIAN_MAX)
    found.push(`half of the source files must have <= ${LINES_MEDIAN_MAX} lines, not ${quantile(0.5)}`);
  return found;
}

function checkColumns({ path, text }) {
  return text.split('\n').flatMap((line, index) => {
    return line.length > COLUMNS_MAX
      ? [`${path}:${index + 1}: ${line.length} columns; a line has at most ${COLUMNS_MAX}`]
      : [];
  });
}

function checkManifests(root) {
  const read = (path) => (existsSync(join(root, path)) ? JSON.parse(readFileSync(join(root, path), 'utf8')) : {});
  const found = [];
  const core = read('packages/core/package.json');
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies']) {
    // A peer that may be left out is no dependency: the engine never imports it.
    const optional = (name) => kind === 'peerDependencies' && core.peerDependenciesMeta?.[name]?.optional === true;
    const names = Object.keys(core[kind] ?? {}).filter((name) => !optional(name));
    if (names.length > 0) found.push(`packages/core/package.json: core has no ${kind}, not ${names.join(', ')}`);
  }
  for (const [name, { resolved }] of Object.entries(read('package-lock.json').packages ?? {})) {
    if (/^https?:/.test(resolved ?? '')) found.push(`package-lock.json: "${name}" names a registry; .npmrc omits them`);
  }
  return found;
}

/** Paths of all files of code below `root`, with `/` between folders. */
function sourceFiles(root) {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name);
      const path = relative(root, full).split(sep).join('/');
      if (entry.isDirectory()) {
        if (!SKIPPED_FOLDERS.has(entry.name) && !SKIPPED_PATHS.includes(path)) walk(full);
      } else if (/\.(?:ts|mts|cts|mjs|cjs|js)$/.test(entry.name)) found.push(path);
    }
  };
  walk(root);
  return found.sort();
}

const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const found = inspect(resolve(process.argv[2] ?? dirname(dirname(script))));
  for (const line of found) process.stderr.write(`${line}\n`);
  if (found.length > 0) process.stderr.write(`\n${found.length} against the rules of the house (scripts/house.mjs)\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
