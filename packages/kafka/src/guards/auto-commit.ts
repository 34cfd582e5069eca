import type { GuardFinding } from 'millrace';
import type { GroupOffset } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { lastMarker } from '../session/marker.ts';

/** Partitions that are named. */
const SHOWN = 3;

/**
 * Offsets of the job's group that no job of Millrace has committed: somebody else reads with the same group, as a rule with
 * auto-commit on. That the job's own clients commit by themselves cannot be set (`client` refuses it).
 *
 * @param offsets all that the group had committed when the job began
 */
export function autoCommit(group: string, offsets: readonly GroupOffset[]): readonly GuardFinding[] {
  if (offsets.length === 0 || lastMarker(offsets) !== undefined) return [];
  const shown = offsets
    .slice(0, SHOWN)
    .map(({ topic, partition, offset }) => `${partitionId(topic, partition)} at ${offset}`);
  const more = offsets.length > SHOWN ? `, and ${offsets.length - SHOWN} more` : '';
  return [
    {
      guard: 'auto-commit',
      message:
        `group '${group}' has offsets that this job has not committed (${shown.join(', ')}${more}): another consumer uses it, and ` +
        'commits by itself.',
      cure: "Give that consumer a group of its own, or this job another name or prefix; start: 'committed' takes its place.",
    },
  ];
}
