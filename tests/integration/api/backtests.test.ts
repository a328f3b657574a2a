import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap, type MonstaClient } from '@monsta/client';
import { topics, type BacktestSpecInput, type BacktestSummary } from '@monsta/contracts';
import { expectOk } from '@monsta/core';
import { describe, expect, it, vi } from 'vitest';
import { backtestWorld, change, strategyFile, T0 } from './backtest-world.test-support.ts';
import { call, expectDocumented, get, type Answer } from './world.test-support.ts';

const SPEC: BacktestSpecInput = {
  strategy: 'ema-cross',
  params: { fast: 5, slow: 20, interval: '1h' },
  data: { kind: 'file', paths: ['waves.csv'] },
  instruments: ['BTCUSDT'],
  interval: '1h',
};
const wait = { timeout: 20_000 };

/** As soon as it is there. */
const ended = async (client: MonstaClient, id: string): Promise<BacktestSummary> =>
  vi.waitFor(async () => {
    const summary = unwrap(await client.backtest(id));
    if (summary.state === 'queued' || summary.state === 'running') throw new Error(`it is ${summary.state}`);
    return summary;
  }, wait);

describe('backtests over REST', () => {
  it('run on a thread of their own, and tell what came of them in parts that fit a page', async () => {
    const { world, client } = await backtestWorld();
    const heard: BacktestSummary[] = [];
    expectOk(
      world.stream.subscribe({
        subject: topics.backtests,
        queueMax: 1_000,
        overflow: 'end',
        onMessage: ({ payload }) => void heard.push(payload as BacktestSummary),
      }),
    );
    const queued = await change(world, '/api/v1/backtests', 'POST', SPEC);
    await expectDocumented(world, '/api/v1/backtests', queued, 'POST');
    expect(queued).toMatchObject({ status: 202, body: { state: 'queued', strategy: 'ema-cross', kind: 'backtest' } });
    const { id } = queued.body as BacktestSummary;
    const done = await ended(client, id);
    expect(done).toMatchObject({ state: 'done', progress: 1, startMs: T0, fault: null });

    const list = await get(world, '/api/v1/backtests');
    expect(list.body).toMatchObject({ items: [{ id, state: 'done' }], nextCursor: null });
    const detail = unwrap(await client.backtest(id));
    expect(detail.spec).toMatchObject({ data: { paths: ['waves.csv'] }, strategy: 'ema-cross' });
    expect(detail.result?.data).toMatchObject([{ source: 'waves.csv', bars: 3_000, gaps: 0 }]);
    expect(detail.result?.assumptions.length).toBeGreaterThan(5);
    expect(detail.statistics?.['totalReturn']).not.toBeNull();
    await expectDocumented(world, '/api/v1/backtests/{id}', await call(world, `/api/v1/backtests/${id}`));

    const trades = unwrap(await client.backtestTrades(id, { limit: 7 }));
    const more = unwrap(await client.backtestTrades(id, { limit: 500, cursor: trades.nextCursor ?? '' }));
    const all = [...trades.items, ...more.items];
    expect(trades.items).toHaveLength(7);
    expect(more.nextCursor).toBeNull();
    expect(all).toHaveLength((detail.result?.summary.trades ?? 0) + (detail.result?.summary.tradesOpen ?? 0));
    expect(all.map(({ openedMs }) => openedMs)).toEqual(all.map(({ openedMs }) => openedMs).toSorted((a, b) => b - a));

    const curve = unwrap(await client.backtestEquity(id, { points: 100 }));
    expect(curve.total).toBe(3_001);
    expect(curve.timeMs.length).toBeLessThanOrEqual(100);
    expect(curve.equity[0]).toBe(10_000);
    expect(curve.equity.at(-1)).toBe(detail.result?.summary.finalEquity);
    expect(Math.max(...curve.drawdown)).toBeCloseTo(detail.statistics?.['maxDrawdown'] ?? NaN, 10);
    const prices = unwrap(await client.backtestPrices(id, { points: 300 }));
    expect(prices).toMatchObject({ instrument: 'BTCUSDT', total: 3_000 });
    expect(prices.openTimeMs).toHaveLength(300);
    for (const path of ['trades', 'equity', 'prices'])
      await expectDocumented(
        world,
        `/api/v1/backtests/{id}/${path}`,
        await call(world, `/api/v1/backtests/${id}/${path}`),
      );
    expect((await call(world, `/api/v1/backtests/${id}/prices?instrument=ETHUSDT`)).body).toMatchObject({
      error: { code: 'instrument_unknown' },
    });

    const report = await call(world, `/api/v1/backtests/${id}/report?language=ko`);
    await expectDocumented(world, '/api/v1/backtests/{id}/report', report);
    expect(report.text).toContain('<html lang="ko"');
    expect(report.headers['content-security-policy']).toContain("default-src 'none'");
    expect(report.headers['content-security-policy']).not.toContain('script');
    const told = unwrap(await client.backtestStatistics('en'));
    await get(world, '/api/v1/backtests/statistics?language=ko');
    expect(Object.keys(detail.statistics ?? {}).toSorted()).toEqual(told.items.map(({ name }) => name).toSorted());

    await vi.waitFor(() => expect(heard.at(-1)).toMatchObject({ id, state: 'done' }), wait);
    expect(heard[0]).toMatchObject({ id, state: 'queued', progress: 0 });
    expect(heard.some(({ state }) => state === 'running')).toBe(true);

    const removed = await change(world, `/api/v1/backtests/${id}`, 'DELETE', undefined);
    await expectDocumented(world, '/api/v1/backtests/{id}', removed, 'DELETE');
    expect(removed.body).toEqual({ removed: id });
    expect(existsSync(join(world.folder, 'backtests', id))).toBe(false);
    expect((await get(world, '/api/v1/backtests')).body).toMatchObject({ items: [] });
  }, 40_000);

  it('need the token to be run, canceled and removed', async () => {
    const { world } = await backtestWorld();
    for (const [method, path, body] of [
      ['POST', '/api/v1/backtests', SPEC],
      ['POST', '/api/v1/backtests/x/cancel', {}],
      ['DELETE', '/api/v1/backtests/x', undefined],
    ] as const)
      expect(
        (await call(world, path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).status,
      ).toBe(401);
    expect((await get(world, '/api/v1/backtests')).body).toMatchObject({ items: [] });
  });

  it('say what may be run: strategies with their parameters, bars that are collected, files below the named folders', async () => {
    const { world } = await backtestWorld();
    writeFileSync(join(world.folder, 'strategies/own.ts'), strategyFile('onBar() {}'));
    writeFileSync(join(world.folder, 'strategies/broken.ts'), 'export default 7;');
    const answer = await get(world, '/api/v1/backtests/choices');
    expect(answer.body).toMatchObject({
      strategies: expect.arrayContaining([
        expect.objectContaining({ strategy: 'ema-cross', from: 'shipped', fault: null }),
        expect.objectContaining({
          strategy: 'own.ts',
          from: 'file',
          parameterSpecs: { level: { kind: 'integer', default: 3, min: 1, max: 9 } },
        }),
        expect.objectContaining({
          strategy: 'broken.ts',
          parameterSpecs: null,
          fault: expect.objectContaining({ code: 'strategy_invalid' }) as object,
        }),
      ]) as unknown,
      sources: expect.arrayContaining([
        expect.objectContaining({ kind: 'collected', instrument: 'BTCUSDT', interval: '1m', bars: 9 }),
        expect.objectContaining({ kind: 'file', path: 'waves.csv' }),
      ]) as unknown,
      truncated: false,
    });
    writeFileSync(join(world.folder, 'strategies/broken.ts'), strategyFile('onBar() {}'));
    const again = await get(world, '/api/v1/backtests/choices');
    expect(JSON.stringify(again.body)).not.toContain('strategy_invalid');
  }, 40_000);

  it('take commissions, the moment at which orders act, and how many days a year has', async () => {
    const { world, client } = await backtestWorld();
    const terms = { yearDays: 252, costs: { takerFeeBps: 0, makerFeeBps: 0, feePerOrder: '0.25' } };
    const spec = { ...SPEC, ...terms, fills: { acts: 'next-close' } };
    const queued = await change(world, '/api/v1/backtests', 'POST', spec);
    expect(queued.status).toBe(202);
    const { id } = queued.body as BacktestSummary;
    await ended(client, id);
    const { spec: kept, result, statistics } = unwrap(await client.backtest(id));
    expect(kept).toMatchObject(terms);
    expect(statistics?.['fees']).toBeCloseTo(0.25 * (statistics?.['fills'] ?? NaN), 8);
    const growth = 1 + (statistics?.['totalReturn'] ?? NaN);
    expect((1 + (statistics?.['cagr'] ?? NaN)) / growth ** (252 / (statistics?.['days'] ?? NaN))).toBeCloseTo(1, 8);
    const codes = result?.assumptions.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['commission', 'year', 'fills-bars']));
  }, 40_000);

  it('name every fault with its place, and run nothing', async () => {
    const { world } = await backtestWorld();
    const post = (more: object) => change(world, '/api/v1/backtests', 'POST', { ...SPEC, ...more });
    const faultsOf = (answer: Answer): unknown =>
      (answer.body as { error: { details: { faults: { where: string; code: string }[] } } }).error.details.faults.map(
        ({ where, code }) => `${where} ${code}`,
      );
    const wrong = await post({
      params: { fast: 1_000, nonsense: 1 },
      data: { kind: 'file', paths: ['waves.csv', '../keys.csv'] },
      fromMs: T0 + 5,
      toMs: T0,
    });
    expect(wrong.status).toBe(422);
    await expectDocumented(world, '/api/v1/backtests', wrong, 'POST');
    expect(faultsOf(wrong)).toEqual([
      'body.toMs backtest_spec',
      'body.data.paths backtest_spec',
      'body.data.paths.1 backtest_forbidden',
      'body.params.fast parameters_invalid',
      'body.params.nonsense parameters_invalid',
    ]);
    expect(faultsOf(await post({ params: { fast: 20, slow: 5 } }))).toEqual(['body.params parameters_invalid']);
    expect(faultsOf(await post({ strategy: join(world.folder, 'strategies/own.ts') }))).toEqual([
      'body.strategy backtest_forbidden',
    ]);
    expect(faultsOf(await post({ cash: '-5' }))).toEqual(['body.cash parameter_invalid']);
    const costs = { feePerOrder: '-1', feeMinimum: '0.000000001' };
    expect(faultsOf(await post({ yearDays: 0, costs, fills: { acts: 'later' } }))).toEqual([
      'body.costs.feePerOrder parameter_invalid',
      'body.costs.feeMinimum parameter_invalid',
      'body.fills.acts parameter_invalid',
      'body.yearDays parameter_invalid',
    ]);
    expect(faultsOf(await post({ costs: { feePerUnit: '1', feesFrom: 'received' }, short: {} }))).toEqual([
      'body.costs.feesFrom backtest_spec',
      'body.costs.feesFrom backtest_spec',
    ]);
    expect(faultsOf(await post({ data: { kind: 'collected' }, instruments: ['NOPEUSDT'], interval: null }))).toEqual([
      'body.interval backtest_spec',
      'body.instruments backtest_spec',
    ]);
    expect((await get(world, '/api/v1/backtests')).body).toMatchObject({ items: [] });
  }, 40_000);

  it('fail alone, and say why', async () => {
    const { world, client } = await backtestWorld();
    writeFileSync(join(world.folder, 'data/broken.csv'), 'openTimeMs,open,high,low,close,volume\n1,2,3\n');
    const { id } = unwrap(await client.runBacktest({ ...SPEC, data: { kind: 'file', paths: ['broken.csv'] } }));
    const failed = await ended(client, id);
    expect(failed).toMatchObject({
      state: 'failed',
      fault: { message: expect.stringContaining('broken.csv') as string },
    });
    expect(await client.backtestEquity(id)).toMatchObject({ fault: { code: 'backtest_without_result' } });
    expect(unwrap(await client.backtest(id)).result).toBeNull();
  }, 40_000);

  it('are canceled while they wait and while they run', async () => {
    const { world, client } = await backtestWorld();
    // A bar takes its time: it runs until it is told to end.
    const slow = 'onBar() { const end = performance.now() + 3; while (performance.now() < end); }';
    writeFileSync(join(world.folder, 'strategies/slow.ts'), strategyFile(slow));
    const running = unwrap(await client.runBacktest({ ...SPEC, strategy: 'slow.ts', params: {} }));
    const waiting = unwrap(await client.runBacktest(SPEC));
    await vi.waitFor(async () => {
      expect(unwrap(await client.backtest(running.id))).toMatchObject({ state: 'running' });
      expect(unwrap(await client.backtest(running.id)).progress).toBeGreaterThan(0);
    }, wait);
    const first = unwrap(await client.backtests({ limit: 1 }));
    const second = unwrap(await client.backtests({ limit: 1, cursor: first.nextCursor ?? '' }));
    const newest = [running.id, waiting.id].toSorted().toReversed();
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(newest);
    expect(second.nextCursor).toBeNull();
    expect(await client.backtests({ cursor: 'nonsense' })).toMatchObject({ fault: { code: 'cursor_invalid' } });
    expect(await client.backtestEquity(running.id)).toMatchObject({ fault: { code: 'backtest_unfinished' } });
    expect(await client.removeBacktest(running.id)).toMatchObject({ fault: { code: 'backtest_unfinished' } });
    expect(unwrap(await client.cancelBacktest(waiting.id)).state).toBe('canceled');
    unwrap(await client.cancelBacktest(running.id));
    expect(await ended(client, running.id)).toMatchObject({ state: 'canceled', fault: null });
    expect(await client.cancelBacktest(running.id)).toMatchObject({ fault: { code: 'backtest_final' } });
    expect(await client.cancelBacktest('nothing')).toMatchObject({ fault: { code: 'backtest_unknown' } });
    unwrap(await client.removeBacktest(running.id));
    unwrap(await client.removeBacktest(waiting.id));
    expect(unwrap(await client.backtests()).items).toEqual([]);
  }, 60_000);

  it('are refused when too many wait, and without the role that does them', async () => {
    const off = await backtestWorld({ backtests: { roles: ['price-collector'] } });
    expect(await off.client.runBacktest(SPEC)).toMatchObject({ fault: { code: 'worker_off' } });
    expect(unwrap(await off.client.backtests()).items).toEqual([]);
    const full = await backtestWorld({ backtests: { queuedMax: 1 } });
    writeFileSync(
      join(full.world.folder, 'strategies/slow.ts'),
      strategyFile('onBar() { const end = performance.now() + 50; while (performance.now() < end); }'),
    );
    const slow = { ...SPEC, strategy: 'slow.ts', params: {} };
    const { id } = unwrap(await full.client.runBacktest(slow));
    await vi.waitFor(async () => expect(unwrap(await full.client.backtest(id)).state).toBe('running'), wait);
    const waits = unwrap(await full.client.runBacktest(slow));
    expect(await full.client.runBacktest(slow)).toMatchObject({ fault: { code: 'queue_full', retry: 'retryable' } });
    expect(unwrap(await full.client.backtests()).items.map((each) => each.id)).toEqual(
      [waits.id, id].toSorted().toReversed(),
    );
    unwrap(await full.client.cancelBacktest(id));
  }, 60_000);
});
