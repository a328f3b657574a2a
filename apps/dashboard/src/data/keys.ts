/** Names under which the page keeps what it knows. */
export const keys = {
  status: ['status'],
  instruments: ['instruments'],
  tradingState: ['trading-state'],
  account: ['account'],
  positions: ['positions'],
  orders: ['orders'],
  fills: ['fills'],
  decisions: ['decisions'],
  roundTrips: ['round-trips'],
  alerts: ['alerts'],
  strategies: ['strategies'],
  risk: ['risk'],
  /** Of the account (null) or a strategy, over the last `spanMs`; null: since ever. */
  performance: (strategy: string | null, spanMs: number | null) => ['performance', strategy, spanMs],
  book: (instrument: string) => ['book', instrument],
  trades: (instrument: string) => ['trades', instrument],
  dayBar: (instrument: string) => ['day-bar', instrument],
  predictions: (instrument: string) => ['predictions', instrument],
  models: ['models'],
  backtests: ['backtests'],
  backtestChoices: ['backtest-choices'],
  backtestStatistics: (locale: string) => ['backtest-statistics', locale],
  backtest: (id: string) => ['backtest', id],
  backtestCurve: (id: string) => ['backtest-curve', id],
  backtestTrades: (id: string) => ['backtest-trades', id],
  backtestMarks: (id: string) => ['backtest-marks', id],
  backtestPrices: (id: string, instrument: string) => ['backtest-prices', id, instrument],
  optimizations: ['optimizations'],
  optimization: (id: string) => ['optimization', id],
  storedData: ['stored-data'],
  description: (market: string, instrument: string, interval: string) => ['description', market, instrument, interval],
  instrumentFills: (instrument: string) => ['fills', instrument],
} as const;

/**
 * What a page keeps across a restart of the server: each answer takes the place of the last one. Everything else is merged with what is
 * held, and a server that began anew may have begun another session, with ids and times that start over.
 */
const REPLACED: ReadonlySet<unknown> = new Set([
  keys.status[0],
  keys.instruments[0],
  keys.tradingState[0],
  keys.positions[0],
  keys.strategies[0],
  keys.risk[0],
  keys.models[0],
  keys.backtests[0],
  keys.backtestChoices[0],
  keys.optimizations[0],
  keys.storedData[0],
]);

/** True for what must be forgotten when the server began anew. */
export const isOfOneServerLife = ([name]: readonly unknown[]): boolean => !REPLACED.has(name);
