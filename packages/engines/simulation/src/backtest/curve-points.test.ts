import { assetId, emptyBarSeries, instrumentId, quantity, timestampUs, type BarSeries } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CurvePoints } from './curve-points.ts';

const STEP_MS = 60_000;

function seriesOf(closes: readonly number[]): BarSeries {
  const instrument = {
    id: instrumentId('BTCUSDT'),
    base: assetId('BTC'),
    quote: assetId('USDT'),
    tick: { units: 5, scale: 2 },
    lot: { units: 1, scale: 5 },
    quantityMin: quantity(1),
    quantityMax: quantity(1_000_000),
    marketQuantityMax: null,
    notionalMin: null,
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(0),
  } as const;
  const series = emptyBarSeries(instrument, '1m', closes.length);
  for (const [index, close] of closes.entries()) {
    series.openTimeMs[index] = index * STEP_MS;
    series.close[index] = close;
  }
  return series;
}

const told = fc.record({
  bars: fc.integer({ min: 0, max: 5 }),
  single: fc.boolean(),
  looks: fc.boolean(),
  cash: fc.integer({ min: -100, max: 100 }),
  coins: fc.integer({ min: -2, max: 2 }),
});

/** The same points, told one by one, and what every look at them until then has shown. */
function draw(curve: CurvePoints, parts: readonly (typeof told extends fc.Arbitrary<infer Part> ? Part : never)[]) {
  const series = seriesOf(parts.flatMap(({ bars }) => Array.from({ length: bars }, (_, index) => 100 + index * 7)));
  const line = { series, stepUs: STEP_MS * 1_000, tickUnits: 5, tickPower: 100 };
  const points: (readonly [timeMs: number, equity: number, exposure: number])[] = [];
  const looks: (readonly [curve: ReturnType<CurvePoints['columns']>, length: number])[] = [];
  const single = (timeMs: number, equity: number, exposure: number): void => {
    curve.add(timeMs, equity, exposure);
    points.push([timeMs, equity, exposure]);
  };
  let from = 0;
  for (const { bars, cash, coins, ...also } of parts) {
    if (also.single) single(from * STEP_MS, cash, coins);
    curve.stretch(line, from, from + bars, cash, coins);
    for (let at = from; at < from + bars; at += 1) {
      const worth = coins === 0 ? 0 : coins * (((series.close[at] ?? 0) * 5) / 100);
      points.push([at * STEP_MS + STEP_MS, cash + worth, worth]);
    }
    from += bars;
    if (also.looks) looks.push([curve.columns(), points.length]);
    if (also.looks && cash > 0) expect(curve.columns().equity).toHaveLength(points.length);
  }
  return { points, looks: [...looks, [curve.columns(), points.length] as const] };
}

describe('the points of a curve', () => {
  it('are those that were told, in stretches or singly, whenever somebody looks at them', () => {
    const curve = new CurvePoints();
    fc.assert(
      fc.property(fc.array(told, { maxLength: 40 }), (parts) => {
        curve.begin();
        const { points, looks } = draw(curve, parts);
        expect(curve.length).toBe(points.length);
        expect(curve.lastMs).toBe(points.at(-1)?.[0] ?? null);
        for (const [columns, length] of looks) {
          const shown = points.slice(0, length);
          expect([...columns.timeMs]).toEqual(shown.map(([timeMs]) => timeMs));
          expect([...columns.equity]).toEqual(shown.map(([, equity]) => equity));
          expect([...columns.exposure]).toEqual(shown.map(([, , exposure]) => exposure));
        }
      }),
    );
  });

  it('are at the closes of their bars in the memory of the curve before, where they are those of the same bars', () => {
    const curve = new CurvePoints();
    const series = seriesOf([100, 200, 300, 400]);
    const line = { series, stepUs: STEP_MS * 1_000, tickUnits: 5, tickPower: 100 };
    const timesOf = (first: number, tell: () => void): readonly number[] => {
      curve.begin(series, first);
      curve.add(first * STEP_MS, 10, 0);
      tell();
      return [...curve.columns().timeMs].map((ms) => ms / STEP_MS);
    };
    expect(timesOf(1, () => curve.stretch(line, 1, 3, 10, 1))).toEqual([1, 2, 3]);
    expect(timesOf(1, () => curve.add(2 * STEP_MS, 11, 1))).toEqual([1, 2]);
    const all = (): void => {
      curve.add(2 * STEP_MS, 11, 1);
      curve.stretch(line, 2, 4, 10, 1);
    };
    expect(timesOf(1, all)).toEqual([1, 2, 3, 4]);
    // A close without a point, at either place; another beginning.
    expect(timesOf(1, () => curve.stretch(line, 2, 4, 10, 1))).toEqual([1, 3, 4]);
    expect(timesOf(1, () => curve.add(3 * STEP_MS, 11, 1))).toEqual([1, 3]);
    expect(timesOf(0, () => curve.stretch(line, 0, 4, 10, 1))).toEqual([0, 1, 2, 3, 4]);
  });

  it('go on from those of another curve, and are copied whole', () => {
    const [first, second] = [new CurvePoints(), new CurvePoints()];
    const series = seriesOf([100, 200, 300]);
    const line = { series, stepUs: STEP_MS * 1_000, tickUnits: 5, tickPower: 100 };
    first.add(0, 10, 0);
    first.stretch(line, 0, 2, 10, 1);
    second.goOn(first.columns());
    second.stretch(line, 2, 3, 10, 1);
    first.stretch(line, 2, 3, 10, 1);
    expect(structuredClone(second.columns())).toEqual({ ...first.columns() });
    expect([...second.columns().equity]).toEqual([10, 15, 20, 25]);
  });
});
