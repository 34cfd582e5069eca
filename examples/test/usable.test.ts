import { MillraceError } from 'millrace';
import { expect, test } from 'vitest';
import { usable } from '../revenue/kafka/usable.ts';
import { UsageError } from '../revenue/options/usage-error.ts';

const failing = (code: 'CHECKPOINT_MISSING' | 'STATE_MISMATCH' | 'IO_FAILED', message: string) =>
  usable(Promise.reject(new MillraceError(code, { message })));

test.each([
  ['CHECKPOINT_MISSING', 'It is gone.', 'It is gone. --fresh starts over and writes all results again.'],
  ['CHECKPOINT_MISSING', 'It is gone; fresh: true starts over.', 'It is gone; --fresh starts over.'],
  [
    'STATE_MISMATCH',
    "Move it back, or start over: fresh: true, with start: 'committed' in kafka.topic() to begin where the group stands.",
    'Move it back, or start over: --fresh.',
  ],
] as const)('%s is a usage error, in terms of flags', async (code, message, said) => {
  await expect(failing(code, message)).rejects.toThrow(new UsageError(said));
});

test('other failures stay what they are', async () => {
  await expect(failing('IO_FAILED', 'fresh: true')).rejects.toMatchObject({
    code: 'IO_FAILED',
    message: 'fresh: true',
  });
  await expect(usable(Promise.resolve(7))).resolves.toBe(7);
});
