import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListReply } from '@monsta/contracts';
import { isAlive, ownerOf, type ProcessMark } from '../../apps/monsta/src/runtime/lock.ts';
import { runCommand } from './command.test-support.ts';
import { getJson, runProgram, textOf, until, type RunningProgram } from './program.test-support.ts';

/** An order as the exchange itself tells it. */
export interface TheirOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly status: string;
  readonly executedQty: string;
}
export interface TheirTrade {
  readonly id: number;
  readonly orderId: number;
  readonly qty: string;
  readonly price: string;
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A simulated exchange in a process of its own, an account on it that is asked directly, and a program that trades it live. */
export class LiveWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'monsta-live-'));
  readonly data = join(this.folder, 'data');
  readonly exchange: RunningProgram;
  /** What the program takes the exchange for. */
  readonly #venue: string;
  readonly #key: { readonly apiKey: string; readonly apiSecret: string };
  number = '';
  /** Of the programs that are started, beside what trades. */
  settings: object = {};
  readonly #programs: RunningProgram[] = [];
  readonly #directories = new Set<string>();

  private constructor(exchange: RunningProgram, venue: string) {
    this.exchange = exchange;
    this.#venue = venue;
    const [account] = exchange.document['accounts'] as readonly {
      readonly apiKey: string;
      readonly apiSecret: string;
    }[];
    if (account === undefined) throw new Error('the exchange has no account');
    this.#key = account;
  }

  static async open(seed: number, venue: 'binance' | 'binance-testnet' = 'binance-testnet'): Promise<LiveWorld> {
    const world = new LiveWorld(await runProgram(['venue', 'simulate', '--port', '0', '--seed', String(seed)]), venue);
    try {
      const { uid } = await world.#signed<{ readonly uid: number }>('GET', '/api/v3/account');
      world.number = String(uid);
      await world.#storeKey();
    } catch (thrown) {
      await world.close();
      throw thrown;
    }
    return world;
  }

  /** Ends everything that was started in it. Throws where a process is left all the same. */
  async close(): Promise<void> {
    for (const program of this.#programs) await program.kill();
    // Without a program, and soon without an exchange, a watchdog would try to look after the orders for ever.
    for (const directory of this.#directories) await endWatchdog(directory);
    await this.exchange.kill();
    const left = processesNaming(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    if (left.length > 0) throw new Error(`processes are left of a world that was closed: ${left.join(', ')}`);
  }

  /** Starts the program; `live` replaces parts of `trading.live`. */
  start(strategy: string, live: object = {}, ...flags: readonly string[]): Promise<RunningProgram> {
    return this.startIn(this.data, strategy, live, ...flags);
  }

  /** The same from another data directory. */
  async startIn(data: string, strategy: string, live: object, ...flags: readonly string[]): Promise<RunningProgram> {
    this.#directories.add(data);
    const config = join(this.folder, 'config.json');
    const given = { keys: 'main', account: this.number, exposure_max: '5000', ...live };
    writeFileSync(config, JSON.stringify({ ...this.settings, trading: { live: given } }));
    const program = await runProgram(
      [
        ...['start', '--json', '--trading', 'live', '--config', config, '--port', '0', '--log-level', 'info'],
        ...['--venue', this.#venue, ...this.#addresses(), '--data-dir', data, ...flags, '--strategy', strategy],
      ],
      // Worlds have accounts of the same number: each is a user of its own.
      { XDG_STATE_HOME: join(this.folder, 'state') },
    );
    this.#programs.push(program);
    return program;
  }

  /** Writes a strategy of one name into the folder; its path. */
  strategy(name: string, body: string): string {
    const path = join(this.folder, `${name}.ts`);
    const head = `import { defineStrategy } from 'monsta';\nexport default defineStrategy({ name: '${name}', parameters: {}, intervals: () => ['1m'],`;
    writeFileSync(path, `${head}\n  onBar(context) {\n${body}\n  },\n});\n`);
    return path;
  }

  /** On these symbols: all of them at once would use up what the exchange allows the address, ours and the program's. */
  async openOrders(symbols: readonly string[] = ['BTCUSDT', 'ETHUSDT']): Promise<readonly TheirOrder[]> {
    await wait(800);
    const lists = symbols.map((symbol) => this.#signed<readonly TheirOrder[]>('GET', '/api/v3/openOrders', { symbol }));
    return (await Promise.all(lists)).flat();
  }
  allOrders(symbol: string): Promise<readonly TheirOrder[]> {
    return this.#signed('GET', '/api/v3/allOrders', { symbol });
  }
  trades(symbol: string): Promise<readonly TheirTrade[]> {
    return this.#signed('GET', '/api/v3/myTrades', { symbol });
  }
  async balances(): Promise<readonly { readonly asset: string; readonly free: string; readonly locked: string }[]> {
    type Account = {
      readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
    };
    return (await this.#signed<Account>('GET', '/api/v3/account')).balances;
  }
  place(order: Readonly<Record<string, string>>): Promise<unknown> {
    return this.#signed('POST', '/api/v3/order', order);
  }
  price = async (symbol: string): Promise<number> => {
    const { price } = await getJson<{ readonly price: string }>(
      `${textOf(this.exchange, 'restUrl')}/api/v3/ticker/price?symbol=${symbol}`,
    );
    return Number(price);
  };

  /** Null where no watchdog has the lock. */
  watchdogPid = (): number | null => watchdogOf(this.data)?.pid ?? null;
  hasReports = (): boolean => existsSync(join(this.data, 'watchdog-reports.json'));
  watchdogLog = (): string => readFileSync(join(this.data, 'watchdog.log'), 'utf8');

  #addresses(): readonly string[] {
    return ['--rest-url', textOf(this.exchange, 'restUrl'), '--ws-url', textOf(this.exchange, 'wsUrl')];
  }

  async #storeKey(): Promise<void> {
    const { apiKey, apiSecret } = this.#key;
    const added = await runCommand(
      [
        ...['exchange-keys', 'add', '--json', '--name', 'main', '--api-key', apiKey],
        ...['--venue', this.#venue, '--rest-url', textOf(this.exchange, 'restUrl'), '--data-dir', this.data],
      ],
      { input: apiSecret },
    );
    if (added.status !== 0) throw new Error(`the key could not be stored: ${added.stderr}`);
  }

  async #signed<T>(
    method: 'GET' | 'POST',
    path: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const { apiKey, apiSecret } = this.#key;
    const query = new URLSearchParams({ ...parameters, timestamp: String(Date.now()), recvWindow: '30000' }).toString();
    const signature = createHmac('sha256', apiSecret).update(query).digest('hex');
    const url = `${textOf(this.exchange, 'restUrl')}${path}?${query}&signature=${signature}`;
    const reply = await fetch(url, {
      method,
      headers: { 'X-MBX-APIKEY': apiKey },
      signal: AbortSignal.timeout(10_000),
    });
    const body = await reply.text();
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${body.slice(0, 300)}`);
    return JSON.parse(body) as T;
  }
}

const watchdogOf = (directory: string): ProcessMark | null => ownerOf(join(directory, 'watchdog.lock'));

async function endWatchdog(directory: string): Promise<void> {
  const watchdog = watchdogOf(directory);
  if (watchdog === null || !isAlive(watchdog)) return;
  process.kill(watchdog.pid, 'SIGKILL');
  await until(
    () => Promise.resolve(isAlive(watchdog)),
    (alive) => !alive,
    10_000,
    `the end of watchdog ${watchdog.pid}`,
  );
}

/** Ids of the processes whose command line names a path; none where the system has no /proc. */
function processesNaming(path: string): readonly string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(path);
    } catch {
      return false;
    }
  });
}

/** Everything of a list of the API. */
export async function everything<T>(base: string, path: string): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: ListReply<T> = await getJson(`${base}${path}?limit=200${after}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

export const untilReady = (program: RunningProgram): Promise<boolean> =>
  until(
    async () =>
      (await fetch(`${textOf(program, 'url')}/readyz`, { signal: AbortSignal.timeout(5_000) })).status === 200,
    Boolean,
    90_000,
    'readiness',
  );
