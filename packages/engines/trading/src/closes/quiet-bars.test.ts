import { emptyBarSeries, inferInstrument, instrumentId, type BarSeries } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Markets } from '../markets.ts';
import { EquityLimits } from './equity-limits.ts';
import { Lane } from './lane.ts';
import { QuietBars } from './quiet-bars.ts';

const MINUTE_MS = 60_000;
const UNIT = 10n ** 18n;
const instrument = inferInstrument({
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quote: null,
});

function seriesOf(closes: readonly number[]): BarSeries {
  const series = emptyBarSeries(instrument, '1m', closes.length);
  for (const [index, close] of closes.entries()) {
    series.openTimeMs[index] = (index + 1) * MINUTE_MS;
    series.close[index] = close;
    series.low[index] = close - 1;
    series.high[index] = close + 1;
  }
  return series;
}

interface Case {
  readonly closes: readonly number[];
  readonly coins: number;
  readonly cash: number;
  readonly peak: number | null;
  readonly lossBase: number | null;
  readonly ppm: readonly [loss: number, drawdown: number];
  readonly gated: readonly string[];
  readonly calmBar: number;
  readonly freshBar: number;
  readonly staleBars: number;
  readonly looked: number | null;
  readonly looksLater: boolean;
  readonly ahead: number;
}

const price = fc.integer({ min: 900, max: 1_100 });
const cases: fc.Arbitrary<Case> = fc.record({
  closes: fc.array(price, { minLength: 1, maxLength: 40 }),
  coins: fc.constantFrom(0, 1, 3.5, -1, -0.25),
  cash: fc.constantFrom(0, 5, 100),
  peak: fc.option(fc.integer({ min: 1, max: 140 })),
  lossBase: fc.option(fc.integer({ min: 1, max: 140 })),
  ppm: fc.tuple(fc.constantFrom(20_000, 100_000, 900_000), fc.constantFrom(20_000, 100_000, 900_000)),
  gated: fc.subarray(['daily_loss', 'drawdown']),
  calmBar: fc.integer({ min: 0, max: 50 }),
  freshBar: fc.constantFrom(1, 1, 0),
  staleBars: fc.integer({ min: 1, max: 3 }),
  looked: fc.option(price),
  looksLater: fc.boolean(),
  ahead: fc.integer({ min: 1, max: 9 }),
});

/** What becomes of the bars, one stretch after the other, as who goes through them sees it. */
function told(given: Case, below: number): readonly unknown[] {
  const { closes, coins, cash, calmBar, staleBars, looked, looksLater } = given;
  const lane = new Lane(seriesOf(closes), new Markets().cell(instrument.id));
  lane.coins = coins;
  const limits = new EquityLimits();
  const amount = (value: number | null) => (value === null ? null : BigInt(value) * UNIT);
  const parts = {
    config: { limits: { dailyLossPpmMax: given.ppm[0], drawdownPpmMax: given.ppm[1] } },
    gate: { has: (rule: string) => given.gated.includes(rule) },
    monitor: { state: { peakEquity: amount(given.peak), lossBase: amount(given.lossBase) } },
  };
  limits.read(parts as never);
  const bars = new QuietBars(
    lane,
    {
      ...{ cash, limits, looked, looksLater, staleUs: staleBars * MINUTE_MS * 1_000 },
      calmUntilUs: (calmBar + 1) * MINUTE_MS * 1_000,
      freshUntilUs: (given.freshBar + 1) * MINUTE_MS * 1_000,
    },
    { below, above: Infinity, untilUs: Infinity },
  );
  const said: unknown[] = [];
  for (let at = 0; at < closes.length;) {
    let end = bars.end(at, Math.min(closes.length, at + given.ahead));
    said.push(end);
    if (end === at) {
      const passes = bars.passes(at);
      said.push(passes);
      if (!passes) break;
      bars.look(closes[at] ?? null);
      end = at + 1;
    }
    const best = bars.peakAmong(at, end);
    said.push(best);
    if (best >= 0) bars.look(closes[best] ?? null);
    at = end;
  }
  return said;
}

describe('bars that may go by', () => {
  it('are the same whether something waits for a price that none of them reaches or nothing does', () => {
    let [whole, broken] = [0, 0];
    fc.assert(
      fc.property(cases, (given) => {
        const open = told(given, -Infinity);
        expect(open).toEqual(told(given, 0));
        if (open.includes(false)) broken += 1;
        else whole += 1;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(whole, broken)).toBeGreaterThan(20);
  });
});
