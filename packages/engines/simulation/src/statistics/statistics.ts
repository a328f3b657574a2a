import type { BacktestOutcome } from '../backtest/outcome.ts';
import { barFigures, dayFigures, drawdownFigures, growthFigures, marketFigures } from './equity-figures.ts';
import { activityFigures, tradeFigures } from './trade-figures.ts';

/** Each group of statistics, in the order in which they are listed. */
const GROUPS = {
  growth: growthFigures,
  bars: barFigures,
  days: dayFigures,
  drawdowns: drawdownFigures,
  market: marketFigures,
  activity: activityFigures,
  trades: tradeFigures,
};

export type StatisticGroup = keyof typeof GROUPS;

type Figures<Group extends StatisticGroup> = ReturnType<(typeof GROUPS)[Group]>;
export type StatisticName = { [Group in StatisticGroup]: keyof Figures<Group> }[StatisticGroup];

/** A statistic that can't be known is null; docs/statistics.md says what each is, in what unit, and when it is null. */
export type BacktestStatistics = Readonly<Record<StatisticName, number | null>>;

/** All statistics of a backtest, in the order of docs/statistics.md. `yearDays`: how many days with a point of the curve a year has; null: years go by time, of 365 days. */
export function statisticsOf(outcome: BacktestOutcome, yearDays: number | null = null): BacktestStatistics {
  return {
    ...GROUPS.growth(outcome, yearDays),
    ...GROUPS.bars(outcome, yearDays),
    ...GROUPS.days(outcome, yearDays),
    ...GROUPS.drawdowns(outcome, yearDays),
    ...GROUPS.market(outcome, yearDays),
    ...GROUPS.activity(outcome, yearDays),
    ...GROUPS.trades(outcome, yearDays),
  };
}

/** One statistic by name, equal to that of `statisticsOf`: only its group is reckoned. */
export function objectiveOf(
  outcome: BacktestOutcome,
  name: StatisticName,
  yearDays: number | null = null,
): number | null {
  const figures: Partial<BacktestStatistics> = GROUPS[STATISTICS[name].group](outcome, yearDays);
  return figures[name] ?? null;
}

/** `money` is in the quote asset, a `share` is 1 for the whole, `ratio` has no unit. */
export type StatisticUnit = 'share' | 'ratio' | 'money' | 'count' | 'ms';

export interface StatisticDefinition {
  readonly group: StatisticGroup;
  readonly unit: StatisticUnit;
  /** Which way is better; null where neither is. */
  readonly better: 'higher' | 'lower' | null;
}

