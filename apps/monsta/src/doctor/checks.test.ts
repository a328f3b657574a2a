import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFaultPlan, serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import { expectOk, seededRandom } from '@monsta/core';
import { ExchangeKeys } from '@monsta/identity';
import { openSqliteSecrets } from '@monsta/secrets-sqlite';
import { createMemoryNetwork, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createBinanceConnection, createBinanceKeyInspector } from '@monsta/venue-binance';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { afterEach, describe, expect, it } from 'vitest';
import { accountChecks } from './account-checks.ts';
import type { Check } from './check.ts';
import { diskCheck } from './disk-check.ts';
import { exchangeChecks } from './exchange-checks.ts';

/** In the middle of a minute: around its ends nobody can tell which minute a request was counted in. */
const START_US = 1_740_830_430_000_000;
const statuses = (checks: readonly Check[]): Readonly<Record<string, string>> =>
  Object.fromEntries(checks.map(({ name, status }) => [name, status]));
const named = (checks: readonly Check[], name: string): Check | undefined =>
  checks.find((check) => check.name === name);

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-doctor-'));
  folders.push(folder);
  return folder;
}

/** The simulated exchange and what the doctor has of the program, on a network in memory. */
async function makeWorld({ weightUsed = 0 } = {}) {
  const clock = new VirtualClock(START_US);
  const { logger, metrics } = silentTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 2 });
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const marked = promise.finally(() => (done = true));
    await clock.advanceUntil(() => done, { timeoutMs: 600_000 });
    return marked;
  }
  const exchange = expectOk(
    await settled(
      serveExchange({
        model: createSimulatedExchange({ seed: 1, clock, logger }),
        clock,
        logger,
        httpServer: network.httpServer,
        host: 'exchange.test',
        port: 80,
      }),
    ),
  );
  const { restUrl, wsUrl, accounts, server } = exchange;
  const connection = createBinanceConnection({
    name: 'simulated',
    restUrl,
    wsUrl,
    wsApiUrl: wsUrl,
    clock,
    transport: network.transport('127.0.0.1'),
    logger,
    metrics,
    random: seededRandom(3),
    cache: createMemoryCache({ clock }),
    config: { requestAttemptsMax: 2 },
  });
  const secrets = expectOk(
    await openSqliteSecrets({
      path: join(scratch(), 'secrets.sqlite'),
      masterKey: { kind: 'given', key: Buffer.alloc(32, 1).toString('base64'), next: null },
    }),
  );
  const inspector = createBinanceKeyInspector(['simulated', 'binance-testnet'], () => ({
    connection,
    tellsPermissions: true,
  }));
  const keys = new ExchangeKeys({ secrets, inspector, clock });
  const { apiKey = '', apiSecret = '' } = accounts[0] ?? {};
  const add = async (name: string, venue = 'simulated') =>
    expectOk(await settled(keys.add({ name, venue, kind: 'hmac', apiKey, secret: apiSecret })));
  for (let used = 0; used < weightUsed; used += 80)
    await settled(
      network.transport('127.0.0.1').request({ method: 'GET', url: `${restUrl}/api/v3/ticker/24hr`, timeoutMs: 1_000 }),
    );
  return {
    add,
    keys,
    connection,
    fault: (rule: object) => void expectOk(server.faults.load(expectOk(readFaultPlan({ seed: 1, rules: [rule] })))),
    exchange: (...instruments: string[]) => settled(exchangeChecks(connection, instruments)),
    account: (name: string | null, reached = true) => settled(accountChecks(connection, keys, name, reached)),
  };
}

