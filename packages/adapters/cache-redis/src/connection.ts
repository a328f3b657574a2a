import { err, ok, type Random, type Result } from '@monsta/core';
import type { Logger } from '@monsta/ports';
import { Redis } from 'ioredis';

export interface ConnectionOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  readonly logger: Logger;
  readonly random: Random;
  /** The deadline of each call. */
  readonly callTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly reconnectDelayMinMs: number;
  readonly reconnectDelayMaxMs: number;
}

export interface Connection {
  readonly redis: Redis;
  /** Where Redis is, without user and password. */
  readonly address: string;
  close(): void;
}

/** Between half of it and all of a delay that doubles up to the limit. */
function reconnectDelayMs(attempt: number, options: ConnectionOptions): number {
  const full = Math.min(options.reconnectDelayMaxMs, options.reconnectDelayMinMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil((full + options.random.next() * full) / 2);
}

function createClient(options: ConnectionOptions): Redis {
  return new Redis(options.url, {
    lazyConnect: true,
    connectTimeout: options.connectTimeoutMs,
    commandTimeout: options.callTimeoutMs,
    // Nothing came back for two deadlines: the connection is dead, and what waits on it must not pile up.
    socketTimeout: 2 * options.callTimeoutMs,
    // A call fails at once while there is no connection, and is never sent a second time.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, options),
  });
}

/**
 * Connects, and keeps connecting from then on. Fault `cache_unavailable` when there is no connection within the time to connect: whoever configured the
 * address should hear of it.
 */
export async function openConnection(options: ConnectionOptions): Promise<Result<Connection>> {
  if (!URL.canParse(options.url)) {
    return err('cache_unavailable', 'the address of Redis is no URL; write it as redis://HOST:PORT');
  }
  const address = new URL(options.url).host;
  const redis = createClient(options);
  let reason: string | null = null;
  // Only the messages: an error of ioredis carries the command, and that of signing in holds the password.
  redis.on('error', (error: Error) => (reason = error.message || reason));
  try {
    await redis.connect();
  } catch (thrown) {
    redis.disconnect();
    reason ??= thrown instanceof Error ? thrown.message : String(thrown);
    return err('cache_unavailable', `no connection to Redis at ${address}: ${reason}`, { retry: 'retryable' });
  }
  let isLost = false;
  let isClosed = false;
  redis.on('close', () => {
    if (isLost || isClosed) return;
    isLost = true;
    options.logger.warn('the connection to Redis is lost', { address, reason });
  });
  redis.on('ready', () => {
    isLost = false;
    reason = null;
    options.logger.info('connected to Redis again', { address });
  });
  const close = (): void => {
    isClosed = true;
    redis.disconnect();
  };
  return ok({ redis, address, close });
}
