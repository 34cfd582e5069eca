/* Independent model, part 5: process functions of one and of two inputs, their timers and event time (R23 to R25, R29 to R32). */
import { timeOf, type Config, type Op, type Output, type Step, type VectorRecord } from '../vectors-adapter/case.ts';

interface Timer {
  readonly key: string;
  readonly time: number;
}

export class ModelProcess {
  private readonly config: Config;
  private readonly twoInputs: boolean;
  private readonly counts = new Map<string, number>();
  private timers: { event: Timer[]; processing: Timer[] } = { event: [], processing: [] };
  private readonly inputs: { watermark: number; idle: boolean }[];
  private watermark = -Infinity;
  private idle = false;
  private now = 0;
  private out: Output[] = [];

  constructor(config: Config, twoInputs: boolean) {
    this.config = config;
    this.twoInputs = twoInputs;
    this.inputs = Array.from({ length: twoInputs ? 2 : 1 }, () => ({ watermark: -Infinity, idle: false }));
  }

  get leftovers(): number {
    return this.counts.size + this.timers.event.length + this.timers.processing.length;
  }

  step(step: Step): Output[] {
    this.out = [];
    if (step.record !== undefined) this.record(step.record);
    else if (step.watermark !== undefined)
      this.each(step, (input) => this.inputWatermark(input, timeOf(step.watermark ?? null)));
    else if (step.status !== undefined) this.each(step, (input) => this.inputStatus(input, step.status === 'idle'));
    else if (step.processingTime !== undefined) this.clock(step.processingTime);
    else if (step.snapshotRestore === true) this.clock(step.atProcessingTime ?? this.now);
    return this.out;
  }

  private each(step: Step, act: (input: number) => void): void {
    if (step.input !== undefined) act(step.input - 1);
    else for (let input = 0; input < this.inputs.length; input++) act(input);
  }

  private record({ key, ts, ops = [], input = 1 }: VectorRecord): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    const time = timeOf(ts);
    this.perform(key, ops, time, time, this.twoInputs ? { input } : {});
  }

  private inputWatermark(input: number, watermark: number): void {
    const one = this.inputs[input] as { watermark: number; idle: boolean };
    if (watermark <= one.watermark) return;
    one.watermark = watermark;
    // Watermarks of an idle input end its idleness where inputs are combined; a single one just passes.
    if (this.twoInputs) one.idle = false;
    this.combine();
  }

  private inputStatus(input: number, idle: boolean): void {
    (this.inputs[input] as { idle: boolean }).idle = idle;
    this.combine();
  }

  private combine(): void {
    const active = this.twoInputs ? this.inputs.filter((input) => !input.idle) : this.inputs;
    const watermarks = (active.length > 0 ? active : this.inputs).map((input) => input.watermark);
    const combined = active.length > 0 ? Math.min(...watermarks) : Math.max(...watermarks);
    const idle = this.inputs.every((input) => input.idle);
    if (this.idle && !idle) this.out.push({ status: 'active' });
    if (combined > this.watermark) {
      this.watermark = combined;
      this.fire('event', combined);
      this.out.push({ watermark: combined });
    }
    if (!this.idle && idle) this.out.push({ status: 'idle' });
    this.idle = idle;
  }

  private clock(now: number): void {
    this.now = now;
    this.fire('processing', now);
  }

  private fire(clock: 'event' | 'processing', until: number): void {
    for (;;) {
      const due = this.timers[clock].filter((timer) => timer.time <= until);
      const first = due.find((timer) => due.every((other) => timer.time <= other.time));
      if (first === undefined) return;
      this.timers[clock] = this.timers[clock].filter((timer) => timer !== first);
      const { key, time } = first;
      const what = clock === 'event' ? 'eventTimer' : 'processingTimer';
      const main = clock === 'event' ? time : NaN;
      this.out.push({ record: { what, ...this.facts(key), time: shownTime(time) }, ts: shownTime(main) });
      const ops = (clock === 'event' ? this.config.onEventTimer : this.config.onProcessingTimer)?.[
        String(shownTime(time))
      ];
      this.perform(key, ops ?? [], main, time, {});
    }
  }

  private perform(key: string, ops: readonly Op[], main: number, side: number, more: Output): void {
    for (const [what, at = null] of ops) {
      const clock = what.endsWith('E') ? 'event' : 'processing';
      const time = timeOf(at);
      if (what.startsWith('reg')) {
        if (!this.timers[clock].some((timer) => timer.key === key && timer.time === time))
          this.timers[clock].push({ key, time });
      } else if (what.startsWith('del')) {
        this.timers[clock] = this.timers[clock].filter((timer) => timer.key !== key || timer.time !== time);
      } else if (what === 'emit') this.out.push({ record: { what, ...this.facts(key), ...more }, ts: shownTime(main) });
      else if (what === 'side')
        this.out.push({ side: 'side', record: { what, ...this.facts(key), ...more }, ts: shownTime(side) });
      else this.counts.delete(key);
    }
  }

  private facts(key: string): Output {
    return { key, n: this.counts.get(key) ?? 0, watermark: this.watermark };
  }
}

function shownTime(time: number): number | string | null {
  if (Number.isNaN(time)) return null;
  return time === Infinity ? 'max' : time;
}
