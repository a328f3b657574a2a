import { bars, family, type FeatureFamily } from '../feature-definition.ts';
import type { FeatureGraph, Spread } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import { minus, over, overBy, type RowLoop } from '../nodes/row-loops.ts';
import { logClose } from './returns.ts';

/** Bars of an exponential average for each bar of its period, its plain mean at the begin among them: that mean then weighs less than 4·10⁻⁴ (e⁻⁸ is the limit for long periods). */
const EMA_PERIODS = 5;
/** Without a mean at the begin: what is cut off would weigh less than 0.3 %. */
const FINITE_EMA_PERIODS = 3;

/** Exponential average over `EMA_PERIODS` × period bars, begun with a plain mean, as `ema(period)` of the indicators. */
const ema = (graph: FeatureGraph, input: Column, period: number, settled: number): Column =>
  graph.seededAverage(input, period, settled * EMA_PERIODS, 2 / (period + 1));

const macdLine = (graph: FeatureGraph, fast: number, slow: number): Column =>
  graph.map('minus', minus, ema(graph, graph.close, fast, slow), ema(graph, graph.close, slow, slow));

/** Log closes averaged with the weights of an exponential average that is cut off, summing to one. */
function finiteEma(graph: FeatureGraph, period: number): Column {
  const length = period * FINITE_EMA_PERIODS;
  const decay = 1 - 2 / (period + 1);
  let weights = 0;
  let weight = 1;
  for (let age = 0; age < length; age += 1) {
    weights += weight;
    weight *= decay;
  }
  return graph.map(`over ${weights}`, overBy(weights), graph.decayedSum(logClose(graph), length, decay));
}

const seedWeight = (period: number, length: number): number => (1 - 2 / (period + 1)) ** (length - period);

const closeSpread = (graph: FeatureGraph, count: number): Spread => graph.spread(graph.close, count);

/** `ln(a / (b / count))`. */
const lnOverMean =
  (count: number): RowLoop =>
  (out, from, to, close, sum) => {
    for (let row = from; row < to; row += 1)
      out[row] = Math.log(((close[row] as number) * count) / (sum[row] as number));
  };

const bandPosition =
  (count: number, width: number): RowLoop =>
  (out, from, to, close, mean, squares) => {
    for (let row = from; row < to; row += 1) {
      const band = 2 * width * Math.sqrt((squares[row] as number) / count);
      out[row] = ((close[row] as number) - (mean[row] as number)) / band + 0.5;
    }
  };

const bandWidth =
  (count: number, width: number): RowLoop =>
  (out, from, to, mean, squares) => {
    for (let row = from; row < to; row += 1)
      out[row] = (2 * width * Math.sqrt((squares[row] as number) / count)) / (mean[row] as number);
  };

const fastSlow = (p: { readonly fast: number; readonly slow: number }): string | null =>
  p.fast < p.slow ? null : 'fast must be below slow';

const APPEL = 'Appel: The Moving Average Convergence-Divergence Method (1979)';
const BOLLINGER = 'Bollinger: Bollinger on Bollinger Bands (2001)';

export const AVERAGE_FAMILIES: readonly FeatureFamily[] = [
  family({
    name: 'sma_distance',
    formula: 'ln(close / mean of the last `period` closes)',
    source: 'definition',
    unit: 'log return',
    range: 'unbounded',
    parameters: { period: bars(20) },
    warmUpBars: (p) => p.period,
    build: (graph, p) =>
      graph.map(`ln over mean ${p.period}`, lnOverMean(p.period), graph.close, graph.sum(graph.close, p.period)),
  }),
  family({
    name: 'ema_distance',
    formula:
      'ln(close) − Σ wₐ ln(close a bars before) over 3 · `period` bars, wₐ ∝ (1 − 2 / (`period` + 1))ᵃ, Σ wₐ = 1',
    source: 'definition; the exponential average cut off',
    unit: 'log return',
    range: 'unbounded',
    parameters: { period: { ...bars(12), max: 600 } },
    warmUpBars: (p) => p.period * FINITE_EMA_PERIODS,
    build: (graph, p) => graph.map('minus', minus, logClose(graph), finiteEma(graph, p.period)),
  }),
  family({
    name: 'macd_line',
    kind: 'recursive',
    formula: '(ema(`fast`) − ema(`slow`)) / close, averages over 5 · `slow` bars, begun with a plain mean',
    source: APPEL,
    unit: 'share of the close',
    range: 'unbounded',
    parameters: { fast: { ...bars(12), max: 300 }, slow: { ...bars(26, 2), max: 300 } },
    fault: fastSlow,
    warmUpBars: (p) => p.slow * EMA_PERIODS,
    tolerance: (p) => seedWeight(p.slow, p.slow * EMA_PERIODS),
    build: (graph, p) => graph.map('over', over, macdLine(graph, p.fast, p.slow), graph.close),
  }),
  family({
    name: 'macd_histogram',
    kind: 'recursive',
    formula:
      '(line − ema(`signal`) of it) / close, line = ema(`fast`) − ema(`slow`); the signal over 5 · `signal` lines',
    source: APPEL,
    unit: 'share of the close',
    range: 'unbounded',
    parameters: {
      fast: { ...bars(12), max: 300 },
      slow: { ...bars(26, 2), max: 300 },
      signal: { ...bars(9), max: 300 },
    },
    fault: fastSlow,
    warmUpBars: (p) => (p.slow + p.signal) * EMA_PERIODS - 1,
    tolerance: (p) => seedWeight(p.slow, p.slow * EMA_PERIODS) + seedWeight(p.signal, p.signal * EMA_PERIODS),
    build: (graph, p) => {
      const line = macdLine(graph, p.fast, p.slow);
      return graph.map(
        'over',
        over,
        graph.map('minus', minus, line, ema(graph, line, p.signal, p.signal)),
        graph.close,
      );
    },
  }),
  family({
    name: 'bollinger_position',
    formula:
      '%b = (close − lower) / (upper − lower), bands `width` standard deviations (divided by n) from the mean of `period` closes',
    source: BOLLINGER,
    unit: 'share of the band',
    range: 'mostly 0 … 1',
    parameters: { period: bars(20, 2), width: { default: 2, min: 0.1, max: 10, fraction: true } },
    warmUpBars: (p) => p.period,
    build: (graph, p) => {
      const { mean, squares } = closeSpread(graph, p.period);
      return graph.map(`%b ${p.period} ${p.width}`, bandPosition(p.period, p.width), graph.close, mean, squares);
    },
  }),
  family({
    name: 'bollinger_width',
    formula: '(upper − lower) / middle of the same bands',
    source: BOLLINGER,
    unit: 'share of the middle',
    range: '0 …',
    parameters: { period: bars(20, 2), width: { default: 2, min: 0.1, max: 10, fraction: true } },
    warmUpBars: (p) => p.period,
    build: (graph, p) => {
      const { mean, squares } = closeSpread(graph, p.period);
      return graph.map(`band ${p.period} ${p.width}`, bandWidth(p.period, p.width), mean, squares);
    },
  }),
];
