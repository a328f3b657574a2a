import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MonstaClient, unwrap } from '@monsta/client';
import { describe, expect, it } from 'vitest';
import { barFile, execute, specOf, started } from '../../../apps/monsta/src/optimize/optimize.test-support.ts';
import { call, expectDocumented, get, startWorld } from './world.test-support.ts';

const PATH = '/api/v1/optimizations';

describe('optimisations over REST', () => {
  it('are read as monsta optimize has left them: windows, choice, maps, warnings and the report', async () => {
    const world = await startWorld();
    const client = new MonstaClient({ baseUrl: world.url });
    expect((await get(world, PATH)).body).toEqual({ items: [], nextCursor: null });
    const spec = specOf(barFile(world.folder, 700));
    const run = await started(spec, { dataDir: world.folder });
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
      await started(spec, { dataDir: world.folder, name: 'a' }),
      await started(spec, { dataDir: world.folder, name: 'b' }),
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
    const { folder } = await started(specOf(barFile(world.folder, 300)), { dataDir: world.folder });
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
});
