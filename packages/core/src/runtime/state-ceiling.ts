import { MillraceError } from '../errors/index.ts';
import type { JobEvent, Logger, StateBackend, OperatorStateSize } from '../model/index.ts';

/** Part of the ceiling from which on the job warns. */
const WARNING = 0.7;

interface Sized {
  readonly operator: string;
  readonly size: OperatorStateSize;
}

/** Watches how much memory state takes (architecture.md, Decision 4): an error with a cure comes before the heap is full. */
export class StateCeiling {
  private readonly maxBytes: number;
  private readonly logger: Logger;
  private readonly onEvent: (event: JobEvent) => void;
  private warned = false;

  constructor(maxBytes: number, logger: Logger, onEvent: (event: JobEvent) => void) {
    this.maxBytes = maxBytes;
    this.logger = logger;
    this.onEvent = onEvent;
  }

  /** Looks at the state as it is. Returns the error with which the job must end, if it is too large. */
  look(states: ReadonlyMap<string, StateBackend>): MillraceError | undefined {
    if (this.maxBytes === Infinity) return undefined;
    return this.judge([...states].map(([operator, { size }]) => ({ operator, size })));
  }

  /** Before a restore: whether what a checkpoint holds fits. */
  check(operators: readonly { readonly id: string; readonly size: OperatorStateSize }[]): void {
    const error = this.judge(operators.map(({ id, size }) => ({ operator: id, size })));
    if (error !== undefined) throw error;
  }

  private judge(all: readonly Sized[]): MillraceError | undefined {
    const totalBytes = all.reduce((sum, { size }) => sum + size.bytes, 0);
    if (totalBytes < WARNING * this.maxBytes) {
      this.warned = false;
      return undefined;
    }
    const { operator, size } = all.reduce((a, b) => (b.size.bytes > a.size.bytes ? b : a));
    const { maxBytes } = this;
    if (totalBytes >= maxBytes) return tooLarge(operator, size, totalBytes, maxBytes);
    if (!this.warned) {
      this.warned = true;
      this.onEvent({ type: 'stateSize', operator, ...size, totalBytes, maxBytes });
      this.logger.warn(
        `state takes ${mebibytes(totalBytes)} of ${mebibytes(maxBytes)}; most of it is ${size.entries} entries of '${operator}'`,
      );
    }
    return undefined;
  }
}

function tooLarge(operator: string, size: OperatorStateSize, totalBytes: number, maxBytes: number): MillraceError {
  return new MillraceError('STATE_TOO_LARGE', {
    message:
      `State takes ${mebibytes(totalBytes)}, the ceiling is ${mebibytes(maxBytes)} (maxStateBytes). Most of it are ${size.entries} ` +
      `entries of operator '${operator}' (${mebibytes(size.bytes)}). Give it fewer keys, shorter windows or a time to live; or ` +
      'raise maxStateBytes, with node --max-old-space-size where it must.',
    fields: { operator, entries: size.entries, bytes: size.bytes, totalBytes, maxBytes },
  });
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
