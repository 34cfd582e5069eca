/** Alert on the absence of heartbeats, by timers. `node --import tsx examples/small/heartbeat-alert.ts` */
import { pathToFileURL } from 'node:url';
import { boundedOutOfOrderness, consoleSink, dataflow, listState, memory, typed, type Sink } from 'millrace';

interface Heartbeat {
  readonly machine: string;
  readonly time: number;
}

export interface Alert {
  readonly machine: string;
  readonly silentSince: number;
}

const second = 1_000;
const silence = 60 * second;
const heartbeats: readonly Heartbeat[] = [
  { machine: 'pump', time: 0 },
  { machine: 'fan', time: 5 * second },
  { machine: 'pump', time: 50 * second },
  // The fan is silent from here on; the pump comes back after two minutes.
  { machine: 'pump', time: 170 * second },
];

export async function run(out: Sink<Alert>): Promise<void> {
  const flow = dataflow('heartbeat-alert');
  flow
    .from('heartbeats', memory(heartbeats), { watermarks: boundedOutOfOrderness('5s', (beat) => beat.time) })
    .keyBy((beat) => beat.machine)
    .process({
      state: { beats: listState<number>() },
      emits: typed<Alert>(),
      onRecord(beat, ctx) {
        ctx.state.beats.add(beat.time);
        ctx.registerEventTimer(beat.time + silence);
      },
      // By now every heartbeat up to `time` has come, and later ones may have: which of them counts is told by their times.
      onEventTimer(time, ctx) {
        const later = ctx.state.beats.get().filter((beat) => beat > time - silence);
        if (!later.some((beat) => beat <= time)) ctx.emit({ machine: ctx.key, silentSince: time - silence });
        ctx.state.beats.set(later);
      },
    })
    .to('alerts', out);
  await (
    await flow.run()
  ).done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(consoleSink());
