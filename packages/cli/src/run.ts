import { Command, CommanderError } from 'commander';
import { MillraceError } from 'millrace';
import { dlqCommand } from './dlq/command.ts';
import type { Load } from './dlq/open-box.ts';
import type { Io } from './io.ts';
import { loadKafka } from './kafka/load-kafka.ts';
import { UsageError } from './usage-error.ts';

const FAILED = 1;
const USAGE = 2;

/** What a run of the command line is given. */
export interface RunOptions {
  readonly io: Io;
  /** Folder whose @millrace/kafka is used if there is none beside this package. */
  readonly folder: string;
  /** In place of the package. */
  readonly load?: Load;
}

/**
 * Runs `millrace ARGUMENTS`.
 *
 * @param args without node and the script
 * @returns exit code. 0: done; 1: failed; 2: the command line is wrong; 3: some of the letters could not be given back, or are not
 *   there; all others were
 * @example
 * process.exitCode = await run(['dlq', 'ls', '--from', 'out/dead-letter'], { io, folder: process.cwd() });
 */
export async function run(args: readonly string[], { io, folder, load }: RunOptions): Promise<number> {
  let code = 0;
  const lines = (say: (line: string) => void) => (text: string) => say(text.trimEnd());
  const program = new Command('millrace').description('the command line of Millrace').exitOverride();
  program.configureOutput({ writeOut: lines((line) => io.out(line)), writeErr: lines((line) => io.say(line)) });
  const parts = { io, load: load ?? (() => loadKafka(folder)), ended: (ended: number) => void (code = ended) };
  program.addCommand(inheriting(dlqCommand(parts), program));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // It has said itself what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    io.say(`error: ${error instanceof Error ? error.message : String(error)}`);
    if (!(error instanceof MillraceError || error instanceof UsageError) && error instanceof Error)
      io.say(error.stack ?? '');
    return error instanceof UsageError || isOption(error) ? USAGE : FAILED;
  }
}

/** Commands that are added whole, and their own, do not take over how the program writes and exits by themselves. */
function inheriting(command: Command, from: Command): Command {
  command.copyInheritedSettings(from);
  for (const one of command.commands) inheriting(one, command);
  return command;
}

function isOption(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'OPTION_INVALID';
}
