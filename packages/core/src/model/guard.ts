import { checkOptions, optionError } from '../errors/index.ts';

/** Every guard, by its stable id. docs/guide/anti-patterns.md has a section for each. */
export const GUARD_IDS = [
  'auto-commit',
  'json-without-schema',
  'low-cardinality-key',
  'no-dead-letters',
  'single-partition-input',
  'unbounded-lateness',
  'unbounded-state',
  'unbounded-window',
] as const;

/** Name of a guard, as `ignore` takes it. */
export type GuardId = (typeof GUARD_IDS)[number];

/** An anti-pattern that was seen: what it is, and the cure; each a sentence or two on one line. */
export interface GuardFinding {
  readonly guard: GuardId;
  /** What was seen, and where: names the operator, the source or the topic. */
  readonly message: string;
  readonly cure: string;
}

/** What happens to an anti-pattern: it is logged, the job is refused before anything is read, or nothing. */
export type GuardLevel = 'warn' | 'error' | 'off';

/** Option `guards` of `flow.run`: a level, or a level and guards to leave out. */
export type GuardOptions =
  | GuardLevel
  | {
      /** Default `'warn'`. */
      readonly level?: GuardLevel;
      /** Guards that are switched off, by id. Default: none. */
      readonly ignore?: readonly GuardId[];
    };

/** The option, checked and with its defaults. */
export interface GuardSettings {
  readonly level: GuardLevel;
  readonly ignored: ReadonlySet<GuardId>;
}

const LEVELS: readonly unknown[] = ['warn', 'error', 'off'];

/** @throws MillraceError `OPTION_INVALID` for another level, or an id that no guard has */
export function guardSettings(options: GuardOptions | undefined): GuardSettings {
  const { level = 'warn', ignore = [] } = typeof options === 'object' ? checked(options) : { level: options };
  if (!LEVELS.includes(level)) throw optionError('guards of flow.run()', level, "'warn', 'error' or 'off'");
  if (!Array.isArray(ignore)) throw optionError('guards.ignore of flow.run()', ignore, "a list: ['unbounded-state']");
  for (const id of ignore as readonly unknown[])
    if (!(GUARD_IDS as readonly unknown[]).includes(id))
      throw optionError('guards.ignore of flow.run()', id, `made of ${GUARD_IDS.join(', ')}`);
  return { level, ignored: new Set(ignore) };
}

function checked(options: Exclude<GuardOptions, GuardLevel>): Exclude<GuardOptions, GuardLevel> {
  checkOptions('guards of flow.run()', options, ['level', 'ignore']);
  return options;
}
