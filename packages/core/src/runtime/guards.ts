import { MillraceError } from '../errors/index.ts';
import type { GuardFinding, GuardSettings, Logger } from '../model/index.ts';

/**
 * What is done about anti-patterns: each is told once, in one line, over all attempts of a job.
 *
 *   planned: `check` --> opening: `report` of connectors --> `begun` --> running: `report` of what is measured
 *            \__________ 'error': refused _________/                    \__ told; too late to refuse __/
 */
export class Guards {
  private readonly settings: GuardSettings;
  private readonly logger: Logger;
  private readonly told = new Set<string>();
  private running = false;

  constructor(settings: GuardSettings, logger: Logger) {
    this.settings = settings;
    this.logger = logger;
  }

  /** @throws MillraceError `GUARD_REFUSED` naming all of them, with level `'error'` */
  check(findings: readonly GuardFinding[]): void {
    const { level, ignored } = this.settings;
    if (level === 'off') return;
    const counted = findings.filter(({ guard }) => !ignored.has(guard));
    if (counted.length === 0) return;
    if (level === 'error' && !this.running) throw refusal(counted);
    for (const finding of counted) this.tell(finding);
  }

  /** Of a connector, at any time. */
  readonly report = (finding: GuardFinding): void => this.check([finding]);

  /** From now on it is too late to refuse the job. */
  begun(): void {
    this.running = true;
  }

  private tell(finding: GuardFinding): void {
    const line = lineOf(finding);
    if (this.told.has(line)) return;
    this.told.add(line);
    this.logger.warn(line, { guard: finding.guard });
  }
}

function lineOf({ guard, message, cure }: GuardFinding): string {
  return `guard ${guard}: ${message} ${cure}`;
}

function refusal(findings: readonly GuardFinding[]): MillraceError {
  const lines = [...new Set(findings.map(lineOf))];
  return new MillraceError('GUARD_REFUSED', {
    message:
      `The job is refused (guards: 'error'): ${lines.join(' ')} What is meant to be so is left out with ` +
      `guards: { level: 'error', ignore: ['${findings[0]?.guard}'] }.`,
    fields: { guards: [...new Set(findings.map(({ guard }) => guard))] },
  });
}
