import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, ok, seededRandom, type Result } from '@monsta/core';
import { silentTelemetry, VirtualClock } from '@monsta/testkit';
import type { OpenOrder } from '@monsta/venue-binance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WatchdogGuard } from './guard.ts';
import { fromWatchdogSchema, onMessages, say, type FromWatchdog, type ToWatchdog } from './line.ts';
import { readReports } from './report.ts';
import { Watchdog } from './watchdog.ts';

const ACCOUNT = 'live:binance-testnet:1';
const entry: OpenOrder = { symbol: 'BTCUSDT', orderId: 1, clientOrderId: 'mabc123-1', side: 'BUY', type: 'LIMIT' };
const patient = { timeout: 8_000, interval: 5 };

/** The account at the venue, whose answers a test may hold back. */
class Account {
  orders: readonly OpenOrder[] = [entry];
  number: Result<string> = ok(ACCOUNT);
  held: PromiseWithResolvers<null> | null = null;
  readonly canceled: number[] = [];

  accountNumber = (): Promise<Result<string>> => Promise.resolve(this.number);
  async openOrders(): Promise<Result<readonly OpenOrder[]>> {
    await this.held?.promise;
    return ok(this.orders);
  }
  cancel({ orderId }: OpenOrder): Promise<Result<'canceled'>> {
    this.canceled.push(orderId);
    this.orders = this.orders.filter((order) => order.orderId !== orderId);
    return Promise.resolve(ok('canceled'));
  }
}

