import type { OperatorCounts, Position, StateSnapshot } from '../model/index.ts';
import type { CoalescerSnapshot, EncodedTime } from '../time/index.ts';

/** One source partition: where it goes on, and how far its event time has come. */
export interface PartitionSnapshot {
  readonly id: string;
  readonly position: Position | undefined;
  readonly generator: EncodedTime;
  readonly watermark: EncodedTime;
  readonly highestTimestamp: EncodedTime;
  /** Records left of its turn, so that the order of reading goes on as if nothing had happened. */
  readonly turnLeft: number;
  readonly ended: boolean;
}

/** Positions of sources, for whoever opens them. */
export interface SavedPositions {
  readonly sources: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly id: string; readonly position?: Position | undefined }[];
  }[];
}

/** Everything a task must remember but for the state of its operators. Plain JSON: part of the manifest's format. */
export interface TaskProgress {
  readonly sources: readonly {
    readonly name: string;
    readonly partitions: readonly PartitionSnapshot[];
    readonly time: CoalescerSnapshot;
  }[];
  /** Watermark and idle mark of each segment, by index. */
  readonly segments: readonly { readonly beginsAt: string; readonly watermark: EncodedTime; readonly idle: boolean }[];
  /** Combined event time of unions and two-input operators. */
  readonly unions: readonly { readonly name: string; readonly time: CoalescerSnapshot }[];
  readonly metrics: readonly { readonly name: string; readonly counts: OperatorCounts }[];
}

/** Everything a task must remember: a new task restored from it goes on as the old one would have. */
export interface TaskSnapshot extends TaskProgress {
  readonly version: 1;
  readonly name: string;
  readonly operators: readonly { readonly name: string; readonly state: StateSnapshot }[];
}
