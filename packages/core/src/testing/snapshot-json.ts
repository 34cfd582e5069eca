import type { TaskSnapshot } from '../runtime/index.ts';

/** Everything a pipeline or an operator must remember; plain data. Made by `snapshot()`. */
export type PipelineSnapshot = TaskSnapshot;

const BYTES = '$bytes';

/**
 * A snapshot as text, byte arrays in hexadecimal. Proves on the way that it is plain data.
 *
 * @throws Error naming the path of anything JSON cannot hold
 * @example
 * const driver = await pipelineDriver(flow, { restore: snapshotFromJson(snapshotToJson(snapshot)) });
 */
export function snapshotToJson(snapshot: PipelineSnapshot): string {
  return JSON.stringify(plain(snapshot, 'snapshot'));
}

/** The snapshot that `snapshotToJson` wrote. */
export function snapshotFromJson(text: string): PipelineSnapshot {
  // What the text holds was a snapshot when snapshotToJson wrote it; restoring checks the rest.
  return JSON.parse(text, (_name, value: unknown) => fromPlain(value)) as PipelineSnapshot;
}

function plain(value: unknown, path: string): unknown {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value;
  if (value instanceof Uint8Array) return { [BYTES]: [...value].map((b) => b.toString(16).padStart(2, '0')).join('') };
  if (Array.isArray(value)) return value.map((item, i) => plain(item, `${path}[${i}]`));
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype && !(BYTES in value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field, `${path}.${name}`)]));
  }
  throw new Error(`${path} is ${Object.is(value, -0) ? '-0' : String(value)}: a snapshot must be plain data`);
}

function fromPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(BYTES in value)) return value;
  const hex = String(value[BYTES]);
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
