import type { GuardFinding } from 'millrace';

/**
 * Live input that only one process can ever read, of a job whose output was made for several: whoever gave the output more
 * partitions wants the work shared.
 *
 * @param partitions of all topics that the source reads
 * @param widest the output topic of the job with the most partitions; `undefined`: it has none
 */
export function singlePartitionInput(
  where: string,
  partitions: number,
  widest: { readonly topic: string; readonly partitions: number } | undefined,
): readonly GuardFinding[] {
  if (partitions !== 1 || widest === undefined || widest.partitions === 1) return [];
  return [
    {
      guard: 'single-partition-input',
      message:
        `${where} has 1 partition, and output topic '${widest.topic}' has ${widest.partitions}: one process reads all of the input, ` +
        'whatever is behind it.',
      cure: 'Make the input with as many partitions as processes are to share it, and key its records.',
    },
  ];
}
