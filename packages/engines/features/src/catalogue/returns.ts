import { bars, family, type FeatureFamily } from '../feature-definition.ts';
import type { FeatureGraph } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import { ln, lnOver, minus, over, rootMean, square, type RowLoop } from '../nodes/row-loops.ts';

export const logClose = (graph: FeatureGraph): Column => graph.map('ln', ln, graph.close);

/** `ln(close / close before)`. */
export const logReturn = (graph: FeatureGraph): Column => graph.change(logClose(graph), 1);

const realized = (graph: FeatureGraph, count: number): Column =>
  graph.map(`root mean ${count}`, rootMean(count), graph.sum(graph.map('square', square, logReturn(graph)), count));

/** `ln(high / low)`. */
const logRange = (graph: FeatureGraph): Column => graph.map('ln quotient', lnOver, graph.high, graph.low);

/** Half the squared log range, less what of the squared log body it holds. */
const garmanKlass: RowLoop = (out, from, to, range, move) => {
  for (let row = from; row < to; row += 1) {
    const [r, m] = [range[row] as number, move[row] as number];
    out[row] = 0.5 * r * r - (2 * Math.LN2 - 1) * m * m;
  }
};

/** A move of `bars` bars over what one of them moves. */
const perRoot =
  (count: number): RowLoop =>
  (out, from, to, move, volatility) => {
    const root = Math.sqrt(count);
    for (let row = from; row < to; row += 1) out[row] = (move[row] as number) / ((volatility[row] as number) * root);
  };

export const RETURN_FAMILIES: readonly FeatureFamily[] = [
  family({
    name: 'log_return',
    formula: 'ln(close / close of `bars` before)',
    source: 'definition',
    unit: 'log return',
    range: 'unbounded',
    parameters: { bars: bars(1) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p) => graph.change(logClose(graph), p.bars),
  }),
  family({
    name: 'realized_volatility',
    formula: '√(Σ r² / `bars`), r the one-bar log returns; the mean is not taken off',
    source: 'Andersen, Bollerslev: Answering the Skeptics, International Economic Review 39 (1998)',
    unit: 'log return a bar',
    range: '0 …',
    parameters: { bars: bars(12) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p) => realized(graph, p.bars),
  }),
  family({
    name: 'volatility_ratio',
    formula: 'ln(realized_volatility of `short` / of `long` bars)',
    source: 'definition',
    unit: 'log',
    range: 'unbounded',
    parameters: { short: bars(12), long: bars(96) },
    fault: (p) => (p.short < p.long ? null : 'short must be below long'),
    warmUpBars: (p) => p.long + 1,
    build: (graph, p) => graph.map('ln quotient', lnOver, realized(graph, p.short), realized(graph, p.long)),
  }),
  family({
    name: 'parkinson_volatility',
    formula: '√(Σ ln(high / low)² / (4 ln 2 · `bars`))',
    source: 'Parkinson: The Extreme Value Method, Journal of Business 53 (1980)',
    unit: 'log return a bar',
    range: '0 …',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) =>
      graph.map(
        `parkinson ${p.bars}`,
        rootMean(4 * Math.LN2 * p.bars),
        graph.sum(graph.map('square', square, logRange(graph)), p.bars),
      ),
  }),
  family({
    name: 'garman_klass_volatility',
    formula: '√(mean of ½ ln(high / low)² − (2 ln 2 − 1) ln(close / open)² over `bars`)',
    source: 'Garman, Klass: On the Estimation of Security Price Volatilities, Journal of Business 53 (1980)',
    unit: 'log return a bar',
    range: '0 …',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => {
      const body = graph.map('ln quotient', lnOver, graph.close, graph.open);
      const terms = graph.map('garman-klass', garmanKlass, logRange(graph), body);
      return graph.map(`root mean ${p.bars}`, rootMean(p.bars), graph.sum(terms, p.bars));
    },
  }),
  family({
    name: 'return_z',
    formula: 'log_return over `bars` / (realized_volatility of `over` bars · √`bars`)',
    source: 'definition',
    unit: 'standard deviations',
    range: 'unbounded',
    parameters: { bars: bars(1), over: bars(48, 2) },
    warmUpBars: (p) => Math.max(p.bars, p.over) + 1,
    build: (graph, p) =>
      graph.map(`per root ${p.bars}`, perRoot(p.bars), graph.change(logClose(graph), p.bars), realized(graph, p.over)),
  }),
  family({
    name: 'body_share',
    formula: '(close − open) / (high − low)',
    source: 'definition',
    unit: 'share of the bar’s range',
    range: '−1 … 1',
    parameters: {},
    warmUpBars: () => 1,
    build: (graph) =>
      graph.map(
        'over',
        over,
        graph.map('minus', minus, graph.close, graph.open),
        graph.map('minus', minus, graph.high, graph.low),
      ),
  }),
];
