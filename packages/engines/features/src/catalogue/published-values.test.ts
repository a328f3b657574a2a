import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { emptyBarColumns, writeBar, type BarColumns } from '../bar-columns.ts';
import { FeatureGraph } from '../feature-graph.ts';
import { featureMatrixSteps } from '../feature-matrix.ts';
import { FeatureRun } from '../feature-run.ts';
import { featureSet, type FeatureDeclaration } from '../feature-set.ts';
import type { Column } from '../nodes/node.ts';
import { runSteps } from '../steps.ts';
import { averageTrueRange, directionalIndicators, relativeStrengthIndex } from './oscillators.ts';

/*
 * The definitions against numbers that their authors, or StockCharts' ChartSchool (chartschool.stockcharts.com, the worksheets cs-rsi, cs-atr, cs-bbands, cs-movavg, cs-soo), published.
 */

const HOUR_MS = 3_600_000;

/** Bars of given highs, lows and closes, the open at the close before as far as the bar allows. */
function barsOf(highs: readonly number[], lows: readonly number[], closes: readonly number[]): BarColumns {
  const columns = emptyBarColumns('1h', closes.length);
  for (const [index, close] of closes.entries()) {
    const [high, low] = [highs[index] ?? close, lows[index] ?? close];
    const open = Math.min(high, Math.max(low, closes[index - 1] ?? close));
    writeBar(columns, index, { openTimeMs: index * HOUR_MS, open, high, low, close, volume: 1 });
  }
  return columns;
}

const closesOnly = (closes: readonly number[]): BarColumns => barsOf(closes, closes, closes);

/** Columns at the last of the bars. */
function lastOf(columns: BarColumns, build: (graph: FeatureGraph) => readonly Column[]): readonly number[] {
  const graph = new FeatureGraph(HOUR_MS);
  const outputs = build(graph);
  const run = new FeatureRun(graph, outputs, columns.length);
  run.append(columns, 0, columns.length, { others: new Map(), external: new Map() });
  return outputs.map(({ values }) => values[run.newest] ?? Number.NaN);
}

const cut = (columns: BarColumns, length: number): BarColumns => ({ ...columns, length });

/** One value of a declared feature at each bar. */
function valuesOf(columns: BarColumns, declaration: FeatureDeclaration): readonly number[] {
  const set = expectOk(featureSet({ id: 'one', version: 1, features: [declaration] }));
  return [...expectOk(runSteps(featureMatrixSteps(columns, set))).values];
}