describe('the exchange', () => {
  it('is well, with figures of what was seen', async () => {
    const { exchange } = await makeWorld();
    const checks = await exchange('BTCUSDT', 'ETHUSDT');
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['rest', 'ok'],
      ['clock', 'ok'],
      ['limits', 'ok'],
      ['instruments', 'ok'],
      ['market-stream', 'ok'],
    ]);
    expect(named(checks, 'limits')?.seen).toMatch(/REQUEST_WEIGHT 1 MINUTE: \d+ of 6000 used, \d+ left/);
    expect(named(checks, 'instruments')?.seen).toContain('BTCUSDT in steps of 0.01 and 0.00001, at least 5 USDT');
    expect(named(checks, 'instruments')?.facts).toMatchObject({ filtersUnknown: [] });
  });

  it.each([
    [700, 'ok'],
    [-5_000, 'warning'],
    [90_000, 'failed'],
  ])('whose clock is %i ms off is %s', async (driftMs, status) => {
    const { exchange, fault } = await makeWorld();
    fault({ fault: 'clock-drift', driftMs });
    const checks = await exchange('BTCUSDT');
    expect(statuses(checks)).toMatchObject({ rest: 'ok', clock: status, instruments: 'ok' });
    expect(Math.abs(Number(named(checks, 'clock')?.facts['offsetMs']) - driftMs)).toBeLessThan(5);
    if (status !== 'ok') expect(named(checks, 'clock')?.todo).toContain('NTP');
  });

  it('that has banned this address is not asked any further', async () => {
    const { exchange, fault } = await makeWorld();
    fault({ fault: 'ban', address: '127.0.0.1', when: { forMs: 600_000 } });
    const checks = await exchange('BTCUSDT');
    expect(statuses(checks)).toEqual({
      rest: 'failed',
      clock: 'skipped',
      limits: 'skipped',
      instruments: 'skipped',
      'market-stream': 'skipped',
    });
    expect(checks[0]?.seen).toContain('banned');
    expect(checks[0]?.todo).toContain('longer');
  });

  it('that fails is told as such', async () => {
    const { exchange, fault } = await makeWorld();
    fault({ fault: 'refuse', where: { channel: 'rest' }, times: 'always' });
    expect(statuses(await exchange('BTCUSDT'))).toMatchObject({ rest: 'failed', clock: 'skipped' });
  });

  it('that does not list what is configured is told with the symbol, the others are read nevertheless', async () => {
    const { exchange } = await makeWorld();
    const check = named(await exchange('BTCUSDT', 'NOPEUSDT'), 'instruments');
    expect(check).toMatchObject({
      status: 'failed',
      facts: { instruments: [{ status: 'TRADING' }, { status: null }] },
    });
    expect(check?.seen).toContain('NOPEUSDT');
    expect(check?.seen).not.toContain('BTCUSDT');
    expect(statuses(await exchange('NOPEUSDT'))).toMatchObject({ instruments: 'failed' });
  });

  it('where nothing can be traded for now is a warning', async () => {
    const { exchange, fault } = await makeWorld();
    fault({ fault: 'halt', symbols: ['BTCUSDT'] });
    const check = named(await exchange('BTCUSDT', 'ETHUSDT'), 'instruments');
    expect(check?.status).toBe('warning');
    expect(check?.seen).toMatch(/^BTCUSDT is /);
  });

  it('whose limits are nearly used up is a warning', async () => {
    const { exchange } = await makeWorld({ weightUsed: 5_200 });
    const check = named(await exchange('BTCUSDT'), 'limits');
    expect([check?.status, check?.seen]).toEqual(['warning', expect.stringContaining('used')]);
    expect(check?.todo).toContain('what else uses this address');
  });

  it('whose streams can’t be opened is told', async () => {
    const { exchange, fault } = await makeWorld();
    fault({ fault: 'refuse', where: { channel: 'connection' }, times: 'always' });
    expect(statuses(await exchange('BTCUSDT'))).toMatchObject({ rest: 'ok', 'market-stream': 'failed' });
  });
});

