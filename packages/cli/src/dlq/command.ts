import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from '../io.ts';
import { UsageError } from '../usage-error.ts';
import { isEmpty, type Filter } from './filter.ts';
import { list, type State } from './ls.ts';
import { drop, retry } from './mark.ts';
import { idsOf, topicsOf, withBox, type Load, type Place } from './open-box.ts';
import { show } from './show.ts';
import { shownTime, timeOf } from './time.ts';

/** What the commands are given. */
export interface DlqParts {
  readonly io: Io;
  readonly load: Load;
  /** Told the exit code of the command that was run. */
  readonly ended: (code: number) => void;
}

interface Flags extends Place {
  readonly error?: string;
  readonly operator?: string;
  readonly since?: number;
  readonly until?: number;
  readonly limit?: number;
  readonly to?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly state?: State;
}

const LIMIT = 100;

/** `millrace dlq`. */
export function dlqCommand({ io, load, ended }: DlqParts): Command {
  const dlq = new Command('dlq').description('dead letters: look at them, give them back to their job, drop them');
  filtered(placed(dlq.command('ls')))
    .description('list letters; without --from, the topics of dead letters that the cluster has')
    .addOption(
      new Option('--state <state>', 'which ones').choices(['open', 'retried', 'dropped', 'any']).default('open'),
    )
    .option('--limit <n>', `how many, at most (default: ${LIMIT}; with --json all)`, countOf)
    .option('--json', 'one JSON object a line')
    .action(async (flags: Flags) => {
      const { state = 'open', json = false, limit = json ? Infinity : LIMIT } = flags;
      const filter = filterOf(flags, []);
      const topics = flags.from === undefined ? await topicsOf(flags, load) : undefined;
      for (const topic of topics ?? []) io.out(json ? JSON.stringify({ topic }) : topic);
      if (topics !== undefined) return ended(0);
      ended(await withBox(flags, load, (box) => list(box, { filter, state, limit, json }, io)));
    });
  placed(dlq.command('show'))
    .description('show one letter: why it is here, where it stood, and its value')
    .argument('<id>', 'as ls lists it')
    .action(async (id: string, flags: Flags) => {
      const [whole = id] = await idsOf([id], flags);
      ended(await withBox(flags, load, (box, from) => show(box, whole, from, io)));
    });
  changing(filtered(placed(dlq.command('retry'))))
    .description(
      'give letters back, exactly once, with their key, timestamp, partition and headers; default: all that are open',
    )
    .argument('[ids...]', 'as ls lists them')
    .option('--to <where>', 'topic in place of the one each came from; of files: the folder that the job reads')
    .action(async (ids: string[], flags: Flags) => {
      const filter = filterOf(flags, await idsOf(ids, flags));
      const { to } = flags;
      ended(
        await withBox(flags, load, (box) =>
          retry(box, { ...marking(flags), filter, ...(to !== undefined && { to }) }, io),
        ),
      );
    });
  changing(filtered(placed(dlq.command('drop'))))
    .description('mark letters as dropped: they are not given back any more')
    .argument('[ids...]', 'as ls lists them')
    .option('--reason <text>', 'why; kept with the mark')
    .option('--all', 'all that are open, where neither ids nor a filter are given')
    .action(async (ids: string[], flags: Flags) => {
      const filter = filterOf(flags, await idsOf(ids, flags));
      if (isEmpty(filter) && flags.all !== true) throw new UsageError('drop needs ids, a filter, or --all');
      const { reason } = flags;
      ended(
        await withBox(flags, load, (box) =>
          drop(box, { ...marking(flags), filter, ...(reason !== undefined && { reason }) }, io),
        ),
      );
    });
  return dlq;
}

function placed(command: Command): Command {
  return command
    .option('--from <where>', 'topic of the letters, or the folder or file that they lie in')
    .option('--bootstrap <brokers>', 'Kafka: host:port, several with commas')
    .option(
      '--config <file>',
      'Kafka: JSON, or a module (.mjs), with bootstrap, security and client as of @millrace/kafka',
    );
}

function filtered(command: Command): Command {
  return command
    .option('--error <code>', 'only those with this error, such as RECORD_MALFORMED')
    .option('--operator <name>', "only those that this operator's function failed on")
    .option('--since <time>', 'only those from this time on (ISO 8601, UTC without zone, or epoch ms)', timeFlag)
    .option('--until <time>', 'only those before this time', timeFlag);
}

function changing(command: Command): Command {
  return command
    .option('--limit <n>', 'how many, at most', countOf)
    .option('--batch <n>', 'letters in one transaction (default: 500; of files 50000 at once)', countOf)
    .option('--dry-run', 'only say what would be done');
}

function filterOf({ error, operator, since, until }: Flags, ids: readonly string[]): Filter {
  if (since !== undefined && until !== undefined && until <= since)
    throw new UsageError(`--until ${shownTime(until)} is not after --since ${shownTime(since)}: no letter is meant`);
  return {
    ids,
    ...(error !== undefined && { error }),
    ...(operator !== undefined && { operator }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

function marking({ dryRun = false, limit }: Flags) {
  return { dryRun, ...(limit !== undefined && { limit }) };
}

function timeFlag(text: string): number {
  const time = timeOf(text);
  if (time === undefined) throw new InvalidArgumentError('A time is 2026-01-05T08:00:00Z, 2026-01-05, or epoch ms.');
  return time;
}

function countOf(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is a number from 1 on.');
  return Number(text);
}
