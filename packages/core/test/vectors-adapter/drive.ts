import { MillraceError } from '../../src/errors/index.ts';
import type { DataStream } from '../../src/index.ts';
import {
  operatorHarness,
  VirtualTime,
  type HarnessOptions,
  type HarnessOutput,
  type HarnessOutputs,
  type OperatorHarness,
} from '../../src/testing.ts';
import { timeOf, type Answer, type Output, type Step, type VectorCase, type VectorRecord } from './case.ts';

type Harness = OperatorHarness<VectorRecord, Output>;
/** With two parameters: of two inputs. Rows are plain objects, as the vectors have them. */
export type Build = (
  input: DataStream<VectorRecord, true>,
  second: DataStream<VectorRecord, true>,
) => HarnessOutputs<Output>;

/** How one kind of case is put under test. */
export interface Kind {
  readonly build: Build;
  /** An output of the harness in the words of the vectors. */
  readonly show: (output: HarnessOutput) => Output;
}

/** Runs the script of a case on the pipeline that `kind` builds. */
export async function drive(vector: VectorCase, kind: Kind, options: HarnessOptions): Promise<Answer> {
  let player: Player;
  try {
    player = await Player.create(kind, options);
  } catch (error) {
    if (error instanceof MillraceError) return { buildError: error.message };
    throw error;
  }
  const steps: Output[][] = [];
  for (const step of vector.script) {
    const failed = await player.play(step);
    steps.push([...player.take(), ...(failed ? [{ error: true }] : [])]);
    // A failed job has nothing more to show.
    if (failed) return { steps, counters: {}, leftovers: {} };
  }
  return { steps, ...player.end(steps.flat()) };
}

/** Plays steps to a harness; throws it away and restores another one where the script says so. */
class Player {
  private readonly kind: Kind;
  private readonly options: HarnessOptions;
  private harness: Harness;
  /** Inputs marked idle by the script. */
  private readonly idle = new Set<number>();

  private constructor(kind: Kind, options: HarnessOptions, harness: Harness) {
    this.kind = kind;
    this.options = options;
    this.harness = harness;
  }

  static async create(kind: Kind, options: HarnessOptions): Promise<Player> {
    return new Player(kind, options, await operatorHarness<VectorRecord, Output>(kind.build, options));
  }

  /** Returns whether the step failed. */
  async play(step: Step): Promise<boolean> {
    try {
      if (step.snapshotRestore === true) await this.restore(step.atProcessingTime);
      else this.act(step);
      return false;
    } catch (error) {
      if (error instanceof MillraceError) return true;
      throw error;
    }
  }

  take(): Output[] {
    return this.harness.takeOutputs().map(this.kind.show);
  }

  end(outputs: readonly Output[]): Omit<Extract<Answer, { steps: unknown }>, 'steps'> {
    const { entries, timers } = this.harness.stateSize();
    const late = this.harness.driver.metrics().operators.reduce((sum, operator) => sum + operator.late, 0);
    this.harness.driver.assertConservation();
    // Late records are always counted here; the vectors count those that no side output took.
    const dropped = late - outputs.filter((output) => output['late'] !== undefined).length;
    return {
      counters: { numLateRecordsDropped: dropped },
      leftovers: { keyedStateEntries: entries, eventTimeTimers: timers, processingTimeTimers: 0 },
    };
  }

  private act(step: Step): void {
    const { harness } = this;
    if (step.record !== undefined) {
      harness.push(step.record, timeOf(step.record.ts), (step.record.input ?? 1) - 1);
    } else if (step.watermark !== undefined) {
      for (const input of this.inputsOf(step)) harness.watermark(timeOf(step.watermark), input);
    } else if (step.status !== undefined) {
      for (const input of this.inputsOf(step)) this.mark(step.status, input);
    } else if (step.processingTime !== undefined) {
      harness.processingTime(step.processingTime);
    } else if (step.finish === true) {
      harness.finish();
    } else throw new Error(`the script has a step that is not known: ${JSON.stringify(step)}`);
  }

  private mark(status: 'idle' | 'active', input: number): void {
    if (status === 'idle') this.idle.add(input);
    else this.idle.delete(input);
    this.harness[status](input);
  }

  /** A step without `input` is for the first input, then for the second. */
  private inputsOf(step: Step): readonly number[] {
    if (step.input !== undefined) return [step.input - 1];
    return this.kind.build.length > 1 ? [0, 1] : [0];
  }

  private async restore(atProcessingTime: number | undefined): Promise<void> {
    const before = this.harness;
    const restore = before.snapshot();
    const now = atProcessingTime ?? before.driver.time.now();
    await before.driver.crash();
    const time = new VirtualTime(now);
    this.harness = await operatorHarness<VectorRecord, Output>(this.kind.build, { ...this.options, restore, time });
    for (const input of this.idle) this.harness.idle(input);
    // Marks of the test's own input are not part of what the restored operator emits.
    this.harness.takeOutputs();
    this.harness.processingTime(now);
  }
}