describe('the account', () => {
  it('is well but for a key that works from anywhere, and the check is noted', async () => {
    const { account, add, keys } = await makeWorld();
    await add('main');
    const checks = await account('main');
    expect(statuses(checks)).toEqual({ key: 'warning', account: 'ok', 'order-limits': 'ok', 'user-stream': 'ok' });
    expect(named(checks, 'account')?.seen).toMatch(/^number \d+ \(trading.live.account\)$/);
    expect(named(checks, 'key')?.seen).toContain('withdraws: no');
    expect(named(checks, 'order-limits')?.seen).toContain('ORDERS 10 SECOND: 0 of 100 used');
    const [listed] = expectOk(await keys.list());
    expect(listed?.checkedMs).toBeGreaterThan(listed?.addedMs ?? Number.POSITIVE_INFINITY);
  });

  it('is well by a clock that is far off, because what is signed is corrected', async () => {
    const { account, add, fault } = await makeWorld();
    await add('main');
    fault({ fault: 'clock-drift', driftMs: -45_000 });
    expect(statuses(await account('main'))).toMatchObject({ 'order-limits': 'ok', 'user-stream': 'ok' });
  });

  it.each([
    ['no key is named', null, true, 'skipped'],
    ['there is no such key', 'other', true, 'failed'],
    ['the key is of another exchange', 'testnet', true, 'failed'],
    ['the exchange does not answer', 'main', false, 'skipped'],
  ] as const)('is not asked where %s', async (_, name, reached, status) => {
    const { account, add } = await makeWorld();
    await add('main');
    await add('testnet', 'binance-testnet');
    expect(statuses(await account(name, reached))).toEqual({
      key: status,
      account: 'skipped',
      'order-limits': 'skipped',
      'user-stream': 'skipped',
    });
  });

  it('whose key the exchange does not take is told with what to look at', async () => {
    const { account, add, fault } = await makeWorld();
    await add('main');
    fault({
      fault: 'refuse',
      where: { channel: 'rest', path: '/sapi/*' },
      status: 401,
      code: -2015,
      message: 'Invalid API-key, IP, or permissions for action.',
      times: 'always',
    });
    const checks = await account('main');
    expect(statuses(checks)).toEqual({
      key: 'failed',
      account: 'skipped',
      'order-limits': 'skipped',
      'user-stream': 'skipped',
    });
    expect(checks[0]).toMatchObject({ facts: { code: 'venue_key' } });
    expect(checks[0]?.todo).toContain('address is listed');
  });

  it.each([
    ['refused', { fault: 'refuse', status: 401, code: -2015, message: 'Invalid API-key.' }, 'venue_key'],
    ['silent', { fault: 'silence' }, 'venue_unreachable'],
    ['cut', { fault: 'cut' }, 'venue_unreachable'],
  ])('whose events are %s is told', async (_, rule, code) => {
    const { account, add, fault } = await makeWorld();
    await add('main');
    fault({ ...rule, where: { channel: 'ws-api', method: 'userDataStream.subscribe.signature' }, times: 'always' });
    const checks = await account('main');
    expect(named(checks, 'user-stream')).toMatchObject({ status: 'failed', facts: { code } });
  });
});

describe('the disk', () => {
  it('is measured where the data lie, and nothing is left there', () => {
    const folder = join(scratch(), 'data');
    const check = diskCheck(folder, systemClock());
    expect(check.facts).toMatchObject({ syncs: 25 });
    expect(Number(check.facts['syncMsMedian'])).toBeLessThanOrEqual(Number(check.facts['syncMsMax']));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is too slow where half of the syncs take more than ten milliseconds', () => {
    const real = systemClock();
    let nowMs = 0;
    const slow = diskCheck(scratch(), { ...real, monotonicMs: () => (nowMs += 12) });
    expect(slow).toMatchObject({ status: 'warning', facts: { syncMsMedian: 12 } });
    const quick = diskCheck(scratch(), { ...real, monotonicMs: () => (nowMs += 2) });
    expect(quick.status).toBe('ok');
  });

  it('that can’t be written is a failure', () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    expect(diskCheck(join(file, 'data'), systemClock()).status).toBe('failed');
  });
});
