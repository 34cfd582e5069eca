import type { TestProject } from 'vitest/node';
import { missingServer } from '../../../../../scripts/services/missing-server.mjs';
import * as postgres from '../../../../../scripts/services/postgres.mjs';
import * as redis from '../../../../../scripts/services/redis.mjs';

/** Where a server is, or why there is none. */
export interface ServerForTests {
  readonly url: string;
  /** `''`: there is one. */
  readonly missing: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    postgres: ServerForTests;
    redis: ServerForTests;
  }
}

interface Service {
  missing(): string;
  start(): Promise<{ readonly url: string; stop(): Promise<void> }>;
}

/** Starts one server of each kind for all test files; says loudly which there are not. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const found = async (name: string, service: Service): Promise<ServerForTests> => {
    const missing = missingServer(name, service.missing());
    if (missing !== '') return { url: '', missing };
    const server = await service.start();
    stops.push(() => server.stop());
    return { url: server.url, missing };
  };
  project.provide('postgres', await found('PostgreSQL', postgres));
  project.provide('redis', await found('Redis', redis));
  return async () => {
    for (const stop of stops) await stop();
  };
}
