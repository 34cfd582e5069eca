/**
 * Every `@example` in a comment of packages/core/src compiles, in front of a prelude of what examples take for granted
 * (orders, a flow, a sink). Lines that begin with `.` go on behind a stream.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from './support/documents.ts';
import { node } from './support/run.ts';

const CORE = path.join(ROOT, 'packages/core/src');
const FOLDER = path.join(ROOT, 'packages/e2e/.snippets', `examples-${process.pid}`);
const TIMEOUT_MS = 120_000;

/** Comments for whoever works on the engine: what they show is not exported. */
const INTERNAL = /^(?:platform\/node\/compile-function|schema\/compile-decoder)\.ts$/;

const PRELUDE = `
interface Reading { celsius: number; bytes: number; time: number; last: boolean }
interface Place { customer: string; country: string }
interface Order extends Reading, Place { order_id: string; category: string; amount: number; event_time: number; items: string[] }
declare const Order: Schema<Order>;
declare const source: Source<Order>;
declare const watermarks: WatermarkStrategy<Order>;
declare const sink: Sink<unknown>;
declare const out: Sink<unknown>;
declare const flow: Dataflow;
declare const handle: JobHandle;
declare const lateOrders: SideOutput<Order>;
declare const ctx: RecordContext<string, { cart: ValueStateDescriptor<{ items: string[] }> }, unknown>;
declare const item: string;
declare function produce<T>(change: (draft: T) => void): (value: T | undefined) => T;
declare const start: number;
declare const snapshot: PipelineSnapshot;
declare function parseLogLine(line: string): Order;
declare const orders: DataStream<Order, true>;
declare const europe: typeof orders, asia: typeof orders, america: typeof orders;
declare const keyed: KeyedStream<string, Order, true>;
declare const windowed: WindowedStream<string, Order>;
interface Names { key: string; user: string; page: string; sensor: string; machine: string; account: string }
interface Event extends Names { payment_id: string; customer: string; id: string; metres: number; value: number; time: number }
declare const clicks: DataStream<Event, true>;
declare const readings: typeof clicks, sensors: typeof clicks, payments: typeof clicks;
declare const cars: typeof clicks, lines: typeof clicks, messages: typeof clicks;
declare const limits: DataStream<{ category: string; amount: number }, true>;
declare const connected: ConnectedStreams<string, Order, { category: string; amount: number }, true>;
declare function parse<T>(line: T): T;
declare const result: DataStream<any, true>;
declare const rows: DataStream<any, true>;
declare const MyBackend: new (id: string) => StateBackend;
declare function test(name: string, run: () => Promise<void>): void;
`;

/** The import of everything that an entry of the package exports. */
function importsOf(entry: string, from: string): string {
  const text = readFileSync(path.join(CORE, entry), 'utf8');
  const names = [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, type = '', list = '']) =>
    list.split(',').flatMap((name) => (name.trim() === '' ? [] : [`${type}${name.trim()}`])),
  );
  return `import { ${names.join(', ')} } from '${from}';\n`;
}

interface Example {
  readonly at: string;
  readonly code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(path.join(CORE, file), 'utf8');
  return [...text.matchAll(/\/\*\*.*?\*\//gs)].flatMap(({ 0: comment, index }) => {
    const lines = comment.replace(/\*\/$/, '').split('\n');
    const body = lines.map((line) => line.replace(/^\s*(?:\/\*)?\* ?/, '')).join('\n');
    const line = text.slice(0, index).split('\n').length;
    return [...body.matchAll(/@example[ \t]*\n?(.*?)(?=\n@\w|$(?![\s\S]))/gs)].map(([, code = '']) => ({
      at: `${file}:${line}`,
      code: code.replaceAll(/^\.window\(/gm, 'keyed.window(').replaceAll(/^\./gm, 'windowed.'),
    }));
  });
}

const examples = readdirSync(CORE, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !INTERNAL.test(name))
  .sort()
  .flatMap(examplesOf);

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test(
  'the examples in the comments of the public API compile',
  async () => {
    mkdirSync(FOLDER, { recursive: true });
    const entries = { 'index.ts': 'millrace', 'node.ts': 'millrace/node', 'testing.ts': 'millrace/testing' };
    const imports = Object.entries(entries).map(([entry, from]) => importsOf(entry, from));
    const states = `import type { StateBackend } from '${path.join(CORE, 'model/index.ts').replaceAll('\\', '/')}';\n`;
    const files = examples.map(({ at, code }) => {
      const name = `${at.replaceAll(/\W+/g, '-')}.ts`;
      const program = `export async function example() {\n${code}\n}\n`;
      const stateImport = imports.join('').includes('StateBackend') ? '' : states;
      writeFileSync(path.join(FOLDER, name), [...imports, stateImport, PRELUDE, program].join(''));
      return name;
    });
    expect(files.length).toBeGreaterThan(30);
    const config = path.join(FOLDER, 'tsconfig.json');
    const compilerOptions = { noUnusedLocals: false };
    writeFileSync(
      config,
      JSON.stringify({ extends: '../../../../tsconfig.json', compilerOptions, files, include: [] }),
    );
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    expect(await node([tsc, '-p', config], ROOT)).toEqual({ code: 0, stdout: '', stderr: '' });
  },
  TIMEOUT_MS,
);
