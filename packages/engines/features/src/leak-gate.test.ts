import { expectOk, intervalMs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { walkColumns, withFlow } from './bars.test-support.ts';
import type { BarColumns } from './bar-columns.ts';
import { FEATURE_FAMILIES } from './catalogue/index.ts';
import type { FeatureGraph } from './feature-graph.ts';
import { featureSet, type FeatureDeclaration, type FeatureSet } from './feature-set.ts';
import { describeLeak, leakGateSteps, type Leak, type LeakGateOptions } from './leak-gate.ts';
import type { LabelColumn } from './labels.ts';
import { FLOW_SET } from './shipped-sets.ts';
import { runSteps } from './steps.ts';
import { defineFeature, type UserFeature } from './user-feature.ts';

const HISTORY = withFlow(walkColumns(21, 800, { gapsAt: [300] }), 21);

const gate = (options: LeakGateOptions, columns: BarColumns = HISTORY) =>
  expectOk(runSteps(leakGateSteps(columns, options)));

const setOf = (...user: readonly UserFeature[]): FeatureSet =>
  expectOk(featureSet({ id: 'mine', version: 1, features: [{ feature: 'log_return' }] }, user));

/** The leaks of one feature of one's own. */
const leaksOf = (column: (bars: BarColumns) => ArrayLike<number>, bars = 30): readonly Leak[] =>
  gate({ set: setOf(defineFeature({ name: 'own', bars, column })), samples: 14 }).leaks;

const meanOf = (values: ArrayLike<number>, from: number, to: number): number => {
  let sum = 0;
  for (let index = from; index <= to; index += 1) sum += values[index] ?? Number.NaN;
  return sum / (to - from + 1);
};

/** For each bar the close of the 4h bar that it is in, or of the last that has closed by its own close. */
const higherClose =
  (which: 'forming' | 'closed') =>
  ({ openTimeMs, close, length }: BarColumns): Float64Array => {
    const ends = new Map<number, number>();
    const endOf = (index: number): number => Math.floor((openTimeMs[index] ?? 0) / intervalMs('4h'));
    for (let index = 0; index < length; index += 1) ends.set(endOf(index), close[index] ?? 0);
    return Float64Array.from({ length }, (_, index) => {
      const isLast = ((openTimeMs[index] ?? 0) + intervalMs('1h')) % intervalMs('4h') === 0;
      return ends.get(endOf(index) - (which === 'forming' || isLast ? 0 : 1)) ?? Number.NaN;
    });
  };

const planted: readonly (readonly [string, (bars: BarColumns) => ArrayLike<number>])[] = [
  ['a centred average', ({ close }) => close.map((_, index) => meanOf(close, index - 2, index + 2))],
  ['the highest price to come', ({ high }) => high.map((_, index) => Math.max(...high.subarray(index + 1, index + 6)))],
  [
    'scaling by the whole sample',
    ({ close, length }) => {
      const mean = meanOf(close, 0, length - 1);
      return close.map((value) => value - mean);
    },
  ],
  [
    'a rank in the whole sample',
    ({ volume }) => {
      const ranks = new Map([...volume.toSorted()].map((value, rank) => [value, rank]));
      return volume.map((value) => ranks.get(value) ?? Number.NaN);
    },
  ],
  ['the close of a longer bar that is still forming', higherClose('forming')],
  ['the label itself', ({ close }) => close.map((value, index) => Math.log((close[index + 1] ?? Number.NaN) / value))],
  ['the next bar’s open, shifted the wrong way', ({ open }) => open.map((_, index) => open[index + 1] ?? Number.NaN)],
  [
    'how long until the next gap',
    ({ openTimeMs }) => openTimeMs.map((time, index) => (openTimeMs[index + 2] ?? time) - time),
  ],
  ['how much history is still to come', ({ close, length }) => close.map((_, index) => length - index)],
];

const honest: readonly (readonly [string, (bars: BarColumns) => ArrayLike<number>])[] = [
  [
    'a trailing average',
    ({ close }) => close.map((_, index) => (index < 4 ? Number.NaN : meanOf(close, index - 4, index))),
  ],
  [
    'the highest price so far',
    ({ high }) => high.map((_, index) => Math.max(...high.subarray(Math.max(0, index - 4), index + 1))),
  ],
  [
    'scaling by the last ten, with a sum that slides',
    ({ close }) => {
      let sum = 0;
      return close.map((value, index) => {
        sum += value - (close[index - 10] ?? 0);
        return value - sum / Math.min(10, index + 1);
      });
    },
  ],
  ['the close of the last longer bar that has closed', higherClose('closed')],
  [
    'the log return so far',
    ({ close }) => close.map((value, index) => Math.log(value / (close[index - 1] ?? Number.NaN))),
  ],
  ['an array of ordinary numbers', ({ close }) => Array.from(close, (value) => value * 2)],
];

describe('the leak gate', () => {
  it.each(planted)('finds %s', (_, column) => {
    const leaks = leaksOf(column);
    expect(leaks.map(({ kind, name }) => [kind, name])).toEqual([['feature', 'own']]);
    const [leak] = leaks;
    expect(leak?.openTimeMs).toBe(HISTORY.openTimeMs[leak?.barIndex ?? -1]);
    expect(leak?.value).not.toBe(leak?.otherwise);
  });

  it.each(honest)('passes %s', (_, column) => {
    expect(leaksOf(column)).toEqual([]);
  });

  it('says which, when and both values', () => {
    const [leak] = leaksOf(({ close }) => close.map((_, index) => close[index + 1] ?? Number.NaN));
    expect(leak === undefined ? '' : describeLeak(leak)).toMatch(
      /^the feature own looks ahead: at the bar of 20\d\d-\d\d-\d\dT.* it is [\d.]+, but missing when what comes later is cut off$/,
    );
  });

  it('passes every feature that ships, by default, of longer bars and of another instrument, and the labels', () => {
    const features = FEATURE_FAMILIES.map(({ name, ofOther }): FeatureDeclaration =>
      ofOther ? { feature: name, of: 'ETHUSDT' } : { feature: name },
    );
    const longer = FEATURE_FAMILIES.filter(
      ({ kind, ofOther }) => ['window', 'recursive'].includes(kind) && !ofOther,
    ).map(({ name }): FeatureDeclaration => ({ feature: name, times: 4 }));
    const all = [...features, ...longer, ...FLOW_SET.declaration.features];
    const unique = new Map(all.map((each) => [featureName(each), each]));
    const set = expectOk(featureSet({ id: 'all', version: 1, features: [...unique.values()] }));
    const columns = withFlow(walkColumns(5, 1_500, { gapsAt: [150] }), 5);
    const report = gate(
      { set, others: new Map([['ETHUSDT', walkColumns(6, 1_500)]]), horizons: [1, 4, 24], samples: 10 },
      columns,
    );
    expect(report.leaks).toEqual([]);
    expect(report.labels).toEqual([
      'direction_1',
      'log_return_ahead_1',
      'direction_4',
      'log_return_ahead_4',
      'direction_24',
      'log_return_ahead_24',
    ]);
    expect(report.comparisons).toBeGreaterThan(report.features.length * 60);
  });

  it('finds what looks at another instrument’s bar that has not closed yet, by name, and passes its honest twin', () => {
    const readAt = (ahead: number): FeatureSet => {
      const set = expectOk(
        featureSet({ id: 'mine', version: 1, features: [{ feature: 'other_return', of: 'ETHUSDT' }] }),
      );
      const features = set.features.map((each) => ({
        ...each,
        build: (graph: FeatureGraph) =>
          graph.map(
            `close ${ahead} on`,
            (out, from, to, close) => {
              for (let row = from; row < to; row += 1) out[row] = close[row + ahead] ?? Number.NaN;
            },
            graph.otherClose('ETHUSDT'),
          ),
      }));
      return { ...set, features };
    };
    const others = new Map([['ETHUSDT', walkColumns(6, 800, { gapsAt: [500] })]]);
    expect(gate({ set: readAt(0), others, samples: 14 }).leaks).toEqual([]);
    const { leaks } = gate({ set: readAt(1), others, samples: 14 });
    expect(leaks.map(({ kind, name }) => [kind, name])).toEqual([['feature', 'other_return_1_ETHUSDT']]);
    expect(leaks.map(describeLeak).join('')).toContain(
      'the feature other_return_1_ETHUSDT looks ahead: at the bar of 20',
    );
  });

  it('finds a label that looks beyond its horizon, and only that', () => {
    const label = (name: string, ahead: number): LabelColumn => ({
      name,
      horizonBars: 3,
      values: ({ close }) => close.map((value, index) => (close[index + ahead] ?? Number.NaN) - value),
    });
    const { leaks } = gate({ labels: [label('right', 3), label('one_too_far', 4)], samples: 12 });
    expect(leaks.map(({ kind, name }) => [kind, name])).toEqual([['label', 'one_too_far']]);
  });

  it('finds what is not repeatable, and says so', () => {
    let calls = 0;
    const [leak] = leaksOf(({ close }) => close.map((value) => value + (calls += 1)));
    expect(leak === undefined ? '' : describeLeak(leak)).toContain('the feature own is not repeatable');
  });

  it('finds what is made of more bars than it says: a stream would give it other numbers', () => {
    let sum = 0;
    const [leak] = leaksOf(({ close }) => {
      sum = 0;
      return close.map((value, index) => {
        sum += value;
        return value - sum / (index + 1);
      });
    });
    expect(leak === undefined ? '' : describeLeak(leak)).toContain('the feature own is made of more bars than it says');
  });

  it('finds what throws when the future is another', () => {
    const leaks = leaksOf(({ close }) => {
      if (close.some(Number.isNaN)) throw new Error('not a number');
      return close;
    });
    expect(leaks.map(({ name, future, otherwise }) => [name, future, otherwise])).toEqual([['own', 'NaN', null]]);
  });

  it('keeps a function of the last bars from looking ahead at all', () => {
    const feature = defineFeature({ name: 'own', bars: 4, value: (bars) => bars[3]?.close ?? Number.NaN });
    expect(gate({ set: setOf(feature), samples: 12 }).leaks).toEqual([]);
  });

  it('tells what fails on the real bars from what leaks', () => {
    const feature = defineFeature({
      name: 'own',
      bars: 2,
      value: () => {
        throw new Error('oops');
      },
    });
    const result = runSteps(leakGateSteps(HISTORY, { set: setOf(feature) }));
    expect(result.ok ? 'ok' : `${result.fault.code}: ${result.fault.message}`).toBe(
      'feature_failed: the feature own threw: oops',
    );
    const short = runSteps(leakGateSteps(walkColumns(1, 50)));
    expect(short.ok ? 'ok' : short.fault.code).toBe('history_too_short');
  });
});

const featureName = (declaration: FeatureDeclaration): string =>
  expectOk(featureSet({ id: 'one', version: 1, features: [declaration] })).names[0] ?? '';
