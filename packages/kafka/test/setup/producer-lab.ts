import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, systemClock, systemScheduler, type Clock, type FileSystem, type Machine } from 'millrace';
import { nodeMachine } from 'millrace/node';
import { onTestFinished } from 'vitest';
import type { KafkaProducer, ProducerOptions } from '../../src/index.ts';
import { openProducer } from '../../src/producer/producer.ts';
import { modelBroker } from '../../src/testing.ts';

const decoder = new TextDecoder();

/** A folder that is removed behind the test. */
export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-producer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An error of the system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as a test wants it`), { code });
}

/** Files whose operations fail as long as `fault` names a code for them. */
export function faultyFiles(fault: (operation: 'append' | 'create' | 'remove', path: string) => string | undefined) {
  const { files } = nodeMachine;
  const check = (operation: 'append' | 'create' | 'remove', file: string): void => {
    const code = fault(operation, file);
    if (code !== undefined) throw systemError(code);
  };
  const faulty: FileSystem = {
    ...files,
    async create(file) {
      check('create', file);
      const writer = await files.create(file);
      return {
        async append(bytes) {
          try {
            check('append', file);
          } catch (error) {
            // What a full disk had room for.
            await writer.append(bytes.subarray(0, 3));
            throw error;
          }
          await writer.append(bytes);
        },
        sync: () => writer.sync(),
        close: () => writer.close(),
      };
    },
    async remove(file) {
      check('remove', file);
      await files.remove(file);
    },
  };
  return faulty;
}

/** A cluster, and producers on it and on disks of one's own, which are closed behind the test. */
export function producerLab() {
  const cluster = modelBroker();
  const open = async (
    options: Partial<ProducerOptions> = {},
    machine: Partial<Machine> = {},
    clock: Clock = systemClock,
  ): Promise<KafkaProducer> => {
    const producer = await openProducer(
      { bootstrap: 'model:9092', driver: cluster.driver, logger: silentLogger, ...options },
      { clock, scheduler: systemScheduler, machine: { ...nodeMachine, ...machine } },
    );
    onTestFinished(async () => void (await producer.close({ within: 0 }).catch(() => undefined)));
    return producer;
  };
  const values = (topic: string) => cluster.records(topic).map(({ value }) => decoder.decode(value ?? undefined));
  return { cluster, open, values };
}
