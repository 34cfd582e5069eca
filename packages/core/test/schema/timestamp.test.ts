import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timestamp } from '../../src/schema/index.ts';
import { outcomeOf, pathOf } from './errors.ts';

const at = timestamp();
const YEAR_0 = -62_167_219_200_000;
const YEAR_9999 = 253_402_300_799_999;
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

describe('timestamp', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2024-02-29T12:00:00Z', 1709208000000],
    ['2024-02-29T12:00:00.5+01:00', 1709204400500],
    ['2024-02-29T12:00:00.05-00:30', 1709209800050],
    ['2024-02-29T12:00:00.123+23:59', 1709208000123 - (23 * 60 + 59) * 60_000],
    ['0000-01-01T00:00:00Z', YEAR_0],
    ['0000-02-29T00:00:00Z', Date.UTC(2000, 1, 29) - (Date.UTC(2000, 0, 1) - YEAR_0)],
    ['9999-12-31T23:59:59.999Z', YEAR_9999],
    ['2000-02-29T00:00:00-00:00', 951782400000],
    [1700000000000, 1700000000000],
    [-1, -1],
    [-0, 0],
  ])('reads %s', (input, ms) => {
    expect(at.decode(input)).toBe(ms);
  });

  it.each([
    ...['1700000000000', '1', 'Order 5', '', '2024-02-29', '2024-02-29T12:00:00', '2024-02-29T12:00Z'],
    ...['2024-02-29t12:00:00Z', '2024-02-29T12:00:00z', '2024-02-29 12:00:00Z', '2024-02-30T12:00:00Z'],
    ...['2023-02-29T12:00:00Z', '1900-02-29T12:00:00Z', '2024-04-31T12:00:00Z', '2024-00-10T12:00:00Z'],
    ...['2024-13-10T12:00:00Z', '2024-01-00T12:00:00Z', '2024-01-32T12:00:00Z', '2024-01-01T24:00:00Z'],
    ...['2024-01-01T12:60:00Z', '2024-01-01T12:00:60Z', '2024-01-01T12:00:00.Z', '2024-01-01T12:00:00.1234Z'],
    ...['2024-01-01T12:00:00+24:00', '2024-01-01T12:00:00+01:60', '2024-01-01T12:00:00+0100', '2024-01-01T12:00:00+01'],
    ...['2024-01-01T12:00:00,5Z', '2024-01-01T12:00:00ZZ', ' 2024-01-01T12:00:00Z', '2024-01-01T12:00:00Z '],
    ...['+002024-01-01T12:00:00Z', '-000001-01-01T12:00:00Z', '2024-1-01T12:00:00Z', '２024-01-01T12:00:00Z'],
    ...[1.5, 2 ** 53, NaN, Infinity, true, null, undefined, [], {}, 5n],
  ])('takes %s for malformed', (input) => {
    expect(pathOf(() => at.decode(input, 'event_time'))).toBe('event_time');
  });

  it('agrees with Date on every instant of the years 0000 to 9999, with any offset and fraction', () => {
    const offset = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 });
    fc.assert(
      fc.property(fc.integer({ min: YEAR_0 + 1e8, max: YEAR_9999 - 1e8 }), offset, fc.nat(3), (ms, minutes, digits) => {
        const instant =
          digits === 0 ? Math.floor(ms / 1000) * 1000 : Math.floor(ms / 10 ** (3 - digits)) * 10 ** (3 - digits);
        const local = new Date(instant + minutes * 60_000).toISOString().slice(0, digits === 0 ? 19 : 20 + digits);
        const zone = `${minutes < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
        expect(at.decode(local + zone)).toBe(instant);
        if (minutes === 0) expect(at.decode(`${local}Z`)).toBe(instant);
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with Date on which dates exist', () => {
    const two = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.nat(14),
        fc.nat(33),
        fc.array(two, { minLength: 3, maxLength: 3 }),
        (y, m, d, t) => {
          const text = `${pad(y, 4)}-${pad(m)}-${pad(d)}T${t.map((n) => pad(n % 70)).join(':')}Z`;
          const ms = Date.parse(text);
          const real = !Number.isNaN(ms) && new Date(ms).toISOString().replace('.000', '') === text;
          expect(outcomeOf(() => at.decode(text))).toMatchObject(real ? { value: ms } : { code: 'RECORD_MALFORMED' });
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('survives any change of one character of a good text without taking a bad one', () => {
    const good = '2024-02-29T12:34:56.789+01:30';
    const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(2), fc.string({ unit: 'binary', maxLength: 2 }), (index, gone, text) => {
        const changed = good.slice(0, index) + text + good.slice(index + gone);
        if (!pattern.test(changed))
          expect(outcomeOf(() => at.decode(changed))).toHaveProperty('code', 'RECORD_MALFORMED');
      }),
      { numRuns: 5000 },
    );
  });

  it('writes epoch milliseconds', () => {
    expect(at.encode(1700000000000)).toBe('1700000000000');
    expect(outcomeOf(() => at.encode(1.5))).toHaveProperty('code', 'RECORD_MALFORMED');
    expect(outcomeOf(() => at.encode('2024-01-01T00:00:00Z' as unknown as number))).toHaveProperty(
      'code',
      'RECORD_MALFORMED',
    );
  });
});
