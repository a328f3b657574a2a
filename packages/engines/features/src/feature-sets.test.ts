import { expectOk, intervalMs, type Interval } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barAt, sliceColumns, walkColumns, withFlow } from './bars.test-support.ts';
import type { BarColumns, BarValues } from './bar-columns.ts';
import { writeFeatureRow } from './core-features.test-support.ts';
import { featureMatrixSteps, type FeatureMatrix, type OtherBars } from './feature-matrix.ts';
import { featureSet, type FeatureDeclaration, type FeatureSet } from './feature-set.ts';
import { FeatureStream } from './feature-stream.ts';
import { CORE_SET, FLOW_SET, STANDARD_SET } from './shipped-sets.ts';
import { runSteps } from './steps.ts';
import { defineFeature } from './user-feature.ts';

const matrixOf = (columns: BarColumns, set: FeatureSet, others?: OtherBars): FeatureMatrix =>
  expectOk(runSteps(featureMatrixSteps(columns, set, others)));

const rowOf = ({ values, width }: FeatureMatrix, bar: number): readonly number[] => [
  ...values.subarray(bar * width, (bar + 1) * width),
];

/** What a stream says at each bar, NaN where it is missing; null where it says nothing at all. */
function streamRows(columns: BarColumns, set: FeatureSet, others: OtherBars = new Map()): (readonly number[] | null)[] {
  const stream = new FeatureStream(columns.interval, { set, missing: 'keep' });
  return Array.from({ length: columns.length }, (_, index) => {
    const beside = new Map<string, BarValues>();
    for (const [instrument, bars] of others) {
      const at = bars.openTimeMs.indexOf(columns.openTimeMs[index] ?? Number.NaN);
      if (at !== -1) beside.set(instrument, barAt(bars, at));
    }
    expectOk(stream.push(barAt(columns, index), beside));
    const outcome = stream.current();
    return outcome.kind === 'row' ? [...outcome.values] : null;
  });
}

/** All columns of the standard set are in the flow set. Everything that takes another instrument, and features of one's own, beside the flow set. */
const EVERYTHING: FeatureSet = expectOk(
  featureSet(
    {
      id: 'everything',
      version: 1,
      features: [
        ...FLOW_SET.declaration.features,
        { feature: 'other_return', of: 'ETHUSDT', bars: 6 },
        { feature: 'other_correlation', of: 'ETHUSDT', bars: 24 },
        { feature: 'other_beta', of: 'ETHUSDT', bars: 24 },
        { feature: 'other_spread', of: 'ETHUSDT', bars: 24 },
        { feature: 'adx', period: 5, times: 3 },
      ],
    },
    [
      defineFeature({ name: 'own_window', bars: 5, value: (bars) => (bars[4]?.close ?? 0) - (bars[0]?.open ?? 0) }),
      defineFeature({
        name: 'own_column',
        bars: 3,
        column: ({ close }) => close.map((value, index) => value - (close[index - 2] ?? Number.NaN)),
      }),
    ],
  ),
);

describe('the core set', () => {
  it('has the very columns, to rounding, that were reckoned row by row from their windows', () => {
    const columns = walkColumns(3, 900, { gapsAt: [400] });
    const matrix = matrixOf(columns, CORE_SET);
    const inputs = { ...columns, logClose: columns.close.map(Math.log) };
    const plain = new Float64Array(CORE_SET.names.length);
    let compared = 0;
    for (let bar = 0; bar < columns.length; bar += 1) {
      const row = rowOf(matrix, bar);
      if (row.some(Number.isNaN)) continue;
      writeFeatureRow(inputs, '1h', bar, plain, 0);
      for (const [column, value] of plain.entries()) expect(row[column]).toBeCloseTo(value, 11);
      compared += 1;
    }
    expect(compared).toBe(900 - 2 * (CORE_SET.warmUpBars - 1));
    expect([CORE_SET.version, CORE_SET.names.length, CORE_SET.warmUpBars]).toEqual([1, 14, 72]);
  });
});

