import { MillraceError, messageOf } from 'millrace';
import type { AdminDriver, TopicDescription } from '../driver/driver.ts';
import type { DesignedTopic } from './defined-topic.ts';
import { settingDifferences, structureDifferences } from './differences.ts';
import type { PlannedTopic } from './topic-plan.ts';

/** TOPIC_AUTHORIZATION_FAILED. */
const DENIED = 29;

/** Settings of topics that exist, or why there are none. */
type Settings =
  | { readonly of: ReadonlyMap<string, Readonly<Record<string, string>>>; readonly unread?: undefined }
  | { readonly unread: string };

/** How topics stand to their designs. Asks only. */
export async function compare(admin: AdminDriver, designs: readonly DesignedTopic[]): Promise<readonly PlannedTopic[]> {
  const described = await admin.topics(designs.map(({ name }) => name));
  const byName = new Map(described.map((one) => [one.name, one]));
  const there = designs.map(({ name }) => name).filter((name) => byName.has(name));
  const settings = there.length === 0 ? { of: new Map() } : await read(admin, there);
  return designs.map((design) => planned(design, byName.get(design.name), settings));
}

function planned(design: DesignedTopic, description: TopicDescription | undefined, settings: Settings): PlannedTopic {
  const { name } = design;
  if (description === undefined) return { name, status: 'create', differences: [] };
  const { unread } = settings;
  const differences = [
    ...structureDifferences(design, description),
    ...(unread === undefined ? settingDifferences(design, settings.of.get(name) ?? {}) : []),
  ];
  const status = differences.length === 0 ? 'ok' : 'differs';
  return { name, status, differences, ...(unread === undefined ? {} : { unread }) };
}

/** What cannot be read by any means is said; a cluster that does not answer is an error. */
async function read(admin: AdminDriver, names: readonly string[]): Promise<Settings> {
  if (admin.topicSettings === undefined) return { unread: 'the client cannot do it' };
  try {
    return { of: new Map((await admin.topicSettings(names)).map(({ name, settings }) => [name, settings])) };
  } catch (error) {
    if (!isReason(error)) throw error;
    return { unread: messageOf(error) };
  }
}

function isReason(error: unknown): error is MillraceError {
  if (!(error instanceof MillraceError)) return false;
  return error.code === 'DEPENDENCY_MISSING' || error.code === 'OPTION_UNSUPPORTED' || error.fields['kafka'] === DENIED;
}
