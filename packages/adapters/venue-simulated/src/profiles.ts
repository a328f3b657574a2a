import { LISTED_SYMBOLS, type ExchangeSymbol } from '@monsta/binance-server';
import { InvariantError } from '@monsta/core';

/** The simulated market begins here; nothing exists before. 2025-01-01T00:00:00Z. */
export const EPOCH_MS = 1_735_689_600_000;

/** How one simulated instrument behaves. All numbers are ours; they only resemble the real market's. */
export interface MarketProfile {
  readonly symbol: ExchangeSymbol;
  /** Price at the epoch, in the quote asset. */
  readonly startPrice: number;
  /** Standard deviation of a year's log return at ordinary volatility. */
  readonly annualVolatility: number;
  /** Correlation of hourly returns with the market's common factor. */
  readonly marketCorrelation: number;
  /** Trades in each hour: always exactly so many, so that trade ids can be counted at any time. */
  readonly tradesPerHour: number;
  /** Median size of a trade and of a level of the book, in the base asset. */
  readonly tradeSize: number;
  readonly levelSize: number;
  /** Near the best prices the book has one level in each stretch of so many ticks. */
  readonly levelSpacingTicks: number;
  /** Live, the spread is wider than a tick by so many ticks on average at ordinary activity. */
  readonly spreadMeanTicks: number;
}

type Behaviour = Omit<MarketProfile, 'symbol'>;

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  BTCUSDT: {
    startPrice: 94_000,
    annualVolatility: 0.4,
    marketCorrelation: 0.85,
    tradesPerHour: 3_600,
    tradeSize: 0.005,
    levelSize: 0.15,
    levelSpacingTicks: 150,
    spreadMeanTicks: 0.4,
  },
  ETHUSDT: {
    startPrice: 3_350,
    annualVolatility: 0.5,
    marketCorrelation: 0.8,
    tradesPerHour: 2_700,
    tradeSize: 0.1,
    levelSize: 3,
    levelSpacingTicks: 12,
    spreadMeanTicks: 0.35,
  },
  BNBUSDT: {
    startPrice: 700,
    annualVolatility: 0.42,
    marketCorrelation: 0.7,
    tradesPerHour: 1_800,
    tradeSize: 0.3,
    levelSize: 5,
    levelSpacingTicks: 4,
    spreadMeanTicks: 0.25,
  },
  SOLUSDT: {
    startPrice: 190,
    annualVolatility: 0.6,
    marketCorrelation: 0.7,
    tradesPerHour: 1_800,
    tradeSize: 2,
    levelSize: 60,
    levelSpacingTicks: 2,
    spreadMeanTicks: 0.25,
  },
  XRPUSDT: {
    startPrice: 2.1,
    annualVolatility: 0.58,
    marketCorrelation: 0.65,
    tradesPerHour: 1_800,
    tradeSize: 160,
    levelSize: 6_000,
    levelSpacingTicks: 2,
    spreadMeanTicks: 0.25,
  },
};

/** The instruments that can be simulated, in the order in which they are listed. */
export const SIMULATED_PROFILES: readonly MarketProfile[] = LISTED_SYMBOLS.map((symbol) => {
  const behaviour = BEHAVIOURS[symbol.instrument.id];
  if (behaviour === undefined) throw new InvariantError(`no behaviour is written down for ${symbol.instrument.id}`);
  return { symbol, ...behaviour };
});
