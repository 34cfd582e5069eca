import { checkOptions, MillraceError, optionError, systemScheduler } from 'millrace';
import type { AdminDriver } from '../driver/driver.ts';
import { retryingAdmin } from '../driver/retrying-admin.ts';
import { described, makeTopics } from '../session/ensure-topics.ts';
import { Connection, type ConnectionOptions } from '../settings/connection.ts';
import { compare } from './compare.ts';
import { cdc, commands, dlq, event, metrics } from './define.ts';
import type { DesignedTopic } from './defined-topic.ts';
import { structureDifferences } from './differences.ts';
import { differenceLine, TopicPlan, type PlannedTopic } from './topic-plan.ts';

/** Where `plan` and `ensure` say what they have found. */
export interface TopicReport {
  /** Called with text of one or several lines. Default: the console. `false`: nothing is said. */
  readonly print?: ((text: string) => void) | false;
}

/** Topics by the names that the program has for them. */
export type TopicSet = Readonly<Record<string, DesignedTopic>>;

/** The topics of a program, and what can be asked and done about them. */
export interface TopicDesign<S extends TopicSet> {
  /** Them, by the program's names. */
  readonly topics: S;
  /**
   * Compares the topics with those of a cluster and prints the differences: what is missing, what is as designed, what differs, whether
   * that can be changed, and how. Changes nothing.
   *
   * @throws {MillraceError} `OPTION_INVALID`, `DEPENDENCY_MISSING`; `IO_FAILED` if the cluster cannot be reached
   */
  plan(connection: ConnectionOptions, report?: TopicReport): Promise<TopicPlan>;
  /**
   * Makes the topics that are missing and validates those that exist, which it never changes. Prints what it has made, what differs
   * without breaking the design, and what is questionable.
   *
   * @throws {MillraceError} `STATE_MISMATCH` if a topic exists and is not what the design needs: nothing is made then. `OPTION_INVALID`,
   *   `DEPENDENCY_MISSING`; `IO_FAILED` if the cluster cannot be reached or does not let topics be made
   */
  ensure(connection: ConnectionOptions, report?: TopicReport): Promise<TopicPlan>;
}

/**
 * The topics of a program in one place.
 *
 * @param set topics made by `topics.event`, `cdc`, `metrics`, `commands` and `dlq`
 * @throws {MillraceError} `OPTION_INVALID` for something that is no such topic, or two of the same name
 * @example
 * const shop = topics.define({
 *   orders: topics.event('shop.order.placed', { schema: Order, key: 'order_id', partitions: 6 }),
 *   dead: topics.dlq('dlq.revenue.shop.order.placed'),
 * });
 * await shop.ensure({ bootstrap: 'localhost:9092' });
 * const { orders } = shop.topics;
 * flow.from('orders', kafka.topic(orders.name, { ...orders.read, onError: kafka.deadLetters() }));
 */
function define<S extends TopicSet>(set: S): TopicDesign<S> {
  const designs = checkedSet(set);
  const warnings = designs.flatMap((design) => design.warnings);
  return Object.freeze({
    topics: Object.freeze({ ...set }),
    plan: (options: ConnectionOptions, report: TopicReport = {}) =>
      connected('topics.plan()', options, report, async (admin, bootstrap, print) => {
        const plan = new TopicPlan(bootstrap, await compare(admin, designs), warnings);
        print(String(plan));
        return plan;
      }),
    ensure: (options: ConnectionOptions, report: TopicReport = {}) =>
      connected('topics.ensure()', options, report, async (admin, bootstrap, print) => {
        const found = await compare(admin, designs);
        refuseBroken(bootstrap, found);
        const plan = new TopicPlan(bootstrap, await makeMissing(admin, designs, found), warnings);
        refuseBroken(bootstrap, plan.topics);
        if (isWorthSaying(plan)) print(String(plan));
        return plan;
      }),
  });
}

/** Topics as part of the program: names, keys, retention and clean-up by the kind of topic; made and validated by `ensure`. */
export const topics = { define, event, cdc, metrics, commands, dlq } as const;

function checkedSet(set: TopicSet): readonly DesignedTopic[] {
  if (typeof set !== 'object' || set === null) throw optionError('topics.define()', set, 'an object of topics');
  const designs = Object.entries(set).map(([name, topic]) => {
    if (typeof topic?.name === 'string' && typeof topic.config === 'object') return topic;
    throw optionError(
      `'${name}' of topics.define()`,
      topic,
      "a topic such as topics.event('domain.entity.event', { ... })",
    );
  });
  const twice = designs.find(({ name }, index) => designs.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined)
    throw optionError('topics.define()', `'${twice.name}' twice`, 'made of topics with names of their own');
  return designs;
}

async function connected(
  where: string,
  options: ConnectionOptions,
  report: TopicReport,
  act: (admin: AdminDriver, bootstrap: string, print: (text: string) => void) => Promise<TopicPlan>,
): Promise<TopicPlan> {
  checkOptions(`report of ${where}`, report, ['print']);
  const { print = console.log } = report;
  if (print !== false && typeof print !== 'function')
    throw optionError(`print of ${where}`, print, 'a function or false');
  const connection = new Connection(where, options);
  const admin = retryingAdmin(await connection.driver.admin(connection.admin), systemScheduler);
  try {
    return await act(admin, connection.bootstrap, print === false ? () => undefined : print);
  } finally {
    await admin.close();
  }
}

/** Their settings are those they were made with, but somebody else may have made one at the same moment. */
async function makeMissing(
  admin: AdminDriver,
  designs: readonly DesignedTopic[],
  found: readonly PlannedTopic[],
): Promise<readonly PlannedTopic[]> {
  const missing = designs.filter((_, index) => found[index]?.status === 'create');
  await makeTopics(admin, missing);
  const there = await described(
    admin,
    missing.map(({ name }) => name),
  );
  const made = new Map(there.map((one) => [one.name, one]));
  return designs.map((design, index) => {
    const description = made.get(design.name);
    // Both lists have the order of the designs.
    if (description === undefined) return found[index] as PlannedTopic;
    return { name: design.name, status: 'created', differences: structureDifferences(design, description) };
  });
}

function refuseBroken(bootstrap: string, found: readonly PlannedTopic[]): void {
  const broken = found.flatMap(({ name, differences }) =>
    differences.filter(({ breaks }) => breaks).map((one) => `'${name}': ${differenceLine(one)}`),
  );
  if (broken.length === 0) return;
  throw new MillraceError('STATE_MISMATCH', {
    message: `Topics on ${bootstrap} are not what their designs need. ${broken.join(' ')}`,
    fields: {
      topics: found.filter(({ differences }) => differences.some((one) => one.breaks)).map(({ name }) => name),
    },
  });
}

function isWorthSaying({ topics: found, warnings }: TopicPlan): boolean {
  return warnings.length > 0 || found.some(({ status, unread }) => status !== 'ok' || unread !== undefined);
}