/** Every statistic, in the order of docs/statistics.md. */
export const STATISTICS: Readonly<Record<StatisticName, StatisticDefinition>> = {
  bars: { group: 'growth', unit: 'count', better: null },
  durationMs: { group: 'growth', unit: 'ms', better: null },
  initialEquity: { group: 'growth', unit: 'money', better: null },
  finalEquity: { group: 'growth', unit: 'money', better: 'higher' },
  profit: { group: 'growth', unit: 'money', better: 'higher' },
  totalReturn: { group: 'growth', unit: 'share', better: 'higher' },
  cagr: { group: 'growth', unit: 'share', better: 'higher' },
  volatilityAnnual: { group: 'bars', unit: 'share', better: 'lower' },
  sharpe: { group: 'bars', unit: 'ratio', better: 'higher' },
  sortino: { group: 'bars', unit: 'ratio', better: 'higher' },
  days: { group: 'days', unit: 'count', better: null },
  sharpePerDay: { group: 'days', unit: 'ratio', better: 'higher' },
  sharpeDaily: { group: 'days', unit: 'ratio', better: 'higher' },
  probabilisticSharpe: { group: 'days', unit: 'share', better: 'higher' },
  omega: { group: 'days', unit: 'ratio', better: 'higher' },
  skew: { group: 'days', unit: 'ratio', better: 'higher' },
  kurtosis: { group: 'days', unit: 'ratio', better: 'lower' },
  valueAtRisk95: { group: 'days', unit: 'share', better: 'lower' },
  expectedShortfall95: { group: 'days', unit: 'share', better: 'lower' },
  tailRatio: { group: 'days', unit: 'ratio', better: 'higher' },
  bestDay: { group: 'days', unit: 'share', better: 'higher' },
  worstDay: { group: 'days', unit: 'share', better: 'higher' },
  winningDays: { group: 'days', unit: 'share', better: 'higher' },
  bestMonth: { group: 'days', unit: 'share', better: 'higher' },
  worstMonth: { group: 'days', unit: 'share', better: 'higher' },
  winningMonths: { group: 'days', unit: 'share', better: 'higher' },
  peakEquity: { group: 'drawdowns', unit: 'money', better: 'higher' },
  maxDrawdown: { group: 'drawdowns', unit: 'share', better: 'lower' },
  maxDrawdownAmount: { group: 'drawdowns', unit: 'money', better: 'lower' },
  maxDrawdownDurationMs: { group: 'drawdowns', unit: 'ms', better: 'lower' },
  longestDrawdownMs: { group: 'drawdowns', unit: 'ms', better: 'lower' },
  drawdowns: { group: 'drawdowns', unit: 'count', better: null },
  averageDrawdown: { group: 'drawdowns', unit: 'share', better: 'lower' },
  averageDrawdownDurationMs: { group: 'drawdowns', unit: 'ms', better: 'lower' },
  ulcerIndex: { group: 'drawdowns', unit: 'share', better: 'lower' },
  calmar: { group: 'drawdowns', unit: 'ratio', better: 'higher' },
  recoveryFactor: { group: 'drawdowns', unit: 'ratio', better: 'higher' },
  buyAndHoldReturn: { group: 'market', unit: 'share', better: null },
  buyAndHoldCagr: { group: 'market', unit: 'share', better: null },
  buyAndHoldVolatility: { group: 'market', unit: 'share', better: null },
  buyAndHoldSharpe: { group: 'market', unit: 'ratio', better: null },
  buyAndHoldMaxDrawdown: { group: 'market', unit: 'share', better: null },
  excessReturn: { group: 'market', unit: 'share', better: 'higher' },
  beta: { group: 'market', unit: 'ratio', better: null },
  alpha: { group: 'market', unit: 'share', better: 'higher' },
  correlation: { group: 'market', unit: 'ratio', better: null },
  informationRatio: { group: 'market', unit: 'ratio', better: 'higher' },
  exposureTime: { group: 'activity', unit: 'share', better: null },
  averageExposure: { group: 'activity', unit: 'share', better: null },
  maxExposure: { group: 'activity', unit: 'share', better: null },
  orders: { group: 'activity', unit: 'count', better: null },
  fills: { group: 'activity', unit: 'count', better: null },
  turnover: { group: 'activity', unit: 'money', better: null },
  turnoverAnnual: { group: 'activity', unit: 'ratio', better: null },
  fees: { group: 'activity', unit: 'money', better: 'lower' },
  slippage: { group: 'activity', unit: 'money', better: 'lower' },
  trades: { group: 'trades', unit: 'count', better: null },
  tradesOpen: { group: 'trades', unit: 'count', better: null },
  tradesLong: { group: 'trades', unit: 'count', better: null },
  tradesShort: { group: 'trades', unit: 'count', better: null },
  tradesPerYear: { group: 'trades', unit: 'ratio', better: null },
  winRate: { group: 'trades', unit: 'share', better: 'higher' },
  profitFactor: { group: 'trades', unit: 'ratio', better: 'higher' },
  expectancy: { group: 'trades', unit: 'money', better: 'higher' },
  averageWin: { group: 'trades', unit: 'money', better: 'higher' },
  averageLoss: { group: 'trades', unit: 'money', better: 'lower' },
  payoffRatio: { group: 'trades', unit: 'ratio', better: 'higher' },
  averageTrade: { group: 'trades', unit: 'share', better: 'higher' },
  bestTrade: { group: 'trades', unit: 'share', better: 'higher' },
  worstTrade: { group: 'trades', unit: 'share', better: 'higher' },
  sqn: { group: 'trades', unit: 'ratio', better: 'higher' },
  sqn100: { group: 'trades', unit: 'ratio', better: 'higher' },
  kelly: { group: 'trades', unit: 'share', better: 'higher' },
  averageHoldingMs: { group: 'trades', unit: 'ms', better: null },
  longestHoldingMs: { group: 'trades', unit: 'ms', better: null },
  shortestHoldingMs: { group: 'trades', unit: 'ms', better: null },
  averageHoldingBars: { group: 'trades', unit: 'ratio', better: null },
  betweenEntriesMs: { group: 'trades', unit: 'ms', better: null },
  longestWinningRun: { group: 'trades', unit: 'count', better: 'higher' },
  longestLosingRun: { group: 'trades', unit: 'count', better: 'lower' },
  averageAdverseShare: { group: 'trades', unit: 'share', better: 'lower' },
  worstAdverseShare: { group: 'trades', unit: 'share', better: 'lower' },
  averageFavourableShare: { group: 'trades', unit: 'share', better: 'higher' },
  bestFavourableShare: { group: 'trades', unit: 'share', better: 'higher' },
};
