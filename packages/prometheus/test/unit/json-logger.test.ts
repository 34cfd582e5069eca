import { dataflow, memory, memoryCheckpoints, memorySink, MillraceError, type JobEvent } from 'millrace';
import { describe, expect, it } from 'vitest';
import { jsonLogger, logEvents, type JsonLoggerOptions } from '../../src/index.ts';

function collecting(options: JsonLoggerOptions = {}) {
  const lines: string[] = [];
  const logger = jsonLogger({ ...options, to: { write: (line) => lines.push(line) } });
  return { logger, lines, parsed: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('jsonLogger', () => {
  it('writes one object a line: level, time, message, fields', () => {
    const { logger, lines, parsed } = collecting();
    logger.warn('slow\nsink', { operator: 'out', waiting: 12 });
    logger.info('ready');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1);
    const [first, second] = parsed();
    expect(first).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      message: 'slow\nsink',
      fields: { operator: 'out', waiting: 12 },
    });
    expect(Object.keys(second ?? {})).toEqual(['level', 'time', 'message']);
  });

  it('fields never hide what every line has', () => {
    const { logger, parsed } = collecting();
    logger.info('real', { message: 'other', level: 'fatal', time: 0 });
    expect(parsed()).toMatchObject([{ message: 'real', level: 'info', fields: { message: 'other', level: 'fatal' } }]);
  });

  it('errors, circles and big numbers among the fields are shown', () => {
    const { logger, parsed } = collecting();
    const circle: Record<string, unknown> = { offset: 12n };
    circle['self'] = circle;
    logger.error('failed', { error: new MillraceError('IO_FAILED', { message: 'away' }), circle });
    expect(parsed()[0]).toMatchObject({
      fields: {
        error: { message: 'away', code: 'IO_FAILED', stack: expect.any(String) as string },
        circle: { offset: 12 },
      },
    });
  });

  it('leaves out what is below its level', () => {
    const { logger, parsed } = collecting({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(parsed().map(({ level }) => level)).toEqual(['warn', 'error']);
    const { logger: all, lines } = collecting({ level: 'debug' });
    all.debug('a');
    expect(lines).toHaveLength(1);
  });

  it.each([
    [{ level: 'loud' }, /level of jsonLogger\(\) is "loud"/],
    [{ to: 5 }, /to of jsonLogger\(\) is 5/],
    [{ dest: 1 }, /made of level, to/],
  ])('%o is refused', (options, message) => {
    // What programs without types may pass.
    expect(() => jsonLogger(options as JsonLoggerOptions)).toThrow(message);
  });
});

describe('logEvents', () => {
  it('writes what a job does, by how much it matters', () => {
    const { logger, parsed } = collecting();
    const write = logEvents(logger);
    const alarm = { source: 'orders', kind: 'lag', value: 20, limit: 10, since: 1 } as const;
    const events: JobEvent[] = [
      { type: 'alarm', ...alarm },
      { type: 'alarmEnded', ...alarm },
      { type: 'restarting', restarts: 1, delayMs: 5, error: new Error('away') },
      { type: 'checkpoint', id: 1, attempt: 'a', kind: 'full', bytes: 1, entries: 1, durationMs: 1 },
    ];
    for (const event of events) write(event);
    expect(parsed()).toMatchObject([
      { level: 'warn', message: 'alarm', fields: alarm },
      { level: 'info', message: 'alarmEnded', fields: alarm },
      { level: 'warn', message: 'restarting', fields: { restarts: 1, error: { message: 'away' } } },
    ]);
  });

  it('a job logs by it', async () => {
    const { logger, parsed } = collecting({ level: 'debug' });
    const flow = dataflow('logged');
    flow.from('in', memory([1, 2])).to('out', memorySink());
    const handle = await flow.run({ logger, onEvent: logEvents(logger), checkpoints: memoryCheckpoints() });
    await handle.done;
    expect(parsed()).toContainEqual(expect.objectContaining({ level: 'debug', message: 'checkpoint' }));
  });
});
