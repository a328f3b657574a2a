import {
  accountId,
  assetId,
  emptyBarSeries,
  expectOk,
  instrumentId,
  parseAmount,
  parseStep,
  quantity,
  strategyId,
  timestampUs,
  type BarSeries,
  type Instrument,
} from '@monsta/core';
import type { BarRules, CommissionTerms } from '@monsta/matching';
import type { BacktestOptions } from '@monsta/simulation/backtest';
import { UNLIMITED, validateStrategy } from '@monsta/trading';

export const MINUTE_MS = 60_000;
/** 2024-08-08T00:00:00Z. */
export const START_MS = 1_723_075_200_000;

/** Ticks of 0.01, lots of 0.001; `least`: what an order is worth at least. */
export const testInstrument = (least: number | null = null): Instrument => ({
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: expectOk(parseStep('0.01')),
  lot: expectOk(parseStep('0.001')),
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000_000),
  marketQuantityMax: null,
  notionalMin: least === null ? null : expectOk(parseAmount(String(least))),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
});

/** Prices as open, high, low and close. */
export type TestBar = readonly [open: number, high: number, low: number, close: number];

interface SeriesTerms {
  readonly instrument?: Instrument;
  /** Of each bar, in the base asset; a million unless given. */
  readonly volume?: number | undefined;
}

/** Bars of one minute after another; null: none came. */
export function testSeries(bars: readonly (TestBar | null)[], terms: SeriesTerms = {}): BarSeries {
  const { instrument = testInstrument(), volume = 1_000_000 } = terms;
  const present = bars.flatMap((bar, index) => (bar === null ? [] : [{ bar, index }]));
  const series = emptyBarSeries(instrument, '1m', present.length);
  for (const [at, { bar, index }] of present.entries()) {
    const [open, high, low, close] = bar.map((value) => Math.round(value * 100));
    series.openTimeMs[at] = START_MS + index * MINUTE_MS;
    series.open[at] = open ?? Number.NaN;
    series.high[at] = high ?? Number.NaN;
    series.low[at] = low ?? Number.NaN;
    series.close[at] = close ?? Number.NaN;
    series.volume[at] = volume * 1e8;
  }
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
  readonly feesOn?: 'both' | 'entry';
  /** In the quote asset; none unless given. */
  readonly commission?: Readonly<Record<keyof CommissionTerms, string>>;
  /** Against a margin of the whole. */
  readonly shorts?: boolean;
  readonly sizedAtFill?: boolean;
  readonly endOfData?: BacktestOptions['endOfData'];
}

const ALL_PPM = 1_000_000;

function commissionOf(given: OptionTerms['commission']): CommissionTerms | null {
  if (given === undefined || Object.values(given).every((text) => Number(text) === 0)) return null;
  const amount = (text: string) => expectOk(parseAmount(text));
  return { perOrder: amount(given.perOrder), perUnit: amount(given.perUnit), minimum: amount(given.minimum) };
}

/** A backtest without limits whose allocation is all there is. */
export function testOptions(terms: OptionTerms): BacktestOptions {
  const { strategy, series, cash, rules, feePpm, feesFrom = 'quote', feesOn = 'both' } = terms;
  const { commission, shorts = false, sizedAtFill = false, endOfData = 'mark' } = terms;
  const definition = expectOk(validateStrategy(strategy));
  const instruments = series.map(({ instrument }) => instrument.id);
  return {
    config: {
      accountId: accountId('case'),
      quoteAsset: assetId('USDT'),
      limits: UNLIMITED,
      allocationPpm: ALL_PPM,
      rebalanceBandPpm: 0,
      exitPlan: null,
      equitySampleMs: MINUTE_MS,
      short: shorts ? { initialMarginPpm: ALL_PPM } : null,
      sizedAt: !sizedAtFill ? 'decision' : rules.acts === 'next-close' ? 'next-close' : 'next-open',
    },
    strategies: [{ id: strategyId(definition.name), definition, parameters: {}, instruments }],
    account: {
      rules,
      fees: { makerPpm: feePpm, takerPpm: feePpm },
      feesFrom,
      feesOn,
      commission: commissionOf(commission),
      margin: shorts ? { initialPpm: ALL_PPM } : null,
      balances: [{ asset: assetId('USDT'), free: expectOk(parseAmount(cash)) }],
    },
    series,
    fromMs: null,
    endOfData,
    records: 'all',
  };
}