describe.each([CORE_SET, EVERYTHING].map((set) => ({ id: set.id, set })))('the $id set', ({ set }) => {
  const length = set.warmUpBars + 700;
  const historyOf = (seed: number, interval: Interval, gapsAt: readonly number[]): BarColumns =>
    withFlow(walkColumns(seed, length, { interval, gapsAt }), seed);
  const othersOf = (seed: number, interval: Interval): OtherBars =>
    new Map(set.others.map((instrument) => [instrument, walkColumns(seed + 1, length, { interval, gapsAt: [77] })]));

  it('gives in a stream the batch’s numbers bit for bit, gaps and all', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom<Interval>('1m', '1h', '1d'),
        fc.uniqueArray(fc.integer({ min: 1, max: length - 1 }), { maxLength: 3 }),
        (seed, interval, gapsAt) => {
          const columns = historyOf(seed, interval, gapsAt);
          const others = othersOf(seed, interval);
          const matrix = matrixOf(columns, set, others);
          let rows = 0;
          for (const [bar, row] of streamRows(columns, set, others).entries()) {
            if (row === null) continue;
            expect(row).toEqual(rowOf(matrix, bar));
            rows += 1;
          }
          expect(rows).toBeGreaterThan(0);
        },
      ),
      { numRuns: 3 },
    );
  });

  it('is the same, bit for bit, wherever the history begins, once it is warm', () => {
    const columns = historyOf(8, '1h', []);
    const others = othersOf(8, '1h');
    const whole = matrixOf(columns, set, others);
    for (const from of [1, 2, 3, 13, 100, 256, 333, 700]) {
      const part = matrixOf(sliceColumns(columns, from, length), set, others);
      const warm = set.warmUpBars - 1;
      for (let bar = warm; bar < part.rows; bar += 1) expect(rowOf(part, bar)).toEqual(rowOf(whole, bar + from));
    }
  });

  it('knows each column from its stated warm-up on, neither later nor earlier', () => {
    // Whatever the phase of the longer bars: the latest first value is what is stated.
    const columns = historyOf(9, '1h', []);
    const others = othersOf(9, '1h');
    const clean = { ...columns, takerBuyVolume: columns.volume, trades: columns.volume, bookImbalance: columns.volume };
    const latest = set.features.map(() => 0);
    for (let from = 0; from < 24; from += 1) {
      const matrix = matrixOf(
        { ...sliceColumns(clean, from, length) },
        set,
        new Map([...others].map(([name]) => [name, walkColumns(5, length)])),
      );
      for (const column of set.features.keys()) {
        let bar = 0;
        while (bar < matrix.rows && Number.isNaN(rowOf(matrix, bar)[column])) bar += 1;
        latest[column] = Math.max(latest[column] ?? 0, bar + 1);
      }
    }
    expect(Object.fromEntries(set.names.map((name, column) => [name, latest[column]]))).toEqual(
      Object.fromEntries(set.features.map(({ name, warmUpBars }) => [name, warmUpBars])),
    );
  });
});

describe('missing values', () => {
  it('are flow that is not known, not zero', () => {
    const columns = walkColumns(4, 400);
    const last = rowOf(matrixOf(columns, FLOW_SET), 399);
    for (const [column, { kind }] of FLOW_SET.features.entries())
      expect(Number.isNaN(last[column])).toBe(kind === 'flow' || kind === 'depth');
  });

  it('are what has no meaning: a price that never moved, no volume', () => {
    const columns = walkColumns(4, 500);
    for (const name of ['open', 'high', 'low', 'close'] as const) columns[name].fill(100);
    columns.volume.fill(0);
    const last = rowOf(matrixOf(columns, STANDARD_SET), 499);
    const byName = new Map(STANDARD_SET.names.map((name, column) => [name, last[column]]));
    for (const name of [
      'rsi_14',
      'adx_14',
      'bollinger_position_20_2',
      'volume_ratio_24',
      'vwap_distance_24',
      'body_share',
    ])
      expect([name, byName.get(name)]).toEqual([name, Number.NaN]);
    expect(byName.get('log_return_1')).toBe(0);
    expect(byName.get('bollinger_width_20_2')).toBe(0);
  });
});

