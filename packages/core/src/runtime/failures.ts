import { messageOf, MillraceError, type ErrorCode } from '../errors/index.ts';
import type {
  Clock,
  DeadLetter,
  DeadLetterPolicy,
  ErrorPolicy,
  OriginalRecord,
  RawRecord,
  RejectedRecord,
  SinkWriter,
} from '../model/index.ts';
import { OperatorFailure, type RecordOrigin } from '../operators/index.ts';

/** A dead letter before it has its time and written form. */
interface Failed {
  readonly source: string;
  readonly partition: string;
  readonly position: number;
  readonly operator?: string;
  readonly key?: string;
  readonly window?: { readonly start: number; readonly end: number };
  readonly code: ErrorCode;
  readonly message: string;
  readonly raw: RawRecord;
  readonly original?: OriginalRecord | undefined;
}

/** Applies `onError`: fails the job or writes a dead letter. */
export class Failures {
  private readonly jobPolicy: ErrorPolicy;
  private readonly writers: ReadonlyMap<DeadLetterPolicy['sink'], SinkWriter<DeadLetter>>;
  private readonly clock: Clock;

  constructor(
    jobPolicy: ErrorPolicy,
    writers: ReadonlyMap<DeadLetterPolicy['sink'], SinkWriter<DeadLetter>>,
    clock: Clock,
  ) {
    this.jobPolicy = jobPolicy;
    this.writers = writers;
    this.clock = clock;
  }

  /**
   * A record that its source could not decode.
   *
   * @param eventTime event time its partition has reached, for bounded sources; `undefined`: live
   */
  rejected(source: string, policy: ErrorPolicy, record: RejectedRecord, eventTime: number | undefined): void {
    const { partition, position, code, message, raw, original } = record;
    if (policy === 'fail') {
      throw new MillraceError(code, {
        message:
          `Source '${source}' cannot decode the record of partition ${partition}, position ${position}: ${message}. ` +
          'To go on without such records give the source onError: deadLetter(sink).',
        fields: { source, partition, position },
      });
    }
    this.write(policy, { source, partition, position, code, message, raw, original }, eventTime);
  }

  /** A function of the program failed on a record; anything else that was thrown is passed on. */
  failed(thrown: unknown, origin: RecordOrigin | undefined, eventTime: number | undefined): void {
    if (!(thrown instanceof OperatorFailure)) throw thrown;
    if (this.jobPolicy === 'fail') throw thrown.toError(origin);
    const { init } = thrown;
    const firing = init.firing ?? init;
    if (firing.window !== undefined) {
      // A firing has no record of its own: what it held goes to the dead letters, so that it is not lost.
      const what = { code: thrown.code, message: messageOf(init.cause), raw: shown(firing.contents) };
      const place = { source: firing.operator, partition: '', position: -1, operator: init.operator };
      this.write(this.jobPolicy, { ...place, ...what, key: shown(firing.key), window: firing.window }, eventTime);
      return;
    }
    if (origin === undefined) {
      // Output of a timer: no record leads to it, and nothing else tells what was lost.
      if (init.contents === undefined) throw thrown.toError(origin);
      const place = { source: init.operator, partition: '', position: -1, operator: init.operator };
      const what = { code: thrown.code, message: messageOf(init.cause), raw: shown(init.contents) };
      this.write(this.jobPolicy, { ...place, ...what }, eventTime);
      return;
    }
    const { source, partition, position } = origin;
    const { operator, cause } = thrown.init;
    const message = messageOf(cause);
    this.write(
      this.jobPolicy,
      {
        source,
        partition,
        position,
        operator,
        code: thrown.code,
        message,
        raw: shown(origin.value),
        original: origin.original,
      },
      eventTime,
    );
  }

  private write(policy: DeadLetterPolicy, failed: Failed, eventTime: number | undefined): void {
    const writer = this.writers.get(policy.sink) as SinkWriter<DeadLetter>;
    const { raw, original, ...rest } = failed;
    const time = eventTime === undefined ? this.clock.now() : Number.isFinite(eventTime) ? eventTime : null;
    const shownRaw = typeof raw === 'string' ? { raw } : { raw_base64: base64(raw) };
    writer.write({ ...rest, time, ...shownRaw, ...(original === undefined ? {} : { original }) }, time ?? NaN);
  }
}

/** The record as JSON where it can be written so. */
function shown(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_name, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)) ??
      String(value)
    );
  } catch {
    return messageOf(value);
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const rest = bytes.length - i;
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    text += rest > 1 ? ALPHABET.charAt((group >>> 6) & 63) : '=';
    text += rest > 2 ? ALPHABET.charAt(group & 63) : '=';
  }
  return text;
}
