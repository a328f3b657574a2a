import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { optimizationSpecSchema, type OptimizationSpecInput, type OptimizationSummary } from '@monsta/contracts';
import { describe, expect, it, vi } from 'vitest';
import {
  barFile,
  comparable,
  execute,
  optimized,
  specOf,
  started,
} from '../../../apps/monsta/src/optimize/optimize.test-support.ts';
import { backtestWorld, change, strategyFile } from './backtest-world.test-support.ts';
import { call, expectDocumented, get, startWorld } from './world.test-support.ts';

const PATH = '/api/v1/optimizations';
const wait = { timeout: 20_000 };
const SEARCH = {
  backtest: {
    strategy: 'sma-cross',
    data: { kind: 'file', paths: ['waves.csv'] },
    instruments: ['BTCUSDT'],
    interval: '1h',
  },
  space: { fast: [2, 20], slow: [21, 60] },
  trials: 12,
  walkForward: { train: '50%', test: '25%' },
  mapReach: 0,
} as const satisfies OptimizationSpecInput;

/** As soon as it is there. */
const ended = async (client: MonstaClient, id: string): Promise<OptimizationSummary> =>
  vi.waitFor(async () => {
    const summary = unwrap(await client.optimization(id));
    if (summary.state === 'queued' || summary.state === 'running') throw new Error(`it is ${summary.state}`);
    return summary;
  }, wait);

