import { bars, family, type FeatureFamily, type ParameterRange } from '../feature-definition.ts';
import type { FeatureGraph } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import { absolute, minus, negativePart, over, overBy, positivePart, type RowLoop } from '../nodes/row-loops.ts';

/** How many periods a Wilder average is reckoned over: the plain mean that it begins with then weighs less than 1.3·10⁻⁴ (e⁻⁹ is the limit for long periods). */
const WILDER_PERIODS = 10;

const WILDER = 'Wilder: New Concepts in Technical Trading Systems (1978)';
const LANE = 'Lane: Lane’s Stochastics, Technical Analysis of Stocks & Commodities 2 (1984)';

const wilderPeriod = (preset: number): ParameterRange => ({ ...bars(preset, 2), max: 100 });

const wilder = (graph: FeatureGraph, input: Column, period: number, length: number): Column =>
  graph.seededAverage(input, period, length, 1 / period);

/** What the plain mean at the begin weighs. */
const seedWeight = (period: number, length: number): number => (1 - 1 / period) ** (length - period);

const closeChange = (graph: FeatureGraph): Column => graph.change(graph.close, 1);

/** Wilder’s: the largest of high − low, |high − close before|, |low − close before|. */
const trueRangeLoop: RowLoop = (out, from, to, high, low, before) => {
  for (let row = from; row < to; row += 1) {
    const [top, bottom, last] = [high[row] as number, low[row] as number, before[row] as number];
    out[row] = Math.max(top - bottom, Math.abs(top - last), Math.abs(bottom - last));
  }
};

const trueRange = (graph: FeatureGraph): Column =>
  graph.map('true range', trueRangeLoop, graph.high, graph.low, graph.lag(graph.close, 1));

/** One direction’s movement: nothing where the other’s is as large. */
const directionalMovement: RowLoop = (out, from, to, own, other) => {
  for (let row = from; row < to; row += 1) {
    const [a, b] = [own[row] as number, other[row] as number];
    out[row] = Number.isNaN(a + b) ? Number.NaN : a > b && a > 0 ? a : 0;
  }
};

/** `(a − b) / (a + b)`. */
const balanceLoop: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) {
    const [one, two] = [a[row] as number, b[row] as number];
    out[row] = (one - two) / (one + two);
  }
};

const within: RowLoop = (out, from, to, close, lowest, highest) => {
  for (let row = from; row < to; row += 1) {
    const bottom = lowest[row] as number;
    out[row] = ((close[row] as number) - bottom) / ((highest[row] as number) - bottom);
  }
};

const strengthIndex: RowLoop = (out, from, to, gain, loss) => {
  for (let row = from; row < to; row += 1)
    out[row] = (100 * (gain[row] as number)) / ((gain[row] as number) + (loss[row] as number));
};

const hundredTimesAbsolute: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = 100 * Math.abs(a[row] as number);
};

const lessHalf: RowLoop = (out, from, to, a) => {
  for (let row = from; row < to; row += 1) out[row] = (a[row] as number) - 0.5;
};

/** Wilder's relative strength index over `length` changes. */
export function relativeStrengthIndex(graph: FeatureGraph, period: number, length: number): Column {
  const change = closeChange(graph);
  return graph.map(
    'relative strength index',
    strengthIndex,
    wilder(graph, graph.map('positive part', positivePart, change), period, length),
    wilder(graph, graph.map('negative part', negativePart, change), period, length),
  );
}

/** Wilder's average of the true range over `length` bars. */
export const averageTrueRange = (graph: FeatureGraph, period: number, length: number): Column =>
  wilder(graph, trueRange(graph), period, length);

interface Directional {
  /** +DI and −DI, each over 100. */
  readonly plus: Column;
  readonly minus: Column;
}

/** Wilder's directional indicators, their averages over `length` bars. */
export function directionalIndicators(graph: FeatureGraph, period: number, length: number): Directional {
  const rise = graph.change(graph.high, 1);
  const fall = graph.map('minus', minus, graph.lag(graph.low, 1), graph.low);
  const range = averageTrueRange(graph, period, length);
  const of = (movement: Column): Column => graph.map('over', over, wilder(graph, movement, period, length), range);
  return {
    plus: of(graph.map('directional movement', directionalMovement, rise, fall)),
    minus: of(graph.map('directional movement', directionalMovement, fall, rise)),
  };
}

const balance = (graph: FeatureGraph, period: number): Column => {
  const { plus, minus: down } = directionalIndicators(graph, period, WILDER_PERIODS * period);
  return graph.map('balance', balanceLoop, plus, down);
};

const rawStochastic = (graph: FeatureGraph, period: number): Column =>
  graph.map('within', within, graph.close, graph.min(graph.low, period), graph.max(graph.high, period));

