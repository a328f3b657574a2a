import {
  accountId,
  assetId,
  expectOk,
  parseAmount,
  parseStep,
  strategyId,
  type BarSeries,
  type Instrument,
} from '@monsta/core';
import type { BarRules } from '@monsta/matching';
import type { BacktestOptions } from '@monsta/simulation';
import { UNLIMITED, validateStrategy } from '@monsta/trading';
import {
  optionsOf,
  seriesOf,
  START_MS,
  testInstrument as simulatedInstrument,
  type TestBar,
} from '../../packages/engines/simulation/src/backtest/backtest.test-support.ts';

export { START_MS, type TestBar };
export const MINUTE_MS = 60_000;

/** Ticks of 0.01, lots of 0.001; `least`: what an order is worth at least. */
export const testInstrument = (least: number | null = null): Instrument => ({
  ...simulatedInstrument(),
  lot: expectOk(parseStep('0.001')),
  notionalMin: least === null ? null : expectOk(parseAmount(String(least))),
});

interface SeriesTerms {
  readonly instrument?: Instrument;
  /** Of each bar, in the base asset; a million unless given. */
  readonly volume?: number | undefined;
}

/** Bars of one minute after another; null: none came. */
export function testSeries(bars: readonly (TestBar | null)[], terms: SeriesTerms = {}): BarSeries {
  const { instrument = testInstrument(), volume = 1_000_000 } = terms;
  const present = bars.flatMap((bar, index) => (bar === null ? [] : [{ bar, index }]));
  const series = seriesOf(
    present.map(({ bar }) => bar),
    { instrument },
  );
  for (const [at, { index }] of present.entries()) series.openTimeMs[at] = START_MS + index * MINUTE_MS;
  series.volume.fill(volume * 1e8);
  return series;
}

interface OptionTerms {
  readonly strategy: unknown;
  readonly series: readonly BarSeries[];
  /** Of the quote asset. */
  readonly cash: string;
  readonly rules: BarRules;
  readonly feePpm: number;
  readonly feesFrom?: 'quote' | 'received';
  /** Against a margin of the whole. */
  readonly shorts?: boolean;
  readonly sizedAtFill?: boolean;
  readonly closesAtEnd?: boolean;
}

const ALL_PPM = 1_000_000;

/** A backtest without limits whose allocation is all there is. */
export function testOptions(terms: OptionTerms): BacktestOptions {
  const { strategy, series, cash, rules, feePpm, feesFrom = 'quote' } = terms;
  const { shorts = false, sizedAtFill = false, closesAtEnd = false } = terms;
  const definition = expectOk(validateStrategy(strategy));
  const instruments = series.map(({ instrument }) => instrument.id);
  const configured = { id: strategyId(definition.name), definition, parameters: {}, instruments };
  return optionsOf([configured], series, {
    config: {
      accountId: accountId('case'),
      quoteAsset: assetId('USDT'),
      limits: UNLIMITED,
      allocationPpm: ALL_PPM,
      rebalanceBandPpm: 0,
      exitPlan: null,
      equitySampleMs: MINUTE_MS,
      short: shorts ? { initialMarginPpm: ALL_PPM } : null,
      sizedAt: sizedAtFill ? 'next-price' : 'decision',
    },
    account: {
      rules,
      fees: { makerPpm: feePpm, takerPpm: feePpm },
      feesFrom,
      margin: shorts ? { initialPpm: ALL_PPM } : null,
      balances: [{ asset: assetId('USDT'), free: expectOk(parseAmount(cash)) }],
    },
    endOfData: closesAtEnd ? 'close' : 'mark',
  });
}
