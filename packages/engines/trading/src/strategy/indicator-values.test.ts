import { emptyBarSeries, inferInstrument, instrumentId, sliceBarSeries, type BarSeries } from '@monsta/core';
import { atr, barFrameOf, ema, frameBar, lag, rsi, sma, standardDeviation } from '@monsta/features/indicators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BarWindow } from '../bar-window.ts';
import { indicatorValues } from './indicator-values.ts';

const MINUTE_MS = 60_000;
const INDICATORS = {
  sma: sma(3),
  ema: ema(4),
  rsi: rsi(3),
  atr: atr(2),
  deviation: standardDeviation(5),
  before: lag(2, sma(3)),
};
const LONGEST = Math.max(...Object.values(INDICATORS).map(({ length }) => length));
const instrument = inferInstrument({
  ...{ id: instrumentId('BTCUSDT'), quote: null },
  ...{ tick: { units: 1, scale: 2 }, lot: { units: 1, scale: 5 } },
});

/** Bars that lie so many minutes behind each other. */
function seriesOf(steps: readonly number[], seed: number): BarSeries {
  const series = emptyBarSeries(instrument, '1m', steps.length);
  let minute = 0;
  for (const [index, step] of steps.entries()) {
    minute += step;
    series.openTimeMs[index] = minute * MINUTE_MS;
    const close = 10_000 + ((minute * 7_919 + seed) % 613);
    series.open[index] = close - 3;
    series.close[index] = close;
    series.low[index] = close - (minute % 5) - 3;
    series.high[index] = close + (minute % 7);
    series.volume[index] = minute;
  }
  return series;
}

type Act = 'step' | 'glide' | 'steady' | 'merge' | 'push' | 'follow-part' | 'follow';

const acts = fc.array(
  fc.record({
    act: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom<Act>('step', 'glide', 'steady') },
      { weight: 1, arbitrary: fc.constantFrom<Act>('merge', 'push', 'follow-part', 'follow') },
    ),
    looks: fc.boolean(),
  }),
  { minLength: 30, maxLength: 70 },
);

describe('figures that are read from columns', () => {
  it('are the numbers that are made of the bars of the window, whatever became of it', () => {
    let looked = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, fc.constantFrom(2, 3)), {
          minLength: 80,
          maxLength: 80,
        }),
        fc.nat({ max: 1_000 }),
        fc.boolean(),
        fc.integer({ min: LONGEST, max: LONGEST + 3 }),
        acts,
        (steps, seed, joins, capacity, all) => {
          const series = seriesOf(steps, seed);
          const frame = barFrameOf(series);
          const window = new BarWindow('1m', capacity, [], joins);
          window.follow(frame);
          const values = indicatorValues(INDICATORS, () => window);
          let at = 0;
          for (const { act, looks } of all) {
            if (at >= series.length) break;
            const follows = window.frame === frame;
            if (act === 'merge') window.merge([...Array(at).keys()].slice(-6).map((index) => frameBar(frame, index)));
            else if (act === 'follow') window.follow(frame);
            else if (act === 'follow-part') window.follow(barFrameOf(sliceBarSeries(series, 0, at)));
            else {
              if (act === 'glide' && follows) window.glideTo(at);
              else if (act === 'steady' && window.isSteady(at) && follows) window.stepTo(at);
              else if (act === 'step' && follows) window.advanceTo(at);
              else window.push(frameBar(frame, at));
              at += 1;
            }
            if (!looks) continue;
            for (const [name, figure] of Object.entries(INDICATORS)) {
              expect(values[name], `${name} after ${act}`).toBe(figure.compute(window.bars.slice(-figure.length)));
              looked += 1;
            }
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(looked).toBeGreaterThan(1_000);
  });
});
