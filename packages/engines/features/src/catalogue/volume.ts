import { bars, family, type FeatureFamily } from '../feature-definition.ts';
import type { FeatureGraph } from '../feature-graph.ts';
import type { Column } from '../nodes/node.ts';
import { lnOver, minus, over, overBy, overMeanOf, standardScore, times, type RowLoop } from '../nodes/row-loops.ts';

const signedBy: RowLoop = (out, from, to, volume, change) => {
  for (let row = from; row < to; row += 1) out[row] = Math.sign(change[row] as number) * (volume[row] as number);
};

const typicalPrice: RowLoop = (out, from, to, high, low, close) => {
  for (let row = from; row < to; row += 1)
    out[row] = ((high[row] as number) + (low[row] as number) + (close[row] as number)) / 3;
};

/** `ln(a / (b / c))`. */
const lnOverQuotient: RowLoop = (out, from, to, a, b, c) => {
  for (let row = from; row < to; row += 1)
    out[row] = Math.log(((a[row] as number) * (c[row] as number)) / (b[row] as number));
};

const absoluteLnOver: RowLoop = (out, from, to, a, b) => {
  for (let row = from; row < to; row += 1) out[row] = Math.abs(Math.log((a[row] as number) / (b[row] as number)));
};

/** What takers bought less what they sold. */
const signedVolume: RowLoop = (out, from, to, buys, volume) => {
  for (let row = from; row < to; row += 1) out[row] = 2 * (buys[row] as number) - (volume[row] as number);
};

const overMean = (graph: FeatureGraph, input: Column, count: number): Column =>
  graph.map(`over mean ${count}`, overMeanOf(count), input, graph.sum(input, count));

export const VOLUME_FAMILIES: readonly FeatureFamily[] = [
  family({
    name: 'volume_ratio',
    formula: 'volume / mean volume of the last `bars`',
    source: 'definition',
    unit: 'times',
    range: '0 … `bars`',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => overMean(graph, graph.volume, p.bars),
  }),
  family({
    name: 'volume_z',
    formula: '(volume − mean) / standard deviation (divided by n) of the last `bars`',
    source: 'definition',
    unit: 'standard deviations',
    range: '−√n … √n',
    parameters: { bars: bars(48, 2) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => {
      const { mean, squares } = graph.spread(graph.volume, p.bars);
      return graph.map(`z ${p.bars}`, standardScore(p.bars), graph.volume, mean, squares);
    },
  }),
  family({
    name: 'obv_change',
    formula:
      'Σ sign(change of close) · volume / Σ volume of the last `bars`: what on-balance volume changed by, bounded',
    source: 'Granville: New Key to Stock Market Profits (1963)',
    unit: 'share of the volume',
    range: '−1 … 1',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars + 1,
    build: (graph, p) => {
      const signed = graph.map('signed by', signedBy, graph.volume, graph.change(graph.close, 1));
      return graph.map('over', over, graph.sum(signed, p.bars), graph.sum(graph.volume, p.bars));
    },
  }),
  family({
    name: 'vwap_distance',
    formula:
      'ln(close / vwap), vwap = Σ typical · volume / Σ volume of the last `bars`, typical = (high + low + close) / 3; it rolls',
    source: 'Berkowitz, Logue, Noser: The Total Cost of Transactions on the NYSE, Journal of Finance 43 (1988)',
    unit: 'log return',
    range: 'unbounded',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => {
      const typical = graph.map('typical', typicalPrice, graph.high, graph.low, graph.close);
      const value = graph.sum(graph.map('times', times, typical, graph.volume), p.bars);
      return graph.map('ln over quotient', lnOverQuotient, graph.close, value, graph.sum(graph.volume, p.bars));
    },
  }),
  family({
    name: 'illiquidity',
    formula:
      'ln(Σ |log return| / Σ (close · volume) of `short` bars) − the same of `long` bars: Amihud’s measure against its own past',
    source:
      'Amihud: Illiquidity and Stock Returns, Journal of Financial Markets 5 (2002); sums in place of the mean of quotients',
    unit: 'log',
    range: 'unbounded',
    parameters: { short: bars(12), long: bars(96, 2) },
    fault: (p) => (p.short < p.long ? null : 'short must be below long'),
    warmUpBars: (p) => p.long + 1,
    build: (graph, p) => {
      const move = graph.map('absolute ln quotient', absoluteLnOver, graph.close, graph.lag(graph.close, 1));
      const turnover = graph.map('times', times, graph.close, graph.volume);
      const of = (count: number): Column =>
        graph.map('ln quotient', lnOver, graph.sum(move, count), graph.sum(turnover, count));
      return graph.map('minus', minus, of(p.short), of(p.long));
    },
  }),
  family({
    name: 'taker_imbalance',
    kind: 'flow',
    formula: 'Σ (2 · taker buys − volume) / Σ volume of the last `bars`: signed volume',
    source: 'definition (order flow imbalance by the aggressor’s side)',
    unit: 'share of the volume',
    range: '−1 … 1',
    parameters: { bars: bars(1) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => {
      const signed = graph.map('signed volume', signedVolume, graph.flowInput('takerBuyVolume'), graph.volume);
      return graph.map('over', over, graph.sum(signed, p.bars), graph.sum(graph.volume, p.bars));
    },
  }),
  family({
    name: 'trade_count_ratio',
    kind: 'flow',
    formula: 'number of trades / its mean of the last `bars`',
    source: 'definition',
    unit: 'times',
    range: '0 … `bars`',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => overMean(graph, graph.flowInput('trades'), p.bars),
  }),
  family({
    name: 'trade_size_ratio',
    kind: 'flow',
    formula: '(volume / trades) of the bar / the same of the last `bars` together',
    source: 'definition',
    unit: 'times',
    range: '0 …',
    parameters: { bars: bars(24) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) => {
      const trades = graph.flowInput('trades');
      const now = graph.map('over', over, graph.volume, trades);
      return graph.map(
        'over',
        over,
        now,
        graph.map('over', over, graph.sum(graph.volume, p.bars), graph.sum(trades, p.bars)),
      );
    },
  }),
  family({
    name: 'book_imbalance',
    kind: 'depth',
    formula: 'mean of the bars’ (bid size − ask size) / (bid size + ask size) at the best prices over the last `bars`',
    source:
      'Cont, Kukanov, Stoikov: The Price Impact of Order Book Events, Journal of Financial Econometrics 12 (2014)',
    unit: 'share',
    range: '−1 … 1',
    parameters: { bars: bars(1) },
    warmUpBars: (p) => p.bars,
    build: (graph, p) =>
      graph.map(`over ${p.bars}`, overBy(p.bars), graph.sum(graph.flowInput('bookImbalance'), p.bars)),
  }),
];
