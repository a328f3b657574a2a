import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aiTradingConfigSchema } from '@monsta/ai-trading/config';
import { statisticsOf } from '@monsta/simulation/statistics';
import { Backtest } from '@monsta/simulation/backtest';
import { prepareBacktest } from '../backtest/prepare.ts';
import {
  barFile,
  barFiles,
  comparable,
  execute,
  optimized,
  specOf,
  started,
  strategyFile,
  testFolder,
} from './optimize.test-support.ts';

const role = aiTradingConfigSchema.parse({});

describe('an optimisation over threads', { timeout: 120_000 }, () => {
  it('chooses on what is past, and tells beside it what that was worth afterwards', async () => {
    const result = await optimized(specOf(barFile(testFolder(), 1_200)));
    expect(result.windows).toHaveLength(2);
    for (const { train, test, chosen, trials, inSample, outOfSample } of result.windows) {
      expect(test?.fromMs).toBe(train.toMs);
      expect(Number(chosen?.['fast'])).toBeLessThan(Number(chosen?.['slow']));
      expect(trials).toMatchObject({ run: 12, finished: 12, failed: 0 });
      expect(inSample?.statistics?.['bars']).toBe(600);
      expect(outOfSample?.statistics?.['bars']).toBe(300);
    }
    expect(result.outOfSample?.statistics['bars']).toBe(600);
    expect(result.outOfSample?.equity.equity).toHaveLength(601);
    expect(result.map).toHaveLength(1);
    expect(result.parameters).toMatchObject({ ...result.windows[1]?.chosen, interval: '1h' });
    expect(result.trials).toMatchObject({ run: 24, remembered: 24 });
    expect(result.run.barEvaluations).toBeGreaterThan(24 * 600);
  });

  it('leaves what is open at the end of a test, at what that costs, and begins the next one with that', async () => {
    // Long above an average of two: at any close a coin's toss.
    const folder = testFolder();
    const bars = barFile(folder, 1_200);
    const given = { space: { length: { values: [2] } }, trials: 1, mapReach: 0 };
    const { windows, outOfSample } = await optimized(specOf(bars, given, strategyFile(folder, '')));
    const held = windows.map(({ outOfSample: test }) => test?.statistics?.['exposureTime'] ?? 0);
    expect(Math.min(...held)).toBeGreaterThan(0.2);
    for (const { outOfSample: test } of windows) expect(test?.statistics?.['tradesOpen']).toBe(0);
    const ends = windows.map(({ outOfSample: test }) => test?.statistics?.['finalEquity']);
    expect(outOfSample?.statistics['finalEquity']).toBeCloseTo(ends.at(-1) ?? 0, 8);
  });

  it('decides paths inside bars by finer ones, as a backtest with the same parameters does', async () => {
    const folder = testFolder();
    const { hours, quarters } = barFiles(folder, 900);
    const stops = strategyFile(
      folder,
      '',
      'if (position.quantity === 0 && bar.close > mean) bracket({ fraction: 0.5, stopDistance: 0.3, takeProfitDistance: 0.3 });',
    );
    const given = { space: { length: { values: [5, 20] } }, trials: 2, walkForward: null, mapReach: 0 };
    const coarse = specOf(hours, given, stops);
    const fine = { ...coarse, backtest: { ...coarse.backtest, finer: { paths: [quarters] } } };
    const [without, result] = [await optimized(coarse), await optimized(fine)];
    const [window] = result.windows;
    expect(window?.inSample?.statistics).not.toEqual(without.windows[0]?.inSample?.statistics);
    const single = await prepareBacktest({ ...fine.backtest, params: window?.chosen ?? {} }, { role });
    if (!single.ok) throw new Error(single.fault.message);
    const backtest = new Backtest({ ...single.value, records: 'trades' });
    while (backtest.step(1_000));
    expect(window?.inSample?.statistics).toEqual(statisticsOf(backtest.outcome()));
  });

  it('judges by a year of so many days where the backtest has one', async () => {
    const bars = barFile(testFolder(), 1_200);
    const given = { space: { fast: { values: [3, 5] }, slow: { values: [20] } }, trials: 2, objective: 'sharpe' };
    const spec = specOf(bars, given);
    const [byTime, byDays] = [
      await optimized(spec),
      await optimized({ ...spec, backtest: { ...spec.backtest, yearDays: 252 } }),
    ];
    // Hours without a gap: 8,760 returns a year, or 252 × as many as a day has; spans may begin and end in the middle of one.
    for (const [index, { inSample, outOfSample, trials }] of byTime.windows.entries()) {
      const other = byDays.windows[index];
      expect(other?.trials).toEqual(trials);
      expect(other?.inSample?.objective).toBe(other?.inSample?.statistics?.['sharpe']);
      const { bars: hours, days: trained } = other?.inSample?.statistics ?? {};
      const yearly = (252 * (hours ?? NaN)) / (trained ?? NaN);
      expect((other?.inSample?.objective ?? NaN) / (inSample?.objective ?? NaN)).toBeCloseTo(
        Math.sqrt(yearly / 8_760),
        10,
      );
      const growth = 1 + (outOfSample?.statistics?.['totalReturn'] ?? NaN);
      const days = outOfSample?.statistics?.['days'] ?? NaN;
      expect((other?.outOfSample?.returnAnnual ?? NaN) / (growth ** (252 / days) - 1)).toBeCloseTo(1, 10);
    }
    expect(byDays.outOfSample?.honesty['sharpeDaily']).toBe(byDays.outOfSample?.statistics['sharpeDaily']);
    expect(byDays.assumptions.map(({ text }) => text).join('')).toContain('A year: 252 days of the data');
  });

  it('charges commissions in every trial', async () => {
    const bars = barFile(testFolder(), 1_200);
    const spec = specOf(bars, { space: { fast: { values: [3] }, slow: { values: [20] } }, trials: 1 });
    const costs = { ...spec.backtest.costs, makerFeeBps: 0, takerFeeBps: 0, feePerOrder: '0.25' };
    const { windows } = await optimized({ ...spec, backtest: { ...spec.backtest, costs } });
    for (const { inSample, outOfSample } of windows)
      for (const statistics of [inSample?.statistics, outOfSample?.statistics]) {
        expect(statistics?.['fills']).toBeGreaterThan(2);
        expect(statistics?.['fees']).toBeCloseTo(0.25 * (statistics?.['fills'] ?? NaN), 8);
      }
  });

  it('comes to the same on one thread as on three', async () => {
    const spec = specOf(barFile(testFolder(), 800), { trials: 16, earlyStopping: { kind: 'median', trialsMin: 3 } });
    const [one, three] = [await optimized(spec, { workers: 1 }), await optimized(spec, { workers: 3 })];
    expect(comparable(three)).toEqual(comparable(one));
    expect(one.trials.stopped).toBeGreaterThan(0);
  });

  it('is not changed before a moment by anything that comes after it', async () => {
    const folder = testFolder();
    const sane = await optimized(specOf(barFile(folder, 1_200)));
    // The last test begins at bar 900.
    const garbage = await optimized(specOf(barFile(folder, 1_200, 900)));
    expect(garbage.windows[0]).toEqual(sane.windows[0]);
    const [before, after] = [sane.windows[1], garbage.windows[1]];
    expect({ ...after, outOfSample: null, efficiency: null }).toEqual({
      ...before,
      outOfSample: null,
      efficiency: null,
    });
    expect(after?.outOfSample).not.toEqual(before?.outOfSample);
  });

  it('ended in the middle goes on to the same result', async () => {
    const spec = specOf(barFile(testFolder(), 800));
    const whole = await optimized(spec);
    const run = started(spec);
    expect(await execute(run, { stopAfter: 9 })).toEqual({ ok: true, value: null });
    expect(run.folder.summary()).toMatchObject({ state: 'canceled', kind: 'optimization' });
    const lines = readFileSync(join(run.folder.path, 'trials.jsonl'), 'utf8');
    const rest = await execute(run);
    if (!rest.ok || rest.value === null) throw new Error('it did not come to its end');
    expect(comparable(rest.value)).toEqual(comparable(whole));
    expect(run.folder.result()).toEqual(rest.value);
    expect(run.folder.summary()).toMatchObject({ state: 'done', progress: 1 });
    // What was done is not done again.
    expect(readFileSync(join(run.folder.path, 'trials.jsonl'), 'utf8').startsWith(lines)).toBe(true);
    expect(existsSync(join(run.folder.path, 'report.html'))).toBe(true);
  });

  it('does not go on with another strategy than it began with', async () => {
    const folder = testFolder();
    const spec = specOf(barFile(folder, 400), { space: { length: [2, 50] } }, strategyFile(folder, ''));
    const run = started(spec);
    await execute(run, { stopAfter: 3 });
    strategyFile(folder, '// edited');
    expect(await execute(run)).toMatchObject({ ok: false, fault: { code: 'optimization_changed' } });
    expect(run.folder.summary()).toMatchObject({ state: 'failed', fault: { code: 'optimization_changed' } });
  });

  it('takes a trial whose strategy throws for a failed one, and says where it threw', async () => {
    const folder = testFolder();
    const file = strategyFile(folder, "if (parameters.length % 5 === 0) throw new Error('unlucky');");
    const spec = specOf(barFile(folder, 400), { space: { length: [2, 13] }, sampler: 'grid', walkForward: null }, file);
    const result = await optimized(spec);
    expect(result.trials).toMatchObject({ run: 12, finished: 10, failed: 2 });
    expect(result.windows[0]?.failures).toEqual([{ message: `Error: unlucky at ${file}:7`, trials: 2 }]);
    expect(result.outOfSample).toBeNull();
    expect(result.warnings.map(({ text }) => text).join('\n')).toMatch(
      /Nothing was tested out of sample[^]*2 of 12 trials failed/,
    );
  });

  it('cuts off a strategy that does not return, and goes on without that trial', async () => {
    const folder = testFolder();
    const file = strategyFile(folder, 'if (parameters.length === 7) for (;;);');
    const spec = specOf(
      barFile(folder, 300),
      { space: { length: [5, 10] }, sampler: 'grid', walkForward: null, mapReach: 0 },
      file,
    );
    const result = await optimized(spec, { stuckAfterMs: 4_000 });
    expect(result.trials).toMatchObject({ run: 6, finished: 5, failed: 1 });
    expect(result.windows[0]?.failures[0]?.message).toMatch(/did not return.*cut off/);
  });

  it('replaces a thread that a strategy has ended', async () => {
    const folder = testFolder();
    const file = strategyFile(folder, 'if (parameters.length === 7) process.exit(3);');
    const spec = specOf(
      barFile(folder, 300),
      { space: { length: [5, 10] }, sampler: 'grid', walkForward: null, mapReach: 0 },
      file,
    );
    expect((await optimized(spec)).trials).toMatchObject({ run: 6, finished: 5, failed: 1 });
  });
});
