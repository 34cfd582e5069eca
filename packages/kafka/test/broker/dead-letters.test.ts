import { randomBytes } from 'node:crypto';
import { dataflow, silentLogger, struct, int } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import {
  bootstrap,
  bytes,
  newFolder,
  newTopic,
  produce,
  readWithJava,
  uniqueName,
  withBroker,
} from '../setup/fixture.ts';

withBroker('dead letters', () => {
  it('hold the record as it came, and why', async () => {
    const [input, output] = [await newTopic('in'), await newTopic('out')];
    const group = uniqueName('job');
    await produce(input, [
      { text: '{"n":1}' },
      { text: 'no json', key: bytes('k1'), timestamp: 1_234, headers: [['trace', bytes('t1')]] },
      { text: '{"n":2}', key: bytes('throws') },
      { text: '{"n":3}', key: bytes('large') },
      { text: '{"n":4}' },
    ]);
    const dead = kafka.deadLetters();
    const flow = dataflow(group);
    flow
      .from('numbers', kafka.topic(input, { until: 'end', schema: struct({ n: int() }), onError: dead }))
      .map(({ n }) => {
        if (n === 2) throw new Error('two is refused');
        return n === 3 ? 'x'.repeat(2_000) : String(n);
      })
      .named('check')
      .to('texts', kafka.sink<string>(output, { format: kafka.string(), maxRecordBytes: 1_000 }));
    const checkpoints = directory(newFolder());
    const handle = await flow.run(kafka.solo({ bootstrap, checkpoints, logger: silentLogger, onError: dead }));
    await handle.done;
    expect(readWithJava(output).map(({ value }) => value)).toEqual(['1', '4']);
    const letters = readWithJava(`dlq.${group}.${input}`);
    expect(letters.map(({ key, value }) => [key, value])).toEqual([
      ['k1', 'no json'],
      ['throws', '{"n":2}'],
      ['large', '{"n":3}'],
    ]);
    expect(letters[0]?.timestamp).toBe(1_234);
    expect(letters[0]?.headers).toContain('trace:t1');
    expect(letters[0]?.headers).toContain('millrace.error.code:RECORD_MALFORMED');
    expect(letters[0]?.headers).toContain(`millrace.topic:${input}`);
    expect(letters[0]?.headers).toContain('millrace.offset:1');
    expect(letters[1]?.headers).toContain('millrace.error.message:two is refused');
    expect(letters[1]?.headers).toContain('millrace.operator:check');
    expect(letters[2]?.headers).toContain('millrace.error.code:RECORD_TOO_LARGE');
  });

  it('are shortened where their topic takes no more', async () => {
    const [input, output] = [await newTopic('in'), await newTopic('out')];
    const letters = await newTopic('letters', 1, { 'max.message.bytes': '100000' });
    // No compression makes it smaller.
    const noise = randomBytes(300_000);
    await produce(input, [{ text: '{"n":1}' }, { value: noise, key: bytes('k') }]);
    const dead = kafka.deadLetters({ topic: letters });
    const flow = dataflow(uniqueName('job'));
    flow.from('numbers', kafka.topic(input, { until: 'end', onError: dead })).to('out', kafka.sink(output));
    const checkpoints = directory(newFolder());
    await (
      await flow.run(kafka.solo({ bootstrap, checkpoints, logger: silentLogger }))
    ).done;
    expect(readWithJava(output)).toHaveLength(1);
    const [letter] = readWithJava(letters);
    expect(letter?.key).toBe('k');
    expect(letter?.headers).toContain('millrace.value.truncated:300000');
  });
});
