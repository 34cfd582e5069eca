import { describe, test } from 'vitest';
import { generator, memory, memoryPartitions } from '../../src/connectors/index.ts';
import { end, inBatchesOf, pause, scripted, sourceContract, type SourceUnderTest } from '../../src/testing.ts';

const NUMBERS = Array.from({ length: 1_200 }, (_, i) => i);

const SOURCES: Readonly<Record<string, () => SourceUnderTest>> = {
  memory: () => ({ source: memory(NUMBERS), expected: [NUMBERS], rejected: [0] }),
  'an empty memory': () => ({ source: memory([]), expected: [[]] }),
  'a live memory': () => ({ source: memory(NUMBERS, { bounded: false }), expected: [NUMBERS], records: 1_200 }),
  'memory of undefined and null': () => ({
    source: memory([undefined, null, 0]),
    expected: [[undefined, null, 0]],
  }),
  memoryPartitions: () => ({
    source: memoryPartitions([[1, 2, 3], [], NUMBERS]),
    expected: [[1, 2, 3], [], NUMBERS],
  }),
  'inBatchesOf(2)': () => ({ source: inBatchesOf(2, memory(NUMBERS)), expected: [NUMBERS] }),
  scripted: () => ({
    source: scripted<string>([pause('1h'), 'a', 'b', pause('5s'), pause('1s'), 'c', end(), 'd']),
    expected: [['a', 'b', 'c']],
  }),
  'scripted without an end': () => ({ source: scripted<string>(['a', pause('1s')]), expected: [['a']] }),
  'a bounded generator': () => ({
    source: generator((i, random) => `${i} ${random.next()}`, { count: 700, seed: 5 }),
  }),
  'a generator without end': () => ({ source: generator((i, random) => i + random.next()), records: 700 }),
  'a rate-controlled generator': () => ({
    source: generator((i) => i, { count: 50, recordsPerSecond: 100 }),
    expected: [NUMBERS.slice(0, 50)],
  }),
};

describe.each(Object.entries(SOURCES))('%s keeps the contract of a source', (_name, make) => {
  for (const { name, run } of sourceContract(make)) test(name, run);
});
