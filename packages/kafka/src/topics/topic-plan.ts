import type { TopicDifference } from './differences.ts';

/** A topic, and how it stands to its design. */
export interface PlannedTopic {
  readonly name: string;
  /** `'create'`: it is missing; `'created'`: it was, and `ensure` has made it. */
  readonly status: 'create' | 'created' | 'ok' | 'differs';
  readonly differences: readonly TopicDifference[];
  /** Why settings of the topic could not be read, and so were not compared; absent: they were. */
  readonly unread?: string;
}

/** What `plan` has found: data, and as text for people by `String(plan)`. */
export class TopicPlan {
  readonly bootstrap: string;
  readonly topics: readonly PlannedTopic[];
  /** What is questionable about the designs, one line each. */
  readonly warnings: readonly string[];

  constructor(bootstrap: string, topics: readonly PlannedTopic[], warnings: readonly string[]) {
    this.bootstrap = bootstrap;
    this.topics = topics;
    this.warnings = warnings;
  }

  /** Whether a topic is not what its design needs: `ensure` throws. */
  get breaks(): boolean {
    return this.topics.some(({ differences }) => differences.some((one) => one.breaks));
  }

  toString(): string {
    const lines = [`topics on ${this.bootstrap}:`];
    for (const topic of this.topics) lines.push(...linesOf(topic));
    for (const warning of this.warnings) lines.push(`  warning: ${warning}`);
    return lines.join('\n');
  }
}

function linesOf({ name, status, differences, unread }: PlannedTopic): readonly string[] {
  const reason = unread === undefined ? [] : [`      settings cannot be read: ${unread}`];
  return [`  ${status.padEnd(8)}${name}`, ...differences.map((one) => `      ${differenceLine(one)}`), ...reason];
}

/** A difference in one line. */
export function differenceLine({ setting, designed, actual, breaks, changeable, cure }: TopicDifference): string {
  const weight = breaks ? 'breaks the design' : 'differs';
  const change = changeable ? '' : ' Cannot be changed.';
  return `${setting} is ${actual}, designed ${designed}: ${weight}.${change} ${cure}`;
}
