/* Independent model, part 6: watermarks made in the middle of a graph (R27, R28, R30), and combined ones (R29, R31, R32). */
import { timeOf, type Config, type Output, type Step } from '../vectors-adapter/case.ts';
import { Rejected } from './assigners.ts';

/** Kind `watermarks`. */
export class ModelAssigner {
  private readonly config: Config;
  private highest = -Infinity;
  private emitted = -Infinity;
  private idle = false;
  private now = 0;
  private dueAt: number;
  private events = 0;
  private eventsSeen = 0;
  private silentSince: number | undefined;

  constructor(config: Config) {
    const { boundMs = 0, intervalMs = 0, idleTimeoutMs = 1 } = config;
    if (boundMs < 0 || idleTimeoutMs <= 0) throw new Rejected('not above 0');
    this.config = config;
    this.dueAt = intervalMs > 0 ? intervalMs : Infinity;
  }

  step(step: Step): Output[] {
    if (step.record !== undefined) {
      const { key, value, ts } = step.record;
      const time = this.config.timestamps === 'keep' ? timeOf(ts) : value;
      this.events++;
      if (!Number.isNaN(time)) this.highest = Math.max(this.highest, time);
      return [{ record: { key, value }, ts: Number.isNaN(time) ? null : time }];
    }
    if (step.watermark === 'max') return this.emit(Infinity);
    if (step.finish === true) return this.look();
    if (step.processingTime === undefined) return [];
    this.now = step.processingTime;
    if (this.now < this.dueAt) return [];
    this.dueAt = this.now + (this.config.intervalMs ?? 0);
    return this.look();
  }

  private look(): Output[] {
    const { generator, boundMs = 0, idleTimeoutMs, onlyFinal } = this.config;
    if (onlyFinal === true) return [];
    if (idleTimeoutMs !== undefined && this.silentFor(idleTimeoutMs)) {
      if (this.idle) return [];
      this.idle = true;
      return [{ status: 'idle' }];
    }
    if (generator === 'none') return [];
    return this.emit(this.highest - (generator === 'bounded' ? boundMs : 0) - 1);
  }

  private silentFor(timeout: number): boolean {
    if (this.events !== this.eventsSeen) {
      this.eventsSeen = this.events;
      this.silentSince = undefined;
      return false;
    }
    if (this.silentSince === undefined) {
      this.silentSince = this.now;
      return false;
    }
    return this.now - this.silentSince > timeout;
  }

  private emit(watermark: number): Output[] {
    if (watermark <= this.emitted) return [];
    this.emitted = watermark;
    const outputs: Output[] = this.idle ? [{ status: 'active' }, { watermark }] : [{ watermark }];
    this.idle = false;
    return outputs;
  }
}

/** Kind `valve`, with the answer of FLINK-40475 where all inputs are idle. */
export function modelValve({ inputs = 1 }: Config, script: readonly Step[]): Output[][] {
  const all = Array.from({ length: inputs }, () => ({ watermark: -Infinity, idle: false, behind: false }));
  let last = -Infinity;
  let idle = false;
  const raise = (watermark: number): Output[] => {
    if (watermark <= last) return [];
    last = watermark;
    return [{ watermark }];
  };
  const lowest = (): Output[] => {
    const counted = all.filter((input) => !input.idle && !input.behind).map((input) => input.watermark);
    return counted.length === 0 ? [] : raise(Math.min(...counted));
  };
  return script.map((step) => {
    const one = all[step.input ?? 0] as (typeof all)[0];
    if (step.watermark !== undefined) {
      const watermark = timeOf(step.watermark);
      if (one.idle || watermark <= one.watermark) return [];
      one.watermark = watermark;
      if (watermark >= last) one.behind = false;
      return lowest();
    }
    if (one.idle === (step.status === 'idle')) return [];
    one.idle = step.status === 'idle';
    if (!one.idle) {
      one.behind = one.watermark < last;
      const outputs: Output[] = idle ? [{ status: 'active' }] : [];
      idle = false;
      return outputs;
    }
    if (!all.every((input) => input.idle)) return lowest();
    idle = true;
    return [...raise(Math.max(...all.map((input) => input.watermark))), { status: 'idle' }];
  });
}

/** Kind `mux`. */
export function modelMux({ splits = [] }: Config, script: readonly Step[]): Output[][] {
  const all = new Map(splits.map((split) => [split, { watermark: -Infinity, idle: false }]));
  let last = -Infinity;
  let idle = false;
  const look = (): Output[] => {
    if (all.size === 0) return [];
    const active = [...all.values()].filter((split) => !split.idle).map((split) => split.watermark);
    const combined = active.length > 0 ? Math.min(...active) : Math.max(...[...all.values()].map((s) => s.watermark));
    const outputs: Output[] = [];
    if (combined > last) {
      last = combined;
      if (idle) outputs.push({ status: 'active' });
      outputs.push({ watermark: combined });
      idle = false;
    }
    if (active.length === 0 && !idle) {
      outputs.push({ status: 'idle' });
      idle = true;
    }
    return outputs;
  };
  return script.map((step) => {
    if (step.register !== undefined) all.set(step.register, { watermark: -Infinity, idle: false });
    else if (step.unregister !== undefined) all.delete(step.unregister);
    else if (step.split === undefined) return look();
    else {
      const split = all.get(step.split) as { watermark: number; idle: boolean };
      if (step.status !== undefined) split.idle = step.status === 'idle';
      else {
        const watermark = timeOf(step.watermark ?? null);
        split.idle = false;
        const higher = watermark > split.watermark;
        split.watermark = Math.max(split.watermark, watermark);
        if (!higher || watermark <= last) return [];
      }
      if (step.deferred !== true) return look();
    }
    return [];
  });
}
