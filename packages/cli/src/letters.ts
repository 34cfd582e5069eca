/** A dead letter, whatever it lies in: the record that failed, and why. */
export interface Letter {
  /** Kafka: `<partition>-<offset>` in the topic of the letters; files: `<file>:<line>`. */
  readonly id: string;
  /** When it happened, epoch milliseconds; of bounded sources the event time that was reached. `null`: not known. */
  readonly time: number | null;
  /** Code of the error, such as `RECORD_MALFORMED`. */
  readonly code: string;
  readonly message: string;
  /** Whose function failed; absent where decoding failed. */
  readonly operator?: string;
  readonly source?: string;
  readonly topic?: string;
  /** Number of a partition, or the path of a file. */
  readonly partition?: string;
  /** Offset in the topic, or of the line in its file. */
  readonly offset?: string;
  /** `start/end` of a window whose result failed. */
  readonly window?: string;
  /** Bytes that the value had before it was cut. */
  readonly truncated?: string;
  /** Of the record, epoch milliseconds; `null`: none. */
  readonly timestamp: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[];
  /** What was done with it; absent: nothing. */
  readonly mark?: Mark;
}

/** What was done with a letter. */
export interface Mark {
  readonly state: 'retried' | 'dropped';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Topic or file it was given back to. */
  readonly to?: string;
  /** Why it was dropped. */
  readonly reason?: string;
}

/** What `retry` and `drop` have in common. */
export interface MarkingOptions {
  /** Only tells what would be done. */
  readonly dryRun?: boolean;
  /** Letters that are done, at most. */
  readonly limit?: number;
  /** Called with the number of letters done so far. */
  readonly onProgress?: (done: number) => void;
}

export interface RetryOptions extends MarkingOptions {
  /** Topic or folder that they are given back to. */
  readonly to?: string;
}

export interface DropOptions extends MarkingOptions {
  readonly reason?: string;
}

/** What became of the letters. */
export interface MarkingResult {
  readonly done: number;
  /** Chosen, and marked before. */
  readonly before: number;
  /** Chosen, and cannot be given back. */
  readonly obstacles: readonly { readonly id: string; readonly reason: string }[];
}

/** Whether a letter is meant. */
export type Choose = (letter: Letter) => boolean;

/**
 * Where letters lie. What is marked is never given back again, whatever is killed at whatever moment; the letters themselves are
 * never changed.
 */
export interface LetterBox {
  /** All letters, in their order. */
  read(): AsyncIterable<Letter>;
  find(id: string): Promise<Letter | undefined>;
  /** `choose` is asked about each letter, also about those that are marked. */
  retry(choose: Choose, options: RetryOptions): Promise<MarkingResult>;
  drop(choose: Choose, options: DropOptions): Promise<MarkingResult>;
  close(): Promise<void>;
}
