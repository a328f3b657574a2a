import type { BacktestOutcome, BacktestTrade } from '../backtest/outcome.ts';
import { at, extremeOf, meanOf, perYear, ratio } from './columns.ts';
import { durationOf, elapsedOf } from './equity-figures.ts';
import { momentsOf } from './moments.ts';

/** Definitions, units and sources are in docs/statistics.md. All but the counts are of closed trades, in the order of their closes. */

export const closedTrades = ({ trades }: Pick<BacktestOutcome, 'trades'>): readonly BacktestTrade[] =>
  trades.filter(({ closedMs }) => closedMs !== null);

export function profitsOf(trades: readonly BacktestTrade[]): Float64Array {
  const column = new Float64Array(trades.length);
  for (let index = 0; index < trades.length; index += 1) column[index] = Number(trades[index]?.profit);
  return column;
}

/** Closed trades, in the order of their closes, as columns. */
interface TradeColumns {
  readonly profits: Float64Array;
  readonly returns: Float64Array;
  readonly holdingMs: Float64Array;
  readonly bars: Float64Array;
  readonly adverse: Float64Array;
  readonly favourable: Float64Array;
  readonly long: number;
}

/** In one pass: the trades lie all over the memory. */
function columnsOf(trades: readonly BacktestTrade[]): TradeColumns {
  const column = (): Float64Array => new Float64Array(trades.length);
  const [profits, returns, holdingMs] = [column(), column(), column()];
  const [bars, adverse, favourable] = [column(), column(), column()];
  let [long, index] = [0, 0];
  for (const trade of trades) {
    profits[index] = Number(trade.profit);
    returns[index] = trade.returnShare;
    holdingMs[index] = (trade.closedMs ?? trade.openedMs) - trade.openedMs;
    bars[index] = trade.bars;
    adverse[index] = trade.adverseShare;
    favourable[index] = trade.favourableShare;
    if (trade.direction === 'long') long += 1;
    index += 1;
  }
  return { profits, returns, holdingMs, bars, adverse, favourable, long };
}

interface Sides {
  readonly wins: number;
  readonly losses: number;
  readonly won: number;
  /** Above zero. */
  readonly lost: number;
}

function sidesOf(values: Float64Array): Sides {
  let [wins, losses, won, lost] = [0, 0, 0, 0];
  for (let index = 0; index < values.length; index += 1) {
    const value = at(values, index);
    if (value > 0) [wins, won] = [wins + 1, won + value];
    else if (value < 0) [losses, lost] = [losses + 1, lost - value];
  }
  return { wins, losses, won, lost };
}

/** Σ profits above zero over Σ losses; null where nothing was lost. */
export function profitFactorOf(profits: Float64Array): number | null {
  const { won, lost } = sidesOf(profits);
  return ratio(won, lost);
}

/** Kelly's fraction for two outcomes, as sizing by it has it: those that made nothing count in neither, never below −1. */
function kellyOf(returns: Float64Array): number | null {
  const { wins, losses, won, lost } = sidesOf(returns);
  if (wins + losses === 0) return null;
  return won === 0 ? -1 : Math.max(-1, (wins / (wins + losses)) * (1 - lost / won));
}

