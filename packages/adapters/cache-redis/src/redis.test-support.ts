import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';

/** The service that the tests share with whatever else runs on this machine: each test has a prefix of its own there. */
export const REDIS_URL = 'redis://127.0.0.1:6379';

export const freshPrefix = (): string => `monsta-test:${randomUUID()}:`;

const CLIENT = { lazyConnect: true, retryStrategy: () => null, enableOfflineQueue: false } as const;

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, CLIENT);
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

/** Without Redis its tests skip and say so; in continuous integration its absence is a failure. */
export async function redisAbsence(): Promise<string | null> {
  const hasServer = spawnSync('redis-server', ['--version']).status === 0;
  if (hasServer && (await answers(REDIS_URL))) return null;
  const lack = hasServer ? `no Redis answers at ${REDIS_URL}` : 'there is no redis-server';
  const why = `${lack} (Debian: apt-get install redis-server)`;
  if (process.env['MONSTA_CI'] === '1') throw new Error(`${why}; MONSTA_CI=1 asks for its tests`);
  return why;
}

/** A client beside the cache, that looks from outside and cleans up. */
export async function openClient(url: string): Promise<Redis> {
  const redis = new Redis(url, CLIENT);
  redis.on('error', () => undefined);
  await redis.connect();
  return redis;
}

export async function deleteAll(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}*` })) {
    const found = keys as string[];
    if (found.length > 0) await redis.del(...found);
  }
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 8_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the condition did not hold within 8 s');
    await new Promise<void>((resolve) => void setTimeout(resolve, 5));
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis of the test's own, to be stopped and started. */
export class OwnRedis {
  readonly port: number;
  readonly #more: readonly string[];
  #process: ChildProcess | null = null;

  private constructor(port: number, more: readonly string[]) {
    this.port = port;
    this.#more = more;
  }

  static async start(...more: readonly string[]): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(), more);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp', ...this.#more];
    const child = spawn('redis-server', ['--port', String(this.port), ...options], { stdio: 'ignore' });
    this.#process = child;
    await until(() => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with status ${child.exitCode}`);
      return answersAtAll(this.port);
    });
  }

  /** Ends it without a word, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Keeps its connections and answers nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.kill('SIGCONT');
  }
}

/** Also one that asks for a password answers. */
async function answersAtAll(port: number): Promise<boolean> {
  const redis = new Redis(port, '127.0.0.1', { ...CLIENT, enableReadyCheck: false, protocol: 2 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return true;
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
