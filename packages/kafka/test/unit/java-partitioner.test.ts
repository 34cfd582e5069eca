import { expect, it } from 'vitest';
import { utf8Of as bytes } from '../../src/bytes/utf8.ts';
import { javaPartition, murmur2 } from '../../src/sink/java-partitioner.ts';

// Known values of Java's client (its own tests of Utils.murmur2).
it.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['a-little-bit-longer-string', -1_486_304_829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
  ['abc', 479_470_107],
])('murmur2 of %s is that of Java', (text, hash) => {
  expect(murmur2(bytes(text))).toBe(hash);
});

it('the partition is the hash without its sign, modulo the partitions', () => {
  expect(javaPartition(bytes('21'), 4)).toBe((-973_932_308 & 0x7fffffff) % 4);
  for (let i = 0; i < 1_000; i++) {
    const partition = javaPartition(bytes(`key-${i}`), 7);
    expect(partition).toBeGreaterThanOrEqual(0);
    expect(partition).toBeLessThan(7);
  }
});
