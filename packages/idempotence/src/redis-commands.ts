import { optionError } from 'millrace';

/** A client of ioredis. */
export interface IoRedisClient {
  call(command: string, ...args: string[]): Promise<unknown>;
}

/** A client of redis (node-redis). */
export interface NodeRedisClient {
  sendCommand(args: string[]): Promise<unknown>;
}

/** Clients that `redisStore` takes: of ioredis, or of redis (node-redis), connected. */
export type RedisClient = IoRedisClient | NodeRedisClient;

/** Sends a command with its arguments. */
export type RedisCommand = (name: string, ...args: string[]) => Promise<unknown>;

/** @throws MillraceError `OPTION_INVALID` */
export function commandOf(client: RedisClient): RedisCommand {
  // ioredis has a sendCommand as well, which takes something else.
  if (isIoRedis(client)) return (name, ...args) => client.call(name, ...args);
  if (isNodeRedis(client)) return (name, ...args) => client.sendCommand([name, ...args]);
  throw optionError('client of redisStore()', client, 'a client of ioredis or of redis (node-redis)');
}

function isIoRedis(client: unknown): client is IoRedisClient {
  return typeof (client as Partial<IoRedisClient> | undefined)?.call === 'function';
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return typeof (client as Partial<NodeRedisClient> | undefined)?.sendCommand === 'function';
}
