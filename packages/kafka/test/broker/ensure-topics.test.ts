import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { bootstrap, uniqueName, withBroker } from '../setup/fixture.ts';

withBroker('kafka.ensureTopics', () => {
  it('makes what is missing, leaves alone what is there, and answers in the order it was asked', async () => {
    const [a, b] = [uniqueName('topic'), uniqueName('topic')];
    const [made] = await kafka.ensureTopics({ bootstrap }, [{ name: b, partitions: 2 }]);
    expect(made).toEqual({ name: b, partitions: Array(2).fill({ replicas: 1, inSync: 1 }) });
    const both = await kafka.ensureTopics({ bootstrap: [bootstrap] }, [
      { name: a, partitions: 3, replication: 1 },
      { name: b, partitions: 7 },
    ]);
    expect(both.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      [a, 3],
      [b, 2],
    ]);
    expect(await kafka.ensureTopics({ bootstrap }, [])).toEqual([]);
  });

  it.each([
    ['a name that no topic can have', { name: 'a b', partitions: 1 }, /topic is "a b".*letters/],
    ['no partitions', { name: 'a', partitions: 0 }, /partitions of topic 'a' is 0/],
  ])('refuses %s', async (_what, topic, message) => {
    await expect(kafka.ensureTopics({ bootstrap }, [topic])).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says which topic cannot be made, and why', async () => {
    const name = uniqueName('topic');
    await expect(kafka.ensureTopics({ bootstrap }, [{ name, partitions: 1, replication: 9 }])).rejects.toThrow(
      new RegExp(`creating topic '${name}' failed: .*replication factor`),
    );
    const config = { 'no.such.setting': '1' };
    await expect(kafka.ensureTopics({ bootstrap }, [{ name, partitions: 1, config }])).rejects.toThrow(
      new RegExp(`creating topic '${name}' failed: .*no\\.such\\.setting`),
    );
  });

  it('a setting that the client does not know is named, and not tried again', async () => {
    const client = { 'no.such.setting': 1 };
    await expect(kafka.ensureTopics({ bootstrap, client }, [{ name: 'a', partitions: 1 }])).rejects.toMatchObject({
      message: expect.stringMatching(/making a client failed: .*no\.such\.setting/) as string,
      retryable: false,
    });
  });
});
