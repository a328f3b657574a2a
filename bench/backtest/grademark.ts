import { createRequire } from 'node:module';
import type { BarSeries } from '@monsta/core';

/** A bar of grademark's, with the averages that its rules look at: it has none of its own. */
interface PeerBar {
  readonly time: Date;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly fast: number;
  readonly slow: number;
}

interface PeerStrategy {
  readonly lookbackPeriod: number;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly prepIndicators?: (given: { readonly parameters: Readonly<Record<string, number>> }) => unknown;
  readonly entryRule: (enter: () => void, given: { readonly bar: PeerBar }) => void;
  readonly exitRule: (exit: () => void, given: { readonly bar: PeerBar }) => void;
  /** Percent of a trade, both ways. */
  readonly fees: () => number;
}

interface Grademark {
  backtest(strategy: PeerStrategy, series: unknown): readonly { readonly profit: number }[];
  optimize(
    strategy: PeerStrategy,
    parameters: readonly {
      readonly name: string;
      readonly startingValue: number;
      readonly endingValue: number;
      readonly stepSize: number;
    }[],
    objective: (trades: readonly { readonly profit: number }[]) => number,
    series: unknown,
    options: { readonly searchDirection: 'max' },
  ): { readonly bestResult: number };
}
interface DataForge {
  readonly DataFrame: new (rows: readonly PeerBar[]) => unknown;
}

export interface PeerPackages {
  readonly grademark: Grademark;
  readonly DataFrame: DataForge['DataFrame'];
}

/** The peer's packages, which are CommonJS; null where they are not installed. */
export function peerPackages(): PeerPackages | null {
  const load = createRequire(import.meta.url);
  try {
    const grademark = load('grademark') as Grademark;
    const { DataFrame } = load('data-forge') as DataForge;
    return { grademark, DataFrame };
  } catch {
    return null;
  }
}

function averages({ close, length }: BarSeries, bars: number): Float64Array {
  const found = new Float64Array(length);
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    sum += (close[index] ?? 0) - (index >= bars ? (close[index - bars] ?? 0) : 0);
    found[index] = sum / bars;
  }
  return found;
}

function rowsOf(series: BarSeries, fast: number, slow: number): readonly PeerBar[] {
  const [quick, calm] = [averages(series, fast), averages(series, slow)];
  const { openTimeMs, open, high, low, close, volume, length } = series;
  const first = slow - 1;
  return Array.from({ length: length - first }, (_, at) => {
    const index = first + at;
    const of = (column: Float64Array): number => column[index] ?? 0;
    return {
      time: new Date(of(openTimeMs)),
      ...{ open: of(open), high: of(high), low: of(low), close: of(close), volume: of(volume) },
      ...{ fast: of(quick), slow: of(calm) },
    };
  });
}

const CROSS: PeerStrategy = {
  lookbackPeriod: 1,
  entryRule(enter, { bar }) {
    if (bar.fast > bar.slow) enter();
  },
  exitRule(exit, { bar }) {
    if (bar.fast <= bar.slow) exit();
  },
  fees: () => 0.1,
};

/** The cross of two averages by grademark's `backtest`, ready to run: rows and averages are made before, which its time leaves out. It gives twice the closed trades: an order in, an order out. */
export function peerCross(
  { grademark, DataFrame }: PeerPackages,
  series: BarSeries,
  fast: number,
  slow: number,
): () => number {
  const frame = new DataFrame(rowsOf(series, fast, slow));
  return () => 2 * grademark.backtest(CROSS, frame).length;
}

/** `trials` slow averages beside one fast one by grademark's `optimize`, one after another on one core; rows and averages are made before. Gives the bars that were played. */
export function peerSearch({ grademark, DataFrame }: PeerPackages, series: BarSeries, trials: number): () => number {
  const slowest = 250 + trials - 1;
  const frames = Array.from({ length: trials }, (_, trial) => {
    const rows = rowsOf(series, 50, 250 + trial);
    return new DataFrame(rows.slice(slowest - (250 + trial)));
  });
  const strategy: PeerStrategy = {
    ...CROSS,
    parameters: { slow: 250 },
    prepIndicators: ({ parameters }) => frames[(parameters['slow'] ?? 250) - 250],
  };
  const space = [{ name: 'slow', startingValue: 250, endingValue: slowest, stepSize: 1 }];
  const profit = (trades: readonly { readonly profit: number }[]): number =>
    trades.reduce((sum, each) => sum + each.profit, 0);
  return () => {
    const { bestResult } = grademark.optimize(strategy, space, profit, frames[0], { searchDirection: 'max' });
    if (Number.isNaN(bestResult)) throw new Error('the peer came to nothing');
    return trials * (series.length - slowest + 1);
  };
}
