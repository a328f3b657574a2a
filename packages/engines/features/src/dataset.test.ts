import { expectOk } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barAt, walkColumns, withFlow } from './bars.test-support.ts';
import type { BarColumns } from './bar-columns.ts';
import { datasetsSteps, datasetSteps, type Dataset, type DatasetOptions } from './dataset.ts';
import { featureSet } from './feature-set.ts';
import { FeatureStream } from './feature-stream.ts';
import { FLOW_SET, STANDARD_SET } from './shipped-sets.ts';
import { runSteps } from './steps.ts';
import { defineFeature } from './user-feature.ts';

const dataset = (columns: BarColumns, horizonBars: number, options?: DatasetOptions): Dataset =>
  expectOk(runSteps(datasetSteps(columns, horizonBars, options)));

const sumOf = (counts: object): number => Object.values<number>({ ...counts }).reduce((sum, count) => sum + count, 0);

describe('a dataset of any set', () => {
  it('of several horizons is what each horizon alone gives', () => {
    const columns = walkColumns(3, 700, { gapsAt: [500] });
    const together = expectOk(runSteps(datasetsSteps(columns, [1, 4, 24], { set: STANDARD_SET, missing: 'keep' })));
    expect(together).toEqual(
      [1, 4, 24].map((horizonBars) => dataset(columns, horizonBars, { set: STANDARD_SET, missing: 'keep' })),
    );
  });

  it('holds the log return that goes with the direction', () => {
    const columns = walkColumns(4, 600);
    const { rows, barIndex, logReturn, up, features, width } = dataset(columns, 4, { set: STANDARD_SET });
    expect(rows).toBe(600 - (STANDARD_SET.warmUpBars - 1) - 4);
    expect(features.some(Number.isNaN)).toBe(false);
    expect(features).toHaveLength(rows * width);
    for (let row = 0; row < rows; row += 1) {
      const bar = barIndex[row] ?? 0;
      const [now = Number.NaN, later = Number.NaN] = [columns.close[bar], columns.close[bar + 4]];
      expect(logReturn[row]).toBe(Math.log(later / now));
      expect(up[row]).toBe(later > now ? 1 : 0);
    }
  });

  it('keeps rows of which half is known where a model takes missing values, and accounts for every bar', () => {
    fc.assert(
      fc.property(fc.integer(), fc.uniqueArray(fc.integer({ min: 1, max: 599 }), { maxLength: 3 }), (seed, gapsAt) => {
        const columns = withFlow(walkColumns(seed, 600, { gapsAt }), seed);
        const [dropping, keeping] = (['drop', 'keep'] as const).map((missing) =>
          dataset(columns, 4, { set: FLOW_SET, missing }),
        );
        if (dropping === undefined || keeping === undefined) throw new Error('there are no datasets');
        for (const { rows, dropped } of [dropping, keeping]) expect(rows + sumOf(dropped)).toBe(600);
        expect(keeping.rows).toBeGreaterThan(dropping.rows);
        expect(dropping.features.some(Number.isNaN)).toBe(false);
        // What is complete is the same in both.
        for (let row = 0; row < dropping.rows; row += 7) {
          const other = keeping.barIndex.indexOf(dropping.barIndex[row] ?? -1);
          const { width } = keeping;
          expect([...keeping.features.subarray(other * width, (other + 1) * width)]).toEqual([
            ...dropping.features.subarray(row * width, (row + 1) * width),
          ]);
        }
        for (let row = 0; row < keeping.rows; row += 1) {
          const values = keeping.features.subarray(row * keeping.width, (row + 1) * keeping.width);
          expect(2 * values.filter((value) => !Number.isNaN(value)).length).toBeGreaterThanOrEqual(keeping.width);
        }
      }),
      { numRuns: 4 },
    );
  });

  it('names the set that its columns are of', () => {
    const { featureSet: named, featureNames } = dataset(walkColumns(5, 500), 1, { set: STANDARD_SET });
    expect(named).toEqual({ id: 'standard', version: 1, hash: STANDARD_SET.hash });
    expect(featureNames).toEqual(STANDARD_SET.names);
  });
});

describe('a feature of somebody’s own that fails', () => {
  const set = expectOk(
    featureSet({ id: 'mine', version: 1, features: [{ feature: 'log_return' }] }, [
      defineFeature({
        name: 'own',
        bars: 3,
        value: (bars) => {
          if ((bars[2]?.close ?? 0) > 1e6) throw new Error('too dear');
          return 1;
        },
      }),
    ]),
  );

  it('ends the dataset with its name and what it said', () => {
    const columns = walkColumns(6, 60);
    for (const name of ['open', 'high', 'low', 'close'] as const) columns[name].fill(2e6, 40, 41);
    const made = runSteps(datasetSteps(columns, 1, { set }));
    expect(made.ok ? 'ok' : `${made.fault.code}: ${made.fault.message}`).toBe(
      'feature_failed: the feature own threw: too dear',
    );
  });

  it('refuses the bar in a stream, which begins anew with the next', () => {
    const columns = walkColumns(6, 60);
    const stream = new FeatureStream('1h', { set });
    for (let index = 0; index < 10; index += 1) expectOk(stream.push(barAt(columns, index)));
    const dear = { ...barAt(columns, 10), open: 2e6, high: 2e6, low: 2e6, close: 2e6 };
    const pushed = stream.push(dear);
    expect([pushed.ok ? 'ok' : pushed.fault.code, stream.current().kind]).toEqual(['feature_failed', 'short']);
    for (let index = 10; index < 13; index += 1) expectOk(stream.push(barAt(columns, index)));
    expect(stream.current().kind).toBe('row');
  });
});