function longestRun(profits: Float64Array, sign: 1 | -1): number {
  let [longest, run] = [0, 0];
  for (let index = 0; index < profits.length; index += 1) {
    run = at(profits, index) * sign > 0 ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return longest;
}

/** Mean time from one entry to the next, of all trades. */
function betweenEntries(trades: readonly BacktestTrade[]): number | null {
  let [first, last] = [Infinity, -Infinity];
  for (const { openedMs } of trades) {
    if (openedMs < first) first = openedMs;
    if (openedMs > last) last = openedMs;
  }
  return ratio(last - first, trades.length - 1);
}

export function tradeFigures(outcome: BacktestOutcome, yearDays: number | null) {
  const closed = closedTrades(outcome);
  const { profits, returns, holdingMs, bars, adverse, favourable, long } = columnsOf(closed);
  const { wins, losses, won, lost } = sidesOf(profits);
  const { mean, sharpe } = momentsOf(profits);
  const count = closed.length;
  const averageWin = ratio(won, wins);
  const averageLoss = ratio(lost, losses);
  return {
    trades: count,
    tradesOpen: outcome.trades.length - count,
    tradesLong: long,
    tradesShort: count - long,
    tradesPerYear: perYear(count, elapsedOf(outcome, yearDays)),
    winRate: ratio(wins, count),
    profitFactor: ratio(won, lost),
    expectancy: mean,
    averageWin,
    averageLoss,
    payoffRatio: ratio(averageWin, averageLoss),
    averageTrade: meanOf(returns),
    bestTrade: extremeOf(returns, 1),
    worstTrade: extremeOf(returns, -1),
    sqn: sharpe === null ? null : Math.sqrt(count) * sharpe,
    sqn100: sharpe === null ? null : Math.sqrt(Math.min(count, 100)) * sharpe,
    kelly: kellyOf(returns),
    averageHoldingMs: meanOf(holdingMs),
    longestHoldingMs: extremeOf(holdingMs, 1),
    shortestHoldingMs: extremeOf(holdingMs, -1),
    averageHoldingBars: meanOf(bars),
    betweenEntriesMs: betweenEntries(outcome.trades),
    longestWinningRun: longestRun(profits, 1),
    longestLosingRun: longestRun(profits, -1),
    averageAdverseShare: meanOf(adverse),
    worstAdverseShare: extremeOf(adverse, 1),
    averageFavourableShare: meanOf(favourable),
    bestFavourableShare: extremeOf(favourable, 1),
  };
}

/** The time in which at least one of the trades was open, within the span. */
function timeInMarket({ trades, curve }: BacktestOutcome): number {
  const [startMs, endMs] = [curve.timeMs[0] ?? 0, curve.timeMs.at(-1) ?? 0];
  // Trades of one strategy in one instrument are in order already.
  const sorted = trades.every(({ openedMs }, index) => index === 0 || openedMs >= (trades[index - 1]?.openedMs ?? 0));
  const inOrder = sorted ? trades : trades.toSorted((left, right) => left.openedMs - right.openedMs);
  let [sumMs, untilMs] = [0, -Infinity];
  for (const { openedMs, closedMs } of inOrder) {
    const [fromMs, toMs] = [Math.max(startMs, openedMs), Math.min(endMs, closedMs ?? endMs)];
    if (toMs <= untilMs) continue;
    sumMs += toMs - Math.max(fromMs, untilMs);
    untilMs = toMs;
  }
  return sumMs;
}

/**
 * Mean over time, each point standing until the next, and largest share of equity that is in positions, of whatever direction, until nothing is left; and the mean equity of all
 * points.
 */
function exposureOf({ timeMs, equity, exposure }: BacktestOutcome['curve']) {
  const { length } = equity;
  const end = length - 1;
  let [sum, largest, worths, index] = [0, 0, 0, 0];
  for (; index < length; index += 1) {
    const worth = equity[index] ?? 0;
    if (!(worth > 0)) break;
    worths += worth;
    const held = exposure[index] ?? 0;
    if (held === 0) continue;
    const share = Math.abs(held) / worth;
    if (share > largest) largest = share;
    if (index < end) sum += share * ((timeMs[index + 1] ?? 0) - (timeMs[index] ?? 0));
  }
  const lengthMs = (timeMs[Math.min(index, end)] ?? 0) - (timeMs[0] ?? 0);
  for (; index < length; index += 1) worths += equity[index] ?? 0;
  return {
    averageExposure: ratio(sum, lengthMs),
    maxExposure: length === 0 ? null : largest,
    averageEquity: length === 0 ? null : worths / length,
  };
}

export function activityFigures(outcome: BacktestOutcome, yearDays: number | null) {
  const { curve, trades, turnover, slippage, orderCount, fillCount } = outcome;
  const { averageExposure, maxExposure, averageEquity } = exposureOf(curve);
  return {
    exposureTime: ratio(timeInMarket(outcome), durationOf(outcome)),
    averageExposure,
    maxExposure,
    orders: orderCount,
    fills: fillCount,
    turnover,
    turnoverAnnual: perYear(ratio(turnover, averageEquity) ?? Number.NaN, elapsedOf(outcome, yearDays)),
    fees: trades.reduce((sum, { fees }) => sum + Number(fees), 0),
    slippage,
  };
}
