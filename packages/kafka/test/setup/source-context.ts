import { silentLogger, type Logger, type SourceContext } from 'millrace';
import { VirtualTime } from 'millrace/testing';

/** What a source gets that is opened outside of a job. */
export function sourceContext(
  positions: Readonly<Record<string, { readonly offset: number; readonly end?: number; readonly of?: number }>> = {},
  logger: Logger = silentLogger,
): SourceContext & { readonly time: VirtualTime } {
  const time = new VirtualTime();
  return {
    name: 'orders',
    positions: new Map(Object.entries(positions)),
    wake: () => undefined,
    clock: time,
    scheduler: time,
    random: { next: () => 0.5 },
    logger,
    time,
  };
}
