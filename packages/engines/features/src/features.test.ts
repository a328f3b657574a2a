import { expectOk, seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barAt, sliceColumns, START_MS, walkColumns } from './bars.test-support.ts';
import { type BarColumns, emptyBarColumns, writeBar } from './bar-columns.ts';
import { datasetSteps, type Dataset } from './dataset.ts';
import { FeatureStream, type FeatureOutcome } from './feature-stream.ts';
import { directionLabel } from './labels.ts';
import { CORE_SET } from './shipped-sets.ts';
import { runSteps } from './steps.ts';

const { names: FEATURE_NAMES, warmUpBars: LOOKBACK_BARS } = CORE_SET;
const FEATURE_COUNT = FEATURE_NAMES.length;

const dataset = (columns: BarColumns, horizonBars = 1): Dataset =>
  expectOk(runSteps(datasetSteps(columns, horizonBars)));

function streamOutcomes(columns: BarColumns): readonly FeatureOutcome[] {
  const stream = new FeatureStream(columns.interval);
  return Array.from({ length: columns.length }, (_, index) => {
    expectOk(stream.push(barAt(columns, index)));
    return stream.current();
  });
}

const rowAt = (data: Dataset, row: number): readonly number[] => [
  ...data.features.subarray(row * data.width, (row + 1) * data.width),
];

const rowOfBar = (data: Dataset, bar: number): readonly number[] | null => {
  const row = data.barIndex.indexOf(bar);
  return row === -1 ? null : rowAt(data, row);
};

/** Bars whose closes are given; high and low one per mille around, volume as given. */
function columnsOf(closes: readonly number[], volume: (index: number) => number = () => 1): BarColumns {
  const columns = emptyBarColumns('1h', closes.length);
  for (const [index, close] of closes.entries())
    writeBar(columns, index, {
      openTimeMs: START_MS + index * 3_600_000,
      open: close,
      high: close * 1.001,
      low: close * 0.999,
      close,
      volume: volume(index),
    });
  return columns;
}

const feature = (columns: BarColumns, name: string): number => {
  const outcome = streamOutcomes(columns).at(-1);
  if (outcome?.kind !== 'row') throw new Error('there is no row');
  const value = outcome.values[FEATURE_NAMES.indexOf(name)];
  if (value === undefined) throw new Error(`there is no feature ${name}`);
  return value;
};

describe('features', () => {
  // Closes that grow by one per cent a bar: every value can be worked out by hand.
  const growing = columnsOf(
    Array.from({ length: LOOKBACK_BARS }, (_, index) => 100 * 1.01 ** index),
    (index) => (index === LOOKBACK_BARS - 1 ? 25 : 1),
  );
  const step = Math.log(1.01);

  it.each([1, 3, 6, 12, 24])('log return over %i bars', (bars) => {
    expect(feature(growing, `log_return_${bars}`)).toBeCloseTo(bars * step, 12);
  });
  it.each([12, 48])('realised volatility over %i bars is the root of the mean squared return', (bars) => {
    expect(feature(growing, `realized_volatility_${bars}`)).toBeCloseTo(step, 12);
  });
  it('relative strength is 1 when every bar gains', () => {
    expect(feature(growing, 'relative_strength_14')).toBe(1);
  });
  it.each([12, 24])('distance from the moving average of %i bars is its lag', (period) => {
    // The mean age under the weights: Σ k·d^k / Σ d^k over the stated length.
    const decay = 1 - 2 / (period + 1);
    let weights = 0;
    let ages = 0;
    for (let age = 0; age < 3 * period; age += 1) {
      weights += decay ** age;
      ages += age * decay ** age;
    }
    expect(feature(growing, `ema_distance_${period}`)).toBeCloseTo((step * ages) / weights, 12);
  });
  it('volume ratio is the volume over its mean', () => {
    expect(feature(growing, 'volume_ratio_24')).toBeCloseTo((25 * 24) / (23 + 25), 12);
  });
  it('range position is the close within lowest and highest', () => {
    const last = 100 * 1.01 ** (LOOKBACK_BARS - 1);
    const lowest = 100 * 1.01 ** (LOOKBACK_BARS - 24) * 0.999;
    const highest = last * 1.001;
    expect(feature(growing, 'range_position_24')).toBeCloseTo((last - lowest) / (highest - lowest) - 0.5, 12);
  });
  it('the hour is that of the bar’s close, on a circle', () => {
    // 72 bars from midnight close at midnight, three days on; six more at six o'clock.
    const six = columnsOf(Array.from({ length: LOOKBACK_BARS + 6 }, (_, index) => 100 + (index % 7)));
    expect(feature(growing, 'hour_sine')).toBeCloseTo(0, 12);
    expect(feature(growing, 'hour_cosine')).toBeCloseTo(1, 12);
    expect(feature(six, 'hour_sine')).toBeCloseTo(1, 12);
    expect(feature(six, 'hour_cosine')).toBeCloseTo(0, 12);
  });

  it('are unknown, not zero, where price or volume give them no meaning', () => {
    const still = columnsOf(Array.from({ length: LOOKBACK_BARS + 1 }, () => 100));
    expect(streamOutcomes(still).at(-1)).toEqual({ kind: 'undefined' });
    const untraded = columnsOf(
      Array.from({ length: LOOKBACK_BARS + 1 }, (_, index) => 100 + (index % 5)),
      () => 0,
    );
    expect(streamOutcomes(untraded).at(-1)).toEqual({ kind: 'undefined' });
    expect(dataset(untraded).dropped.undefinedValue).toBe(2);
  });
});

