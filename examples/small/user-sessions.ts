/** User sessions: a visit ends after 30 minutes without a click. `node --import tsx examples/small/user-sessions.ts` */
import { pathToFileURL } from 'node:url';
import { boundedOutOfOrderness, consoleSink, count, dataflow, memory, session, type Sink } from 'millrace';

interface Click {
  readonly user: string;
  readonly page: string;
  readonly time: number;
}

export interface Visit {
  readonly user: string;
  readonly clicks: number;
  readonly minutes: number;
}

const minute = 60_000;
const clicks: readonly Click[] = [
  { user: 'ada', page: '/', time: 0 },
  { user: 'ada', page: '/shop', time: 10 * minute },
  { user: 'bob', page: '/', time: 12 * minute },
  // Exactly 30 minutes after the click before: still the same visit.
  { user: 'ada', page: '/cart', time: 40 * minute },
  // One millisecond more, and it is another one.
  { user: 'ada', page: '/', time: 70 * minute + 1 },
];

export async function run(out: Sink<Visit>): Promise<void> {
  const flow = dataflow('user-sessions');
  flow
    .from('clicks', memory(clicks), { watermarks: boundedOutOfOrderness('5m', (click) => click.time) })
    .keyBy((click) => click.user)
    .window(session('30m'))
    .aggregate({ clicks: count() }, ({ key, window, value }) => ({
      user: key,
      clicks: value.clicks,
      // A session ends one gap after its last click.
      minutes: Math.floor((window.end - window.start) / minute) - 30,
    }))
    .to('visits', out);
  await (
    await flow.run()
  ).done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(consoleSink());
