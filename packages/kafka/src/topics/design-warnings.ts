/** What the warnings look at. */
interface Designed {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
  readonly keyValues: number | undefined;
  /** Whether one partition is what the kind is for. */
  readonly mayBeSingle: boolean;
}

/** What is questionable about a design, though it can be made. */
export function designWarnings({ name, partitions, config, keyValues, mayBeSingle }: Designed): readonly string[] {
  const warnings: string[] = [];
  if (partitions === 1 && !mayBeSingle)
    warnings.push(
      `'${name}' has 1 partition: one process reads all of it. Make more, unless the order of all records counts; partitions that are ` +
        'added later take keys from others.',
    );
  if (config['retention.ms'] === '-1' && !config['cleanup.policy']?.includes('compact'))
    warnings.push(
      `'${name}' is never cleaned up: records are kept for ever, without compaction. Give it retention, or let it be compacted.`,
    );
  if (keyValues !== undefined && partitions > keyValues)
    warnings.push(
      `'${name}' has ${partitions} partitions, and its key only ${keyValues} values: at least ${partitions - keyValues} stay empty. ` +
        'Make fewer, or key by something finer.',
    );
  return warnings;
}
