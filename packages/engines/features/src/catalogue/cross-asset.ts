import { bars, family, type FeatureFamily } from '../feature-definition.ts';
import type { FeatureGraph } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import { ln, minus, over, standardScore, type RowLoop } from '../nodes/row-loops.ts';
import { logClose, logReturn } from './returns.ts';

const otherLogClose = (graph: FeatureGraph, other: string): Column => graph.map('ln', ln, graph.otherClose(other));

const otherLogReturn = (graph: FeatureGraph, other: string): Column => graph.change(otherLogClose(graph, other), 1);

const correlationLoop: RowLoop = (out, from, to, xy, xx, yy) => {
  for (let row = from; row < to; row += 1)
    out[row] = (xy[row] as number) / Math.sqrt((xx[row] as number) * (yy[row] as number));
};

export const CROSS_ASSET_FAMILIES: readonly FeatureFamily[] = [
  family({
    name: 'other_return',
    kind: 'cross-asset',
    ofOther: true,
    formula: 'ln(close / close of `bars` before) of the other instrument',
    source: 'definition',
    unit: 'log return',
    range: 'unbounded',
    parameters: { bars: bars(1) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p, other) => graph.change(otherLogClose(graph, other), p.bars),
  }),
  family({
    name: 'other_correlation',
    kind: 'cross-asset',
    ofOther: true,
    formula: 'Pearson’s correlation of the one-bar log returns of both over `bars`',
    source: 'Pearson (1895)',
    unit: 'none',
    range: '−1 … 1',
    parameters: { bars: bars(96, 3) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p, other) => {
      const { squaresX, squaresY, products } = graph.moments(logReturn(graph), otherLogReturn(graph, other), p.bars);
      return graph.map('correlation', correlationLoop, products, squaresX, squaresY);
    },
  }),
  family({
    name: 'other_beta',
    kind: 'cross-asset',
    ofOther: true,
    formula: 'slope of the own one-bar log returns on the other’s over `bars` (least squares)',
    source: 'Sharpe: Capital Asset Prices, Journal of Finance 19 (1964)',
    unit: 'none',
    range: 'unbounded',
    parameters: { bars: bars(96, 3) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p, other) => {
      const { squaresY, products } = graph.moments(logReturn(graph), otherLogReturn(graph, other), p.bars);
      return graph.map('over', over, products, squaresY);
    },
  }),
  family({
    name: 'other_spread',
    kind: 'cross-asset',
    ofOther: true,
    formula: '(s − mean) / standard deviation (divided by n) of s = ln(close / other’s close) over `bars`',
    source: 'Gatev, Goetzmann, Rouwenhorst: Pairs Trading, Review of Financial Studies 19 (2006)',
    unit: 'standard deviations',
    range: '−√n … √n',
    parameters: { bars: bars(96, 3) },
    warmUpBars: (p) => p.bars,
    build: (graph, p, other) => {
      const spread = graph.map('minus', minus, logClose(graph), otherLogClose(graph, other));
      const { mean, squares } = graph.spread(spread, p.bars);
      return graph.map(`z ${p.bars}`, standardScore(p.bars), spread, mean, squares);
    },
  }),
];
