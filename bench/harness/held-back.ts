import { customWatermarks, dataflow, silentLogger, type DataStream, type Source } from 'millrace';
import { Digest, takingSink } from './digest.ts';

/** Times of one run whose watermark was held back until everything was read, CPU milliseconds of the process. */
export interface Phases {
  readonly updateMs: number;
  readonly fireMs: number;
  readonly results: number;
  readonly digest: string;
}

/** Gives all records, then nothing more; `exhausted` is called when it is asked again. */
function handedOver<T>(records: readonly T[], exhausted: () => void): Source<T> {
  return {
    kind: 'handed over',
    bounded: false,
    onError: 'fail',
    open: () => {
      let read = 0;
      return Promise.resolve({
        partitions: [{ id: '0' }],
        poll: (_partition: number, maxRecords: number) => {
          if (read === records.length) {
            exhausted();
            return 'pending' as const;
          }
          const from = read;
          read = Math.min(read + maxRecords, records.length);
          const nothing = { positions: undefined, timestamps: undefined, part: undefined, rejected: [] };
          return { values: records, from, to: read, firstPosition: from, next: read, ...nothing };
        },
        close: () => Promise.resolve(),
      });
    },
  };
}

/** Runs a pipeline: first all updates while the watermark stands still, then all firings at once. */
export async function heldBack<T extends { readonly time: number }, R>(
  records: readonly T[],
  build: (input: DataStream<T, true>) => DataStream<R>,
  numberOf: (row: R) => number,
): Promise<Phases> {
  const digest = new Digest();
  let results = 0;
  let readAt: NodeJS.CpuUsage | undefined;
  const flow = dataflow('held back');
  const silent = { onEvent: () => -Infinity, snapshot: () => -Infinity, restore() {} };
  const watermarks = customWatermarks<T>(
    (record) => record.time,
    () => silent,
    { idleAfter: 'never' },
  );
  let resolve: () => void = () => {};
  const done = new Promise<void>((settle) => (resolve = settle));
  const source = handedOver(records, () => {
    readAt ??= process.cpuUsage(started);
    resolve();
  });
  build(flow.from('records', source, { watermarks })).to(
    'digest',
    takingSink<R>((row) => {
      results++;
      digest.add(numberOf(row));
    }),
  );
  globalThis.gc?.();
  const started = process.cpuUsage();
  const handle = await flow.run({ logger: silentLogger, development: false });
  await done;
  const before = process.cpuUsage();
  await handle.stop({ drain: true });
  const fired = process.cpuUsage(before);
  const updated = readAt ?? { user: NaN, system: NaN };
  const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1_000;
  return { updateMs: ms(updated), fireMs: ms(fired), results, digest: digest.toString() };
}
