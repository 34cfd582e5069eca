import { checkOptions, MillraceError, optionError } from '../errors/index.ts';
import type { RateLimit, SourceRate } from '../graph/index.ts';
import type { Source } from '../model/index.ts';

const PATTERN = /^(\d+(?:\.\d+)?)\/s$/;

/**
 * A rate limit with its defaults; `undefined`: there is none.
 *
 * @throws {MillraceError} `OPTION_INVALID`; `OPTION_UNSUPPORTED` for bytes of a source that does not know them
 */
export function sourceRate(
  name: string,
  source: Source<unknown>,
  limit: RateLimit | undefined,
): SourceRate | undefined {
  if (limit === undefined) return undefined;
  checkOptions(`rateLimit of from('${name}')`, limit, ['records', 'bytes', 'recordsPerSecond']);
  const { records, bytes, recordsPerSecond } = limit;
  if (records !== undefined && recordsPerSecond !== undefined)
    throw optionError(
      `rateLimit.recordsPerSecond of from('${name}')`,
      recordsPerSecond,
      'left out where records is given',
    );
  if (records === undefined && bytes === undefined && recordsPerSecond === undefined)
    throw optionError(
      `rateLimit of from('${name}')`,
      limit,
      "records or bytes per second, such as { records: '1000/s' }",
    );
  if (bytes !== undefined && source.measuresBytes !== true) {
    throw new MillraceError('OPTION_UNSUPPORTED', {
      message:
        `rateLimit.bytes of from('${name}') cannot be kept: its source (${source.kind}) does not know how many bytes a record ` +
        'takes. Limit records instead.',
      fields: { option: 'rateLimit.bytes', source: name },
    });
  }
  return {
    recordsPerSecond:
      recordsPerSecond === undefined
        ? perSecond(`rateLimit.records of from('${name}')`, records)
        : perSecond(`rateLimit.recordsPerSecond of from('${name}')`, recordsPerSecond),
    bytesPerSecond: perSecond(`rateLimit.bytes of from('${name}')`, bytes),
  };
}

function perSecond(option: string, rate: unknown): number {
  if (rate === undefined) return Infinity;
  const value = typeof rate === 'string' ? Number(PATTERN.exec(rate)?.[1]) : rate;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw optionError(option, rate, "a number above 0 or text such as '1000/s'");
}
