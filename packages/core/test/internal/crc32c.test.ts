import { expect, it } from 'vitest';
import { crc32c } from '../../src/internal/crc32c.ts';

const bytes = (length: number, at: (i: number) => number): Uint8Array => Uint8Array.from({ length }, (_, i) => at(i));

it('gives the values of RFC 3720, appendix B.4', () => {
  expect(crc32c(bytes(32, () => 0))).toBe(0x8a9136aa);
  expect(crc32c(bytes(32, () => 0xff))).toBe(0x62a8ab43);
  expect(crc32c(bytes(32, (i) => i))).toBe(0x46dd794e);
  expect(crc32c(bytes(32, (i) => 31 - i))).toBe(0x113fdb5c);
});

it('goes on from a checksum, and takes a part of an array', () => {
  const all = bytes(1000, (i) => (i * 7) & 0xff);
  for (const cut of [0, 1, 8, 13, 500, 999, 1000]) {
    expect(crc32c(all, cut, all.length, crc32c(all, 0, cut))).toBe(crc32c(all));
  }
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});
