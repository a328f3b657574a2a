import { leastOf, resampleSteps, type Judged, type Judgement } from './judgement.ts';

/** Fee and slippage of one side of a trade, as shares of its value. */
export interface TradingCosts {
  readonly feeShare: number;
  readonly slippageShare: number;
}

/** What is held when a fall is expected: nothing, or a short position. */
export type TradingVariant = 'long-flat' | 'long-short';

/** What forecasts say to do, and the market they are traded on. */
export interface TradedForecasts {
  /** Closes of all bars. */
  readonly close: Float64Array;
  /** The bar that each signal was given at; rises strictly. */
  readonly barIndex: Int32Array;
  /** 1: long, −1: short, 0: neither, at each of these bars. */
  readonly signals: Int8Array;
  readonly horizonBars: number;
}

/** What trading forecasts naively brought. All returns are simple ones, shares of the capital. */
export interface NetResult {
  readonly variant: TradingVariant;
  /** Bars that were traded or could have been. */
  readonly bars: number;
  /** Bars with a signal to be in. */
  readonly signals: number;
  /** Purchases and sales of the whole capital, half their number. */
  readonly roundTrips: number;
  /** Mean size of the position, 0–1. */
  readonly exposure: number;
  /** Mean return of a bar before costs, and after them. */
  readonly grossPerBar: Judged;
  readonly netPerBar: Judged;
  /** Return after costs over the round trips; null where nothing was traded. */
  readonly netPerRoundTrip: Judged | null;
}

/** What is held, bar by bar, and what it brought. */
interface Held {
  readonly gross: Float64Array;
  readonly net: Float64Array;
  readonly turnover: Float64Array;
  readonly exposure: Float64Array;
  readonly signals: number;
}

const at = (values: Float64Array | Int32Array | Int8Array, index: number): number => values[index] ?? Number.NaN;

/**
 * Each signal is held over the horizon with 1 / horizon of the capital, so that every forecast counts alike and what overlaps is not paid for twice: the position is the mean of the last
 * `horizonBars` bars' signals (after Jegadeesh and Titman 1993). A bar without a forecast gives no signal. Every change costs its size times the costs of one side; at the end all is closed.
 */
function hold(forecasts: TradedForecasts, variant: TradingVariant, costs: TradingCosts): Held {
  const { close, barIndex, signals, horizonBars } = forecasts;
  const first = at(barIndex, 0);
  const last = Math.min(at(barIndex, barIndex.length - 1) + horizonBars, close.length - 1);
  const bars = Math.max(0, last - first);
  const spoken = new Int8Array(bars);
  let given = 0;
  for (const [row, signal] of signals.entries()) {
    const bar = at(barIndex, row) - first;
    const wanted = variant === 'long-flat' ? Math.max(0, signal) : signal;
    if (bar < bars) spoken[bar] = wanted;
    if (wanted !== 0) given += 1;
  }
  const side = costs.feeShare + costs.slippageShare;
  const held: Held = {
    gross: new Float64Array(bars),
    net: new Float64Array(bars),
    turnover: new Float64Array(bars),
    exposure: new Float64Array(bars),
    signals: given,
  };
  let [sum, before] = [0, 0];
  for (let bar = 0; bar < bars; bar += 1) {
    sum += at(spoken, bar) - (bar >= horizonBars ? at(spoken, bar - horizonBars) : 0);
    const position = sum / horizonBars;
    const closing = bar === bars - 1 ? Math.abs(position) : 0;
    const traded = Math.abs(position - before) + closing;
    const gross = position * (at(close, first + bar + 1) / at(close, first + bar) - 1);
    held.gross[bar] = gross;
    held.net[bar] = gross - side * traded;
    held.turnover[bar] = traded;
    held.exposure[bar] = Math.abs(position);
    before = position;
  }
  return held;
}

/** Trades signals over all their bars, in steps. Null where there is no bar. */
export function* netResultSteps(
  forecasts: TradedForecasts,
  variant: TradingVariant,
  costs: TradingCosts,
  judgement: Judgement,
): Generator<void, NetResult | null> {
  const { gross, net, turnover, exposure, signals } = hold(forecasts, variant, costs);
  yield;
  const bars = net.length;
  const sums = yield* resampleSteps({ gross, net, turnover, exposure }, judgement);
  const grossPerBar = sums.judge(({ gross: total }) => total / bars);
  const netPerBar = sums.judge(({ net: total }) => total / bars);
  if (grossPerBar === null || netPerBar === null) return null;
  const roundTrips = sums.totals.turnover / 2;
  return {
    variant,
    bars,
    signals,
    roundTrips,
    exposure: sums.totals.exposure / bars,
    grossPerBar,
    netPerBar,
    netPerRoundTrip: roundTrips === 0 ? null : sums.judge((total) => (2 * total.net) / total.turnover),
  };
}

/** Both variants; null where there is no bar. */
export interface NetOfCosts {
  readonly longFlat: NetResult;
  readonly longShort: NetResult;
  /** The lesser of both nets a bar, with the lesser of their intervals' ends: above zero only where both are. What the market's own drift brings to one of them, it takes from the other's shorts. */
  readonly least: Judged;
}

/** Trades signals both ways, in steps. */
export function* netOfCostsSteps(
  forecasts: TradedForecasts,
  costs: TradingCosts,
  judgement: Judgement,
): Generator<void, NetOfCosts | null> {
  const longFlat = yield* netResultSteps(forecasts, 'long-flat', costs, judgement);
  const longShort = yield* netResultSteps(forecasts, 'long-short', costs, judgement);
  if (longFlat === null || longShort === null) return null;
  const least = leastOf([longFlat.netPerBar, longShort.netPerBar]);
  return least === null ? null : { longFlat, longShort, least };
}