describe('optimisations over REST', () => {
  it('are read as monsta optimize has left them: windows, choice, maps, warnings and the report', async () => {
    const world = await startWorld();
    const client = new MonstaClient({ baseUrl: world.url });
    expect((await get(world, PATH)).body).toEqual({ items: [], nextCursor: null });
    const spec = specOf(barFile(world.folder, 700));
    const run = started(spec, { dataDir: world.folder });
    const { id } = run.folder;
    const ended = await execute(run);
    if (!ended.ok || ended.value === null) throw new Error('it did not end');
    const result = ended.value;

    const list = await get(world, PATH);
    await expectDocumented(world, PATH, list);
    expect(list.body).toMatchObject({
      items: [
        {
          ...{ id, kind: 'optimization', state: 'done', strategy: 'sma-cross', instruments: ['BTCUSDT'], tested: true },
          ...{ objective: { name: 'sharpe', better: 'max' }, sampler: 'tpe', trialsMax: 12 },
          statistics: { totalReturn: result.outOfSample?.statistics['totalReturn'] },
        },
      ],
    });
    await expectDocumented(world, `${PATH}/{id}`, await call(world, `${PATH}/${id}`));
    const detail = unwrap(await client.optimization(id));
    expect(detail.result?.windows).toEqual(result.windows);
    expect(detail.result?.map).toEqual(result.map);
    expect(detail.result?.map[0]?.rows.name).toBe('fast');
    expect(detail.result).toMatchObject({ parameters: result.parameters, warnings: result.warnings });
    // Where the bars lie on the machine is not told.
    expect(detail.spec.backtest.data).toMatchObject({ kind: 'file', paths: [expect.not.stringContaining('/')] });

    const report = await call(world, `${PATH}/${id}/report`);
    await expectDocumented(world, `${PATH}/{id}/report`, report);
    expect(report.text).toContain('Around the newest choice');
    expect(report.headers['content-security-policy']).toContain("default-src 'none'");
    expect(report.headers['content-security-policy']).not.toContain('script');
  });

  it('tell how far one is that another process runs, and why one ended without a result', async () => {
    const world = await startWorld();
    const client = new MonstaClient({ baseUrl: world.url });
    const spec = specOf(barFile(world.folder, 300), { walkForward: null, objective: 'maxDrawdown' });
    const [first, second] = [
      started(spec, { dataDir: world.folder, name: 'a' }),
      started(spec, { dataDir: world.folder, name: 'b' }),
    ];
    for (const { folder } of [first, second])
      folder.writeSummary({
        ...{ id: folder.id, kind: 'optimization', state: 'running', createdMs: 1, finishedMs: null, progress: 0.25 },
        ...{ strategy: 'sma-cross', instruments: ['BTCUSDT'], interval: '1h', startMs: null, endMs: null },
        ...{ statistics: null, fault: null },
      });
    const lock = second.folder.take();
    if (!lock.ok) throw new Error(lock.fault.message);

    const newest = unwrap(await client.optimizations({ limit: 1 }));
    expect(newest.items).toMatchObject([
      { id: second.folder.id, state: 'running', progress: 0.25, tested: false, objective: { better: 'min' } },
    ]);
    const rest = unwrap(await client.optimizations({ limit: 1, cursor: newest.nextCursor ?? '' }));
    expect(rest).toMatchObject({
      items: [{ id: first.folder.id, state: 'failed', fault: { code: 'optimization_interrupted' } }],
      nextCursor: null,
    });
    expect(unwrap(await client.optimization(second.folder.id)).result).toBeNull();
    const unfinished = await call(world, `${PATH}/${second.folder.id}/report`);
    expect(unfinished).toMatchObject({ status: 409, body: { error: { code: 'optimization_unfinished' } } });
    lock.value.release();
    const without = await call(world, `${PATH}/${first.folder.id}/report`);
    expect(without).toMatchObject({ status: 409, body: { error: { code: 'optimization_without_result' } } });
  });

  it('that are not there, or can’t be read, are told by their code and without paths', async () => {
    const world = await startWorld();
    const { folder } = started(specOf(barFile(world.folder, 300)), { dataDir: world.folder });
    const gone = await call(world, `${PATH}/nothing-here`);
    expect(gone).toMatchObject({ status: 404, body: { error: { code: 'optimization_unknown' } } });
    expect(gone.text).not.toContain(world.folder);
    expect(await call(world, `${PATH}/..%2F..%2Fetc`)).toMatchObject({ status: 404 });
    writeFileSync(join(folder.path, 'spec.json'), '{');
    const damaged = await call(world, `${PATH}/${folder.id}`);
    expect(damaged).toMatchObject({ status: 503, body: { error: { code: 'optimization_unreadable' } } });
    expect((await get(world, PATH)).body).toEqual({ items: [], nextCursor: null });
    const cursor = await call(world, `${PATH}?cursor=bogus`);
    expect(cursor).toMatchObject({ status: 400, body: { error: { code: 'cursor_invalid' } } });
  });

  it('run from a specification to the result that the command line has of it, and are removed', async () => {
    const { world, client } = await backtestWorld();
    const file = join(world.folder, 'data/waves.csv');
    const asked = { ...SEARCH, mapReach: 1, language: 'ko' } as const;
    const answer = await change(world, PATH, 'POST', asked);
    await expectDocumented(world, PATH, answer, 'POST');
    expect(answer).toMatchObject({
      status: 202,
      body: { kind: 'optimization', state: 'queued', progress: 0, trialsMax: 12, tested: true },
    });
    const { id } = answer.body as { id: string };
    const done = await ended(client, id);
    expect(done).toMatchObject({ state: 'done', progress: 1, strategy: 'sma-cross', fault: null });
    expect(unwrap(await client.optimizations()).items).toMatchObject([{ id, state: 'done', progress: 1 }]);

    const command = await optimized(
      optimizationSpecSchema.parse({
        ...asked,
        backtest: { ...asked.backtest, data: { kind: 'file', paths: [file] } },
      }),
    );
    const { result, spec } = unwrap(await client.optimization(id));
    if (result === null) throw new Error('it has no result');
    const whole = comparable({ ...result, id, spec }) as object;
    expect({ ...whole, spec: null }).toEqual({ ...(comparable(command) as object), spec: null });

    const report = await call(world, `${PATH}/${id}/report?language=ko`);
    expect(report.text).toContain('<html lang="ko"');
    const left = join(world.folder, 'optimizations', id, 'report.html');
    expect(readFileSync(left, 'utf8')).toBe(report.text);
    expect(report.text).toMatch(/전진 분석: 2개 구간/);
    const removed = await change(world, `${PATH}/${id}`, 'DELETE', undefined);
    await expectDocumented(world, `${PATH}/{id}`, removed, 'DELETE');
    expect(unwrap(await client.optimizations()).items).toEqual([]);
    expect((await call(world, `${PATH}/${id}`)).status).toBe(404);
  }, 60_000);

  it('run on what the program collects', async () => {
    const { client } = await backtestWorld();
    const backtest = { ...SEARCH.backtest, data: { kind: 'collected' } as const, interval: '1m' as const };
    const { id } = unwrap(
      await client.runOptimization({ ...SEARCH, backtest, space: { fast: [1, 2], slow: [3, 4] }, walkForward: null }),
    );
    const told = await ended(client, id);
    // Nine bars are all that it has: the answer is about them.
    expect(told.fault?.message ?? told.state).toMatch(
      /done|bars of BTCUSDT before its first decision, and there are 9/,
    );
  }, 60_000);

  it('name every fault with its place, and run nothing', async () => {
    const { world } = await backtestWorld();
    const faultsOf = async (more: object): Promise<unknown> => {
      const answer = await change(world, PATH, 'POST', { ...SEARCH, ...more });
      expect([400, 422]).toContain(answer.status);
      await expectDocumented(world, PATH, answer, 'POST');
      const { error } = answer.body as { error: { details: { faults: { where: string; code: string }[] } } };
      return error.details.faults.map(({ where, code }) => `${where} ${code}`);
    };
    expect(await faultsOf({ space: { fast: [2, 20], lenght: [2, 60] } })).toEqual(['body.space optimization_spec']);
    expect(await faultsOf({ objective: 'sharp' })).toEqual(['body.objective optimization_spec']);
    expect(await faultsOf({ sampler: 'grid', trials: 5 })).toEqual(['body.sampler optimization_spec']);
    expect(await faultsOf({ trials: 0 })).toEqual(['body.trials parameter_invalid']);
    expect(await faultsOf({ walkForward: { train: 'long' } })).toEqual(['body.walkForward.train parameter_invalid']);
    const { backtest } = SEARCH;
    expect(await faultsOf({ backtest: { ...backtest, data: { kind: 'ticks', paths: ['waves.csv'] } } })).toEqual([
      'body.backtest.data.kind optimization_spec',
    ]);
    expect(
      await faultsOf({
        backtest: {
          ...backtest,
          data: { kind: 'file', paths: ['../keys.csv'] },
          params: { fast: 1_000 },
          toMs: 1,
          fromMs: 2,
        },
      }),
    ).toEqual([
      'body.backtest.toMs backtest_spec',
      'body.backtest.data.paths.0 backtest_forbidden',
      'body.backtest.params.fast parameters_invalid',
    ]);
    expect((await get(world, PATH)).body).toMatchObject({ items: [] });
  }, 40_000);

  it('that can’t be done fail alone, and say why', async () => {
    const { client } = await backtestWorld();
    const { id } = unwrap(await client.runOptimization({ ...SEARCH, walkForward: { train: '900d', test: '90d' } }));
    expect(await ended(client, id)).toMatchObject({
      state: 'failed',
      fault: { message: expect.stringContaining('one window needs 990d') as string },
    });
  }, 40_000);

  it('are canceled while they wait and while they run, and keep nobody from what else there is', async () => {
    const { world, client } = await backtestWorld();
    writeFileSync(
      join(world.folder, 'strategies/slow.ts'),
      strategyFile('onBar() { const end = performance.now() + 3; while (performance.now() < end); }'),
    );
    const slow = { ...SEARCH, backtest: { ...SEARCH.backtest, strategy: 'slow.ts' }, space: null };
    const running = unwrap(await client.runOptimization(slow));
    await vi.waitFor(async () => {
      expect(unwrap(await client.optimization(running.id)).state).toBe('running');
    }, wait);
    const waiting = unwrap(await client.runOptimization(SEARCH));
    expect(await client.removeOptimization(running.id)).toMatchObject({ fault: { code: 'optimization_unfinished' } });
    // It is of another kind: neither desk ends the other's.
    expect(await client.cancelBacktest(running.id)).toMatchObject({ fault: { code: 'backtest_unknown' } });
    expect(unwrap(await client.cancelOptimization(waiting.id)).state).toBe('canceled');
    unwrap(await client.cancelOptimization(running.id));
    expect(await ended(client, running.id)).toMatchObject({ state: 'canceled', fault: null });
    expect(await client.cancelOptimization(running.id)).toMatchObject({ fault: { code: 'optimization_final' } });
    expect(await client.cancelOptimization('nothing')).toMatchObject({ fault: { code: 'optimization_unknown' } });
    for (const { id } of [running, waiting]) unwrap(await client.removeOptimization(id));
    expect(unwrap(await client.optimizations()).items).toEqual([]);
  }, 60_000);

  it('need the token to be run, canceled and removed', async () => {
    const { world } = await backtestWorld();
    for (const [method, path, body] of [
      ['POST', PATH, SEARCH],
      ['POST', `${PATH}/x/cancel`, {}],
      ['DELETE', `${PATH}/x`, undefined],
    ] as const)
      expect(
        (await call(world, path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })).status,
      ).toBe(401);
    expect((await get(world, PATH)).body).toMatchObject({ items: [] });
  });
});