describe('bars of a higher interval', () => {
  it('count only when they have closed', () => {
    const columns = walkColumns(6, 200);
    const set = expectOk(
      featureSet({ id: 'higher', version: 1, features: [{ feature: 'log_return', bars: 1, times: 4 }] }),
    );
    const { values } = matrixOf(columns, set);
    const closed = (bar: number): number => {
      // The last of four that ends at a multiple of four hours.
      let last = bar;
      while (((columns.openTimeMs[last] ?? 0) + intervalMs('1h')) % intervalMs('4h') !== 0) last -= 1;
      return last;
    };
    for (let bar = 20; bar < 200; bar += 1) {
      const last = closed(bar);
      const expected = Math.log(columns.close[last] ?? 0) - Math.log(columns.close[last - 4] ?? 0);
      expect(values[bar]).toBe(expected);
    }
  });
});

describe('seven days', () => {
  it('are a week from Monday on', () => {
    const columns = walkColumns(6, 100, { interval: '1d' });
    const features = [{ feature: 'log_return', bars: 1, times: 7 }];
    const { values } = matrixOf(columns, expectOk(featureSet({ id: 'weekly', version: 1, features })));
    for (let bar = 21; bar < 100; bar += 1) {
      // The last Sunday by then; 2024 began on a Monday.
      const sunday = bar - ((bar + 1) % 7);
      const expected = Math.log(columns.close[sunday] ?? 0) - Math.log(columns.close[sunday - 7] ?? 0);
      expect(values[bar]).toBe(expected);
    }
  });
});

describe('a declaration', () => {
  const declared = (...features: readonly FeatureDeclaration[]) => featureSet({ id: 'mine', version: 1, features });
  const fault = (...features: readonly FeatureDeclaration[]): string => {
    const made = declared(...features);
    return made.ok ? 'ok' : `${made.fault.code}: ${made.fault.message}`;
  };

  it('is refused with a word on how to mend it', () => {
    expect(fault({ feature: 'rsj' })).toContain("feature_unknown: no feature is called 'rsj'; did you mean 'rsi'?");
    expect(fault({ feature: 'rsi', periods: 3 })).toContain('there are: period');
    expect(fault({ feature: 'rsi', period: 1 })).toContain('from 2 to 100, not 1');
    expect(fault({ feature: 'rsi', period: 2.5 })).toContain('whole number');
    expect(fault({ feature: 'rsi', times: 0 })).toContain('times must be');
    expect(fault({ feature: 'hour_sine', times: 4 })).toContain('own prices');
    expect(fault({ feature: 'other_beta' })).toContain("such as 'ETHUSDT'");
    expect(fault({ feature: 'rsi', of: 'ETHUSDT' })).toContain('cross-asset');
    expect(fault({ feature: 'macd_line', fast: 30 })).toContain('fast must be below slow');
    expect(fault({ feature: 'rsi' }, { feature: 'rsi', period: 14 })).toContain('rsi_14 twice');
    expect(fault()).toContain('feature_set_invalid');
  });

  it('has another hash where a parameter or the order is another, and the same otherwise', () => {
    const hash = (...features: readonly FeatureDeclaration[]): string => expectOk(declared(...features)).hash;
    const [rsi, adx] = [{ feature: 'rsi' }, { feature: 'adx' }];
    expect(hash(rsi, adx)).toBe(hash({ feature: 'rsi', period: 14 }, adx));
    expect(new Set([hash(rsi, adx), hash(adx, rsi), hash(rsi), hash({ feature: 'rsi', period: 15 }, adx)]).size).toBe(
      4,
    );
    expect(hash(rsi)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('needs bars of the other instruments that it names', () => {
    const set = expectOk(declared({ feature: 'other_return', of: 'ETHUSDT' }));
    const columns = walkColumns(1, 50);
    const without = runSteps(featureMatrixSteps(columns, set));
    const longer = runSteps(
      featureMatrixSteps(columns, set, new Map([['ETHUSDT', walkColumns(1, 50, { interval: '4h' })]])),
    );
    expect([without, longer].map((each) => (each.ok ? 'ok' : each.fault.code))).toEqual([
      'other_missing',
      'interval_mismatch',
    ]);
  });
});
