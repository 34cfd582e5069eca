/** A golden case as `packages/core/test/vectors/README.md` describes it. Infinities are written "max" and "min". */
export interface VectorCase {
  readonly id: string;
  readonly kind: string;
  readonly config: Config;
  readonly script: readonly Step[];
  readonly flags?: readonly string[];
}

export type Time = number | 'max' | 'min' | null;

export interface TriggerConfig {
  readonly type: string;
  readonly n?: number;
  readonly intervalMs?: number;
  readonly threshold?: number;
  readonly of?: TriggerConfig;
  readonly timeoutMs?: number;
  readonly resetTimerOnNewRecord?: boolean;
  readonly clearOnTimeout?: boolean;
}

export type Op = readonly [what: string, time?: Time];

export interface Config {
  readonly assigner?: string;
  readonly sizeMs?: number;
  readonly slideMs?: number;
  readonly offsetMs?: number;
  readonly gapMs?: number;
  readonly countWindow?: readonly [number, number?];
  readonly trigger?: TriggerConfig;
  readonly evictor?: {
    readonly type: string;
    readonly n?: number;
    readonly ms?: number;
    readonly threshold?: number;
    readonly after?: boolean;
  };
  readonly allowedLatenessMs?: number | 'max';
  readonly sideOutputLate?: boolean;
  readonly function?: string;
  readonly stages?: readonly Config[];
  readonly onEventTimer?: Readonly<Record<string, readonly Op[]>>;
  readonly onProcessingTimer?: Readonly<Record<string, readonly Op[]>>;
  readonly generator?: string;
  readonly boundMs?: number;
  readonly intervalMs?: number;
  readonly idleTimeoutMs?: number;
  readonly timestamps?: string;
  readonly onlyFinal?: boolean;
  readonly inputs?: number;
  readonly splits?: readonly string[];
}

export interface VectorRecord {
  readonly key: string;
  readonly value: number;
  readonly ts: Time;
  readonly gap?: number;
  readonly input?: 1 | 2;
  readonly ops?: readonly Op[];
}

export interface Step {
  readonly record?: VectorRecord;
  readonly watermark?: Time;
  readonly status?: 'idle' | 'active';
  readonly input?: number;
  readonly processingTime?: number;
  readonly snapshotRestore?: true;
  readonly atProcessingTime?: number;
  readonly finish?: true;
  readonly split?: string;
  readonly periodic?: true;
  readonly register?: string;
  readonly unregister?: string;
  readonly deferred?: true;
}

/** What came out, in the words of the vectors. */
export type Output = Readonly<Record<string, unknown>>;

/** What the comparer takes. */
export type Answer =
  | {
      readonly steps: readonly (readonly Output[])[];
      readonly counters: Readonly<Record<string, number>>;
      readonly leftovers: Readonly<Record<string, number>>;
    }
  | { readonly buildError: unknown };

export function timeOf(time: Time): number {
  return time === 'max' ? Infinity : time === 'min' ? -Infinity : (time ?? NaN);
}

/** A timestamp in an output; `null`: the record has none. */
export function shownTime(timestamp: number): number | null {
  return Number.isNaN(timestamp) ? null : timestamp;
}