describe('published values', () => {
  it('of the RSI: QQQQ, 14 days (ChartSchool, cs-rsi)', () => {
    const closes = [
      44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
      45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515, 45.7835,
      45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
    ];
    const published = [
      70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076, 50.4228,
      39.9898, 41.4605, 41.8689, 45.4632, 37.304, 33.0795, 37.773,
    ];
    const columns = closesOnly(closes);
    const values = published.map(
      (_, index) =>
        lastOf(cut(columns, 15 + index), (graph) => [relativeStrengthIndex(graph, 14, 14 + index)])[0] ?? Number.NaN,
    );
    for (const [index, value] of values.entries()) expect(Math.abs(value - (published[index] ?? 0))).toBeLessThan(1e-4);
  });

  it('of the average true range: QQQQ, 14 days (ChartSchool, cs-atr)', () => {
    // The sheet's first true range has no close before: the bar ahead of it lies within the first one's range.
    const highs = [
      48.16, 48.7, 48.72, 48.9, 48.87, 48.82, 49.05, 49.2, 49.35, 49.92, 50.19, 50.12, 49.66, 49.88, 50.19, 50.36,
      50.57, 50.65, 50.43, 49.63, 50.33, 50.29, 50.17, 49.32, 48.5, 48.3201, 46.8, 47.8, 48.39, 48.66, 48.79,
    ];
    const lows = [
      48.16, 47.79, 48.14, 48.39, 48.37, 48.24, 48.635, 48.94, 48.86, 49.5, 49.87, 49.2, 48.9, 49.43, 49.725, 49.26,
      50.09, 50.3, 49.21, 48.98, 49.61, 49.2, 49.43, 48.08, 47.64, 41.55, 44.2833, 47.31, 47.2, 47.9, 47.7301,
    ];
    const closes = [
      48.16, 48.16, 48.61, 48.75, 48.63, 48.74, 49.03, 49.07, 49.32, 49.91, 50.13, 49.53, 49.5, 49.75, 50.03, 50.31,
      50.52, 50.41, 49.34, 49.37, 50.23, 49.2375, 49.93, 48.43, 48.18, 46.57, 45.41, 47.77, 47.72, 48.62, 47.85,
    ];
    const published = [
      0.555, 0.593929, 0.585791, 0.568949, 0.615452, 0.61792, 0.642354, 0.674329, 0.69277, 0.775429, 0.78147, 1.209229,
      1.30262, 1.38029, 1.366698, 1.336219, 1.316482,
    ];
    const columns = barsOf(highs, lows, closes);
    for (const [index, expected] of published.entries()) {
      const [value] = lastOf(cut(columns, 15 + index), (graph) => [averageTrueRange(graph, 14, 14 + index)]);
      expect(Math.abs((value ?? 0) - expected)).toBeLessThan(1e-6);
    }
  });

  it('of Bollinger’s bands: SPY, 20 days, 2 deviations (ChartSchool, cs-bbands)', () => {
    const closes = [
      86.1557, 89.0867, 88.7829, 90.3228, 89.0671, 91.1453, 89.4397, 89.175, 86.9302, 87.6752, 86.9596, 89.4299,
      89.3221, 88.7241, 87.4497, 87.2634, 89.4985, 87.9006, 89.126, 90.7043, 92.9001, 92.9784, 91.8021, 92.6647,
      92.6843, 92.3021,
    ];
    const middle = [88.70794, 89.04516, 89.239745, 89.390705, 89.5078, 89.68866, 89.7465];
    const deviation = [1.291961, 1.452054, 1.686425, 1.771747, 1.902075, 2.019895, 2.076546];
    const columns = closesOnly(closes);
    const width = valuesOf(columns, { feature: 'bollinger_width' });
    const position = valuesOf(columns, { feature: 'bollinger_position' });
    for (const [index, mean] of middle.entries()) {
      const [bar, spread] = [19 + index, deviation[index] ?? 0];
      expect(width[bar]).toBeCloseTo((4 * spread) / mean, 6);
      const lower = mean - 2 * spread;
      expect(position[bar]).toBeCloseTo(((closes[bar] ?? 0) - lower) / (4 * spread), 5);
    }
  });

  it('of the exponential average: 10 days (ChartSchool, cs-movavg, two decimals)', () => {
    const closes = [
      22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36, 24.05,
      23.75, 23.83, 23.95, 23.63, 23.82, 23.87, 23.65, 23.19, 23.1, 23.33, 22.68, 23.1, 22.4, 22.17,
    ];
    const published = [
      22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.8, 22.97, 23.13, 23.28, 23.34, 23.43, 23.51, 23.54, 23.47, 23.4,
      23.39, 23.26, 23.23, 23.08, 22.92,
    ];
    const columns = closesOnly(closes);
    for (const [index, expected] of published.entries()) {
      const [value] = lastOf(cut(columns, 10 + index), (graph) => [
        graph.seededAverage(graph.close, 10, 10 + index, 2 / 11),
      ]);
      expect(Math.abs((value ?? 0) - expected)).toBeLessThan(0.01);
    }
  });

  it('of the stochastic: %K of 14 days (ChartSchool, cs-soo; the prices that are published have two decimals, the percentages more)', () => {
    const highs = [
      127.01, 127.62, 126.59, 127.35, 128.17, 128.43, 127.37, 126.42, 126.9, 126.85, 125.65, 125.72, 127.16, 127.72,
      127.69, 128.22, 128.27, 128.09, 128.27, 127.74, 128.77, 129.29, 130.06, 129.12, 129.29, 128.47, 128.09, 128.65,
      129.14, 128.64,
    ];
    const lows = [
      125.36, 126.16, 124.93, 126.09, 126.82, 126.48, 126.03, 124.83, 126.39, 125.72, 124.56, 124.57, 125.07, 126.86,
      126.63, 126.8, 126.71, 126.8, 126.13, 125.92, 126.99, 127.81, 128.47, 128.06, 127.61, 127.6, 127, 126.9, 127.49,
      127.4,
    ];
    const closes = [
      127.29, 127.18, 128.01, 127.11, 127.73, 127.06, 127.33, 128.71, 127.87, 128.58, 128.6, 127.93, 128.11, 127.6,
      127.6, 128.69, 128.27,
    ];
    const published = [
      70.44, 67.61, 89.2, 65.81, 81.75, 64.52, 74.53, 98.58, 70.1, 73.06, 73.42, 61.23, 60.96, 40.39, 40.39, 66.83,
      56.73,
    ];
    const columns = barsOf(highs, lows, [...lows.slice(0, 13), ...closes]);
    const values = valuesOf(columns, { feature: 'stochastic_k', period: 14, smoothing: 1 });
    for (const [index, expected] of published.entries())
      expect(Math.abs(100 * (values[13 + index] ?? 0) - expected)).toBeLessThan(0.25);
  });

  it('of directional movement: Wilder’s own worksheet (New Concepts, 1978), where he rounded at every step', () => {
    const highs = [
      274, 273.25, 272, 270.75, 270, 270.5, 268.5, 265.5, 262.5, 263.5, 269.5, 267.25, 267.5, 269.75, 268.25, 264, 268,
      266, 274, 277.5, 277, 272, 267.75, 269.25, 266, 265, 264.75, 261, 257.5, 259, 259.75, 257.25, 250, 254.25, 254,
      253.25, 253.25, 251.75, 253, 251.5, 246.25,
    ];
    const lows = [
      272, 270.25, 269.75, 268, 269, 268, 266.5, 263, 259, 260, 263, 265, 265.5, 266, 263.25, 261.5, 266.25, 264.25,
      267, 273.5, 272.5, 269.5, 264, 263, 263.5, 262, 261.5, 255.5, 253, 254, 257.5, 250, 247, 252.75, 250.5, 250.25,
      251, 250.5, 249.5, 245.25, 240,
    ];
    const closes = [
      272.75, 270.75, 270, 269.25, 269.75, 270, 266.5, 263.25, 260.25, 263, 266.5, 267, 265.75, 268.5, 264.25, 264,
      266.5, 265.25, 273, 276.75, 273, 270.25, 266.75, 263, 265.5, 262.25, 262.75, 255.5, 253, 257.5, 257.5, 250,
      249.75, 253.75, 251.25, 250.5, 253, 251.5, 250, 245.75, 242.75,
    ];
    const plus = [
      20, 19, 26, 25, 37, 41, 37, 34, 30, 30, 28, 26, 25, 22, 20, 20, 21, 18, 17, 23, 22, 21, 20, 19, 20, 18, 16,
    ];
    const minus = [
      36, 38, 35, 37, 31, 28, 27, 31, 38, 34, 32, 33, 32, 38, 39, 36, 34, 41, 45, 42, 43, 41, 39, 38, 36, 39, 44,
    ];
    const averages = [17, 18, 18, 20, 22, 22, 23, 23, 24, 25, 25, 26, 27];
    const columns = barsOf(highs, lows, closes);
    const indices: number[] = [];
    for (const [index, expected] of plus.entries()) {
      const [up = Number.NaN, down = Number.NaN] = lastOf(cut(columns, 15 + index), (graph) => {
        const found = directionalIndicators(graph, 14, 14 + index);
        return [found.plus, found.minus];
      });
      expect(Math.abs(100 * up - expected)).toBeLessThan(2);
      expect(Math.abs(100 * down - (minus[index] ?? 0))).toBeLessThan(2);
      indices.push((100 * Math.abs(up - down)) / (up + down));
    }
    // His average of the index begins with the mean of the first fourteen.
    for (const [index, expected] of averages.entries()) {
      const [value] = lastOf(closesOnly(indices.slice(0, 15 + index)), (graph) => [
        graph.seededAverage(graph.close, 14, Math.min(15 + index, indices.length), 1 / 14),
      ]);
      if (15 + index <= indices.length) expect(Math.abs((value ?? 0) - expected)).toBeLessThan(2);
    }
  });
});
