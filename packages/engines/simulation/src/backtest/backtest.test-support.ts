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
  type Interval,
} from '@monsta/core';
import { DEFAULT_BAR_RULES } from '@monsta/matching';
import { UNLIMITED, type ConfiguredStrategy, type KernelConfig, type StrategyDefinition } from '@monsta/trading';
import type { BacktestOptions } from './backtest-options.ts';

/** 2024-08-08T00:00:00Z: a bar of every interval begins there. */
export const START_MS = 1_723_075_200_000;

export const testInstrument = (id = 'BTCUSDT', base = 'BTC'): Instrument => ({
  id: instrumentId(id),
  base: assetId(base),
  quote: assetId('USDT'),
  tick: expectOk(parseStep('0.01')),
  lot: expectOk(parseStep('0.00001')),
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000_000),
  marketQuantityMax: null,
  notionalMin: expectOk(parseAmount('5')),
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
});

/** Prices as open, high, low and close. */
export type TestBar = readonly [open: number, high: number, low: number, close: number];

export const flat = (price: number): TestBar => [price, price, price, price];

interface SeriesPart {
  readonly instrument?: Instrument;
  readonly interval?: Interval;
  readonly startMs?: number;
  readonly stepMs?: number;
}

export function seriesOf(
  bars: readonly TestBar[],
  { instrument = testInstrument(), interval = '1m', startMs = START_MS, stepMs = 60_000 }: SeriesPart = {},
): BarSeries {
  const series = emptyBarSeries(instrument, interval, bars.length);
  for (const [index, [open, high, low, close]] of bars.entries()) {
    series.openTimeMs[index] = startMs + index * stepMs;
    series.open[index] = Math.round(open * 100);
    series.high[index] = Math.round(high * 100);
    series.low[index] = Math.round(low * 100);
    series.close[index] = Math.round(close * 100);
    series.volume[index] = 100_000_000;
  }
  return series;
}

const configOf = (part: Partial<KernelConfig> = {}): KernelConfig => ({
  accountId: accountId('backtest'),
  quoteAsset: assetId('USDT'),
  limits: UNLIMITED,
  allocationPpm: 500_000,
  rebalanceBandPpm: 50_000,
  exitPlan: null,
  equitySampleMs: 60_000,
  ...part,
});

export const configured = (
  definition: unknown,
  parameters: Readonly<Record<string, unknown>> = {},
  instruments = [instrumentId('BTCUSDT')],
): ConfiguredStrategy => {
  const known = definition as StrategyDefinition;
  return { id: strategyId(known.name), definition: known, parameters: parameters as never, instruments };
};

export const optionsOf = (
  strategies: readonly ConfiguredStrategy[],
  series: readonly BarSeries[],
  part: Partial<BacktestOptions> = {},
): BacktestOptions => ({
  config: configOf(),
  strategies,
  account: {
    rules: { ...DEFAULT_BAR_RULES, interval: series[0]?.interval ?? '1m', slippage: { kind: 'none' } },
    fees: { makerPpm: 1_000, takerPpm: 1_000 },
    feesFrom: 'quote',
    balances: [{ asset: assetId('USDT'), free: expectOk(parseAmount('10000')) }],
  },
  series,
  fromMs: null,
  endOfData: 'mark',
  records: 'all',
  ...part,
});