describe('a stream of features', () => {
  it('gives the batch’s numbers bit for bit, gaps and all', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.uniqueArray(fc.integer({ min: 1, max: 699 }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (seed, gapsAt, horizonBars) => {
          const columns = walkColumns(seed, 700, { gapsAt });
          const data = dataset(columns, horizonBars);
          const outcomes = streamOutcomes(columns);
          for (let row = 0; row < data.rows; row += 1) {
            const outcome = outcomes[data.barIndex[row] ?? -1];
            expect(outcome?.kind === 'row' ? [...outcome.values] : outcome).toEqual(rowAt(data, row));
          }
          const spoken = outcomes.filter((outcome) => outcome.kind === 'row').length;
          const { labelAhead, labelGap, labelEqual } = data.dropped;
          expect(data.rows + labelAhead + labelGap + labelEqual).toBe(spoken);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('does not depend on where the history began', () => {
    const columns = walkColumns(5, 600);
    const whole = streamOutcomes(columns).at(-1);
    for (const from of [600 - LOOKBACK_BARS, 300, 1])
      expect(streamOutcomes(sliceColumns(columns, from, 600)).at(-1)).toEqual(whole);
    expect(streamOutcomes(sliceColumns(columns, 601 - LOOKBACK_BARS, 600)).at(-1)).toEqual({
      kind: 'short',
      contiguous: LOOKBACK_BARS - 1,
      needed: LOOKBACK_BARS,
      afterGap: false,
    });
  });

  it('starts anew after a gap and says how far it is', () => {
    const outcomes = streamOutcomes(walkColumns(6, 200, { gapsAt: [100] }));
    expect(outcomes[99]?.kind).toBe('row');
    expect(outcomes[100]).toEqual({ kind: 'short', contiguous: 1, needed: LOOKBACK_BARS, afterGap: true });
    expect(outcomes[100 + LOOKBACK_BARS - 2]?.kind).toBe('short');
    expect(outcomes[100 + LOOKBACK_BARS - 1]?.kind).toBe('row');
  });

  it('refuses a bar that is not later or not sound, and stays as it was', () => {
    const columns = walkColumns(7, 100);
    const stream = new FeatureStream('1h');
    for (let index = 0; index < 100; index += 1) expectOk(stream.push(barAt(columns, index)));
    const before = stream.current();
    const again = stream.push(barAt(columns, 99));
    const broken = stream.push({ ...barAt(columns, 99), openTimeMs: stream.nextOpenTimeMs ?? 0, close: Number.NaN });
    expect([again, broken].map((result) => (result.ok ? 'ok' : result.fault.code))).toEqual([
      'bars_disordered',
      'bar_invalid',
    ]);
    expect(stream.current()).toEqual(before);
  });
});

describe('a dataset', () => {
  it('accounts for every bar: a row, or dropped for a stated reason', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 400 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 399 }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (seed, length, gapsAt, horizonBars) => {
          const data = dataset(walkColumns(seed, length, { gapsAt }), horizonBars);
          const dropped = Object.values<number>({ ...data.dropped }).reduce((sum, count) => sum + count, 0);
          expect(data.rows + dropped).toBe(length);
          expect(data.features).toHaveLength(data.rows * FEATURE_COUNT);
          expect(data.features.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('counts by hand what a gap and the end cost', () => {
    const data = dataset(walkColumns(8, 500, { gapsAt: [250] }), 12);
    expect(data.dropped).toEqual({
      warmUp: LOOKBACK_BARS - 1,
      gap: LOOKBACK_BARS - 1,
      undefinedValue: 0,
      labelAhead: 12,
      labelGap: 12,
      labelEqual: 0,
    });
    expect(data.rows).toBe(500 - 2 * (LOOKBACK_BARS - 1) - 24);
  });

  it('drops an equal close and knows the sign of the last move', () => {
    const closes = Array.from({ length: LOOKBACK_BARS + 5 }, (_, index) => 100 + (index % 2));
    closes.splice(LOOKBACK_BARS - 1, 6, 105, 105, 107, 106, 106, 106);
    const data = dataset(columnsOf(closes));
    expect(data.dropped.labelEqual).toBe(3);
    expect([...data.barIndex]).toEqual([LOOKBACK_BARS, LOOKBACK_BARS + 1]);
    expect([...data.up]).toEqual([1, 0]);
    expect([...data.lastSign]).toEqual([0, 1]);
  });

  it('refuses a horizon that is no whole number of bars', () => {
    for (const horizonBars of [0, -1, 1.5, Number.NaN]) {
      const result = runSteps(datasetSteps(walkColumns(1, 100), horizonBars));
      expect(result.ok ? 'ok' : result.fault.code).toBe('horizon_invalid');
    }
  });
});

describe('nothing looks ahead', () => {
  const length = 400;
  const whole = walkColumns(11, length, { gapsAt: [150], interval: '5m' });
  const horizonBars = 12;
  const all = dataset(whole, horizonBars);

  /** The same bars up to `last`, then sound but unrelated ones. */
  const garbageAfter = (last: number): BarColumns => {
    const random = seededRandom(last);
    const columns = sliceColumns(whole, 0, length);
    for (let index = last + 1; index < length; index += 1) {
      const close = 1 + 1e6 * random.next();
      writeBar(columns, index, {
        ...barAt(whole, index),
        open: close,
        close,
        high: close * 2,
        low: close / 2,
        volume: 1e9 * random.next(),
      });
    }
    return columns;
  };

  it('in any feature: cutting or replacing what comes after changes nothing', () => {
    const outcomes = streamOutcomes(whole);
    for (let last = LOOKBACK_BARS - 1; last < length - horizonBars; last += 7) {
      const replaced = dataset(garbageAfter(last), horizonBars);
      const cut = streamOutcomes(sliceColumns(whole, 0, last + 1)).at(-1);
      expect(cut).toEqual(outcomes[last]);
      const expected = cut?.kind === 'row' && rowOfBar(all, last) !== null ? [...cut.values] : null;
      expect(rowOfBar(all, last)).toEqual(expected);
      expect(rowOfBar(replaced, last)).toEqual(expected);
    }
  });

  it('in the label beyond its horizon, and the label is unknown before the horizon is over', () => {
    for (let index = 0; index + horizonBars < length; index += 1) {
      const label = directionLabel(whole, index, horizonBars);
      expect(directionLabel(garbageAfter(index + horizonBars), index, horizonBars)).toBe(label);
      expect(directionLabel(sliceColumns(whole, 0, index + horizonBars + 1), index, horizonBars)).toBe(label);
      expect(directionLabel(sliceColumns(whole, 0, index + horizonBars), index, horizonBars)).toBe('ahead');
    }
  });

  it('and the gate itself notices a value that does', () => {
    // The label looks ahead by design; with the horizon's last bar replaced it changes somewhere.
    const changed = Array.from({ length: length - horizonBars }, (_, index) => index).filter(
      (index) =>
        directionLabel(garbageAfter(index + horizonBars - 1), index, horizonBars) !==
        directionLabel(whole, index, horizonBars),
    );
    expect(changed.length).toBeGreaterThan(50);
  });
});
