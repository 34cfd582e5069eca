/*
 * The second opinion: what Millrace must give, written from semantics.md and the README of the golden vectors, without a
 * line of the engine. Slow and plain. It is itself held against the golden vectors (model.test.ts).
 */
import { timeOf, type Answer, type Config, type Output, type Step, type VectorCase } from '../vectors-adapter/case.ts';
import { Failed, checkAssigner, Rejected, windowsFor } from './assigners.ts';
import { modelMux, ModelAssigner, modelValve } from './event-time.ts';
import { ModelProcess } from './process.ts';
import { WindowStage } from './window-stage.ts';

/** The model's answer to a case. */
export function modelRun({ kind, config, script }: VectorCase): Answer {
  try {
    if (kind === 'valve') return answer(modelValve(config, script));
    if (kind === 'mux') return answer(modelMux(config, script));
    if (kind === 'assign') return assign(config, script);
    if (kind === 'watermarks') return play(script, new ModelAssigner(config));
    if (kind === 'process' || kind === 'coProcess') return play(script, new ModelProcess(config, kind === 'coProcess'));
    return play(script, new Chain(kind === 'windowChain' ? (config.stages ?? []) : [config]));
  } catch (error) {
    if (error instanceof Rejected) return { buildError: error.message };
    throw error;
  }
}

interface Player {
  step(step: Step): Output[];
  readonly leftovers?: number;
  readonly late?: number;
}

function play(script: readonly Step[], player: Player): Answer {
  const steps: Output[][] = [];
  for (const step of script) {
    try {
      steps.push(player.step(step));
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return answer([...steps, [{ error: true }]]);
    }
  }
  return answer(steps, player.late ?? 0, player.leftovers ?? 0);
}

function answer(steps: readonly (readonly Output[])[], late: number = 0, left: number = 0): Answer {
  return { steps, counters: { numLateRecordsDropped: late }, leftovers: { keyedStateEntries: left } };
}

function assign(config: Config, script: readonly Step[]): Answer {
  checkAssigner(config);
  const steps: Output[][] = [];
  for (const { record } of script) {
    if (record === undefined) continue;
    try {
      const windows = windowsFor(config, record, timeOf(record.ts), 0);
      steps.push(
        windows.map(([start, end]) => ({ window: end === Infinity ? 'global' : [start, end], maxTimestamp: end - 1 })),
      );
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      return answer([...steps, [{ error: true }]]);
    }
  }
  return answer(steps);
}

/** One window operator, or several in a row: results of one are the records of the next (R24). */
class Chain implements Player {
  private readonly stages: WindowStage[] = [];
  private readonly dropped: number[];
  private out: Output[] = [];
  private idle = false;

  constructor(configs: readonly Config[]) {
    this.dropped = configs.map(() => 0);
    configs.forEach((config, i) => {
      const isLast = i === configs.length - 1;
      this.stages.push(
        new WindowStage(config, (output, key, value, time) => {
          if (output['late'] !== undefined) {
            this.dropped[i] = (this.dropped[i] ?? 0) - 1;
            this.out.push(isLast ? output : { ...output, stage: i });
          } else if (isLast) this.out.push(output);
          else this.stages[i + 1]?.record({ key, value: value as number, ts: time }, time);
        }),
      );
    });
  }

  get late(): number {
    return this.stages.reduce((sum, stage, i) => sum + stage.late + (this.dropped[i] ?? 0), 0);
  }

  get leftovers(): number {
    return this.stages.reduce((sum, stage) => sum + stage.leftovers, 0);
  }

  step(step: Step): Output[] {
    this.out = [];
    if (step.record !== undefined) this.stages[0]?.record(step.record, timeOf(step.record.ts));
    else if (step.watermark !== undefined) {
      const watermark = timeOf(step.watermark);
      let moved = false;
      for (const stage of this.stages) if (stage.advance(watermark)) moved = true;
      if (moved) this.out.push({ watermark });
    } else if (step.status !== undefined) {
      if (this.idle !== (step.status === 'idle')) this.out.push({ status: step.status });
      this.idle = step.status === 'idle';
    } else if (step.processingTime !== undefined) for (const stage of this.stages) stage.clock(step.processingTime);
    else if (step.snapshotRestore === true) {
      for (const stage of this.stages) stage.clock(step.atProcessingTime ?? stage.now);
    }
    return this.out;
  }
}
