export { memoryStore, type MemoryStoreOptions } from './memory-store.ts';
export type { NoContext, OnceStore } from './once-store.ts';
export type { PgClient, PgPool, PgResult } from './postgres-client.ts';
export {
  postgresStore,
  type PostgresContext,
  type PostgresStore,
  type PostgresStoreOptions,
} from './postgres-store.ts';
export { processedOnce, type OnceHandler, type ProcessedOnceOptions } from './processed-once.ts';
export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis-commands.ts';
export { redisStore, type RedisStoreOptions } from './redis-store.ts';