describe('a watchdog', { timeout: 30_000 }, () => {
  let directory: string;
  let clock: VirtualClock;
  let account: Account;
  let ended: Promise<Result<null>>;
  let dog: Watchdog;
  let programs: ChildProcess[];
  const path = (): string => join(directory, 'watchdog.sock');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'monsta-dog-'));
    clock = new VirtualClock();
    account = new Account();
    programs = [];
  });
  afterEach(async () => {
    for (const program of programs) program.kill('SIGKILL');
    account.held?.resolve(null);
    await dog.stop();
    await ended;
    rmSync(directory, { recursive: true });
  });

  async function listen(attached = false): Promise<void> {
    dog = new Watchdog({
      socket: path(),
      directory,
      accountId: () => account.accountNumber(),
      access: account,
      clock,
      random: seededRandom(1),
      logger: silentTelemetry().logger,
      lateMs: 7_000,
      attached,
    });
    ended = dog.run();
    await vi.waitFor(() => expect(statSync(path()).mode & 0o777).toBe(0o600), patient);
  }

  /** Something that lives until it is killed. */
  async function program(): Promise<ChildProcess & { readonly pid: number }> {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    programs.push(child);
    await once(child, 'spawn');
    return child as ChildProcess & { readonly pid: number };
  }
  const startOf = (pid: number): string => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  };

  /** A line to the watchdog, and what came over it. */
  async function line(): Promise<{ readonly socket: Socket; readonly heard: FromWatchdog[] }> {
    const socket = connect(path());
    const heard: FromWatchdog[] = [];
    socket.on('error', () => undefined);
    onMessages(socket, fromWatchdogSchema, (message) => heard.push(message));
    await once(socket, 'connect');
    return { socket, heard };
  }
  type Hello = Extract<ToWatchdog, { kind: 'hello' }>;
  async function hello(of: { readonly pid: number }, part: Partial<Hello> = {}) {
    const { socket, heard } = await line();
    const usual = { accountId: ACCOUNT, onLoss: 'keep-protective', afterMs: 3_000 } as const;
    say(socket, { kind: 'hello', pid: of.pid, start: startOf(of.pid), ...usual, ...part });
    return { socket, heard };
  }
  const watched = (heard: readonly FromWatchdog[]): Promise<void> =>
    vi.waitFor(() => expect(heard.map(({ kind }) => kind)).toContain('watching'), patient);
  /** Lets the virtual time go by until something shows. */
  const pass = (look: () => void): Promise<void> =>
    vi.waitFor(async () => {
      await clock.advance(1_000);
      look();
    }, patient);

  it('cancels the entries of a program that was killed, and reports it', async () => {
    await listen(true);
    const victim = await program();
    const { heard } = await hello(victim);
    await watched(heard);
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    // Its line is cut by the system; here by us.
    await pass(() => expect(readReports(directory)).toHaveLength(1));
    expect(account.canceled).toEqual([1]);
    expect(readReports(directory)).toMatchObject([{ accountId: ACCOUNT, confirmed: true, canceled: [entry] }]);
    expect(await ended).toEqual(ok(null));
  });

  it('ends a program that hangs before it touches its orders', async () => {
    await listen();
    const hung = await program();
    const { heard, socket } = await hello(hung);
    await watched(heard);
    for (let beat = 0; beat < 10; beat += 1) {
      say(socket, { kind: 'beat' });
      await vi.waitFor(() => expect(heard.filter(({ kind }) => kind === 'alive')).toHaveLength(beat + 1), patient);
      await clock.advance(1_000);
    }
    expect(account.canceled).toEqual([]);
    const exit = once(hung, 'exit');
    await pass(() => expect(account.canceled).toEqual([1]));
    expect(await exit).toEqual([null, 'SIGKILL']);
    await pass(() => expect(readReports(directory)).toHaveLength(1));
  });

  it('gives way to a program that takes over: it is answered when nothing is under way any more', async () => {
    await listen();
    const victim = await program();
    const first = await hello(victim);
    await watched(first.heard);
    account.held = Promise.withResolvers();
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    first.socket.destroy();
    await vi.waitFor(() => expect(first.socket.closed).toBe(true), patient);
    const next = await program();
    await clock.advance(5_000);
    const second = await hello(next);
    // The answer of the venue comes when the other one has said hello already.
    await new Promise((resolve) => setImmediate(resolve));
    account.held.resolve(null);
    account.held = null;
    await watched(second.heard);
    const canceledByThen = account.canceled.length;
    for (let beat = 0; beat < 20; beat += 1) {
      say(second.socket, { kind: 'beat' });
      await vi.waitFor(
        () => expect(second.heard.filter(({ kind }) => kind === 'alive')).toHaveLength(beat + 1),
        patient,
      );
      await clock.advance(1_000);
    }
    expect(account.canceled).toHaveLength(canceledByThen);
  });

  it('leaves quietly with a program that says goodbye', async () => {
    await listen(true);
    const { heard, socket } = await hello(await program());
    await watched(heard);
    say(socket, { kind: 'bye' });
    expect(await ended).toEqual(ok(null));
    expect([account.canceled, readReports(directory)]).toEqual([[], []]);
  });

  it('does nothing where nothing is to be done, and says so', async () => {
    await listen(true);
    const victim = await program();
    const { heard } = await hello(victim, { onLoss: 'nothing' });
    await watched(heard);
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    await pass(() => expect(readReports(directory)).toHaveLength(1));
    expect(account.canceled).toEqual([]);
  });

  it('refuses a program of another account, and one while the exchange does not say whose its key is', async () => {
    await listen();
    const living = await program();
    const other = await hello(living, { accountId: 'live:binance:2' });
    await vi.waitFor(() => expect(other.heard).toMatchObject([{ kind: 'refused', code: 'watchdog_account' }]), patient);
    account.number = err('venue_unreachable', 'no answer', { retry: 'retryable' });
    const unknown = await hello(living);
    await vi.waitFor(
      () => expect(unknown.heard).toMatchObject([{ kind: 'refused', code: 'venue_unreachable' }]),
      patient,
    );
    expect(account.canceled).toEqual([]);
  });

  it('that was started for a program which never came ends by itself', async () => {
    await listen(true);
    await clock.advance(62_000);
    expect(await ended).toEqual(ok(null));
  });

  it('is told of by its guard, and left by it', async () => {
    await listen(true);
    const guard = new WatchdogGuard({
      directory,
      lockFile: join(directory, 'watchdog.lock'),
      accountId: ACCOUNT,
      onLoss: 'cancel-all',
      afterMs: 15_000,
      clock,
      logger: silentTelemetry().logger,
      spawn: () => {
        throw new Error('one is there');
      },
    });
    expect(await guard.start()).toEqual(ok(null));
    await clock.advance(3_000);
    await guard.leave();
    expect(await ended).toEqual(ok(null));
    expect(account.canceled).toEqual([]);
  });
});
