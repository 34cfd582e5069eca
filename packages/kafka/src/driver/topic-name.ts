import { optionError } from 'millrace';

/** What Kafka takes as the name of a topic. */
const NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;
const RULE = 'made of 1 to 249 letters, digits, dots, dashes and underscores';

/** Topics of the brokers themselves. What matches a pattern by chance is never meant: a job would feed itself with its commits. */
export const INTERNAL_TOPICS: readonly string[] = ['__consumer_offsets', '__transaction_state', '__share_group_state'];

/**
 * Brokers refuse other names only when the topic is made.
 *
 * @param what whose name it is, such as `topic of kafka.sink()`
 * @param cure what may be done about a name that nobody has written as it is
 * @throws MillraceError `OPTION_INVALID`
 */
export function checkTopicName(what: string, name: unknown, cure: string = ''): asserts name is string {
  if (typeof name !== 'string' || !NAME.test(name)) throw optionError(what, name, `${RULE}${cure}`);
}