const meanOver = (graph: FeatureGraph, input: Column, count: number): Column =>
  count === 1 ? input : graph.map(`over ${count}`, overBy(count), graph.sum(input, count));

export const OSCILLATOR_FAMILIES: readonly FeatureFamily[] = [
  family({
    name: 'relative_strength',
    formula:
      'Σ change / Σ |change| of the last `period` closes: Cutler’s RSI (plain averages) as rsi / 50 − 1; Kaufman’s efficiency ratio with a sign',
    source: 'Cutler; Kaufman: Trading Systems and Methods',
    unit: 'share',
    range: '−1 … 1',
    parameters: { period: bars(14) },
    warmUpBars: (p) => p.period + 1,
    build: (graph, p) => {
      const change = closeChange(graph);
      const path = graph.sum(graph.map('absolute', absolute, change), p.period);
      return graph.map('over', over, graph.sum(change, p.period), path);
    },
  }),
  family({
    name: 'rsi',
    kind: 'recursive',
    formula: '100 − 100 / (1 + average gain / average loss), Wilder’s averages over 10 · `period` changes',
    source: WILDER,
    unit: 'points',
    range: '0 … 100',
    parameters: { period: wilderPeriod(14) },
    warmUpBars: (p) => WILDER_PERIODS * p.period + 1,
    tolerance: (p) => 100 * seedWeight(p.period, WILDER_PERIODS * p.period),
    build: (graph, p) => relativeStrengthIndex(graph, p.period, WILDER_PERIODS * p.period),
  }),
  family({
    name: 'atr_ratio',
    kind: 'recursive',
    formula: 'average true range / close, Wilder’s average over 10 · `period` bars',
    source: WILDER,
    unit: 'share of the close',
    range: '0 …',
    parameters: { period: wilderPeriod(14) },
    warmUpBars: (p) => WILDER_PERIODS * p.period + 1,
    tolerance: (p) => seedWeight(p.period, WILDER_PERIODS * p.period),
    build: (graph, p) =>
      graph.map('over', over, averageTrueRange(graph, p.period, WILDER_PERIODS * p.period), graph.close),
  }),
  family({
    name: 'adx',
    kind: 'recursive',
    formula:
      'Wilder’s average of 100 · |+DI − −DI| / (+DI + −DI) over 10 · `period` bars, each DI over 10 · `period` bars itself',
    source: WILDER,
    unit: 'points',
    range: '0 … 100',
    parameters: { period: wilderPeriod(14) },
    warmUpBars: (p) => 2 * WILDER_PERIODS * p.period,
    tolerance: (p) => 200 * seedWeight(p.period, WILDER_PERIODS * p.period),
    build: (graph, p) => {
      const index = graph.map('hundred times absolute', hundredTimesAbsolute, balance(graph, p.period));
      return wilder(graph, index, p.period, WILDER_PERIODS * p.period);
    },
  }),
  family({
    name: 'directional_balance',
    kind: 'recursive',
    formula: '(+DI − −DI) / (+DI + −DI), Wilder’s averages over 10 · `period` bars',
    source: WILDER,
    unit: 'share',
    range: '−1 … 1',
    parameters: { period: wilderPeriod(14) },
    warmUpBars: (p) => WILDER_PERIODS * p.period + 1,
    tolerance: (p) => 2 * seedWeight(p.period, WILDER_PERIODS * p.period),
    build: (graph, p) => balance(graph, p.period),
  }),
  family({
    name: 'stochastic_k',
    formula: '(close − lowest low) / (highest high − lowest low) of `period` bars, its mean over `smoothing` bars',
    source: LANE,
    unit: 'share',
    range: '0 … 1',
    parameters: { period: bars(14), smoothing: { ...bars(3), max: 100 } },
    warmUpBars: (p) => p.period + p.smoothing - 1,
    build: (graph, p) => meanOver(graph, rawStochastic(graph, p.period), p.smoothing),
  }),
  family({
    name: 'stochastic_d',
    formula: 'mean of stochastic_k over `signal` bars',
    source: LANE,
    unit: 'share',
    range: '0 … 1',
    parameters: { period: bars(14), smoothing: { ...bars(3), max: 100 }, signal: { ...bars(3), max: 100 } },
    warmUpBars: (p) => p.period + p.smoothing + p.signal - 2,
    build: (graph, p) => meanOver(graph, meanOver(graph, rawStochastic(graph, p.period), p.smoothing), p.signal),
  }),
  family({
    name: 'range_position',
    formula: '(close − lowest low) / (highest high − lowest low) − ½ of the last `bars`',
    source: 'definition',
    unit: 'share',
    range: '−0.5 … 0.5',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => graph.map('less a half', lessHalf, rawStochastic(graph, p.bars)),
  }),
];
