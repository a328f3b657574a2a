import type { BarSeries } from '@monsta/core';
import type { FeedAccountOptions } from '@monsta/matching';
import type { ConfiguredStrategy, KernelConfig, KernelOutput } from '@monsta/trading';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import type { CurvePoints } from './curve-points.ts';
import type { TimedPrediction } from './timed-prediction.ts';

export interface BacktestOptions {
  readonly config: KernelConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  /** How orders fill, how late they are, what they cost, and the cash of the beginning. Its rules' interval is that of `series`. */
  readonly account: FeedAccountOptions;
  /** One of each instrument, all of the same interval: the market. Longer bars that a strategy wants are put together from them. */
  readonly series: readonly BarSeries[];
  /** Shorter bars of the same instruments, in the order of `series`, which decide the path inside each of its bars; the interval of the account's rules is theirs. Where they lack a bar's time, the bar itself is taken. */
  readonly finer?: readonly BarSeries[];
  /** Trading begins with the first close after it; of the bars before, as many warm up as the strategies need. Null: with the first bar, and strategies wait until they have seen enough. */
  readonly fromMs: number | null;
  /** What is left open at the end: marked at the last close, closed there too, or at the open of the last bar. */
  readonly endOfData: 'mark' | 'close' | 'open';
  /** What is kept beside the curve: `all`: orders, fills, decisions and trades; `orders`: no decisions; `fills`: no orders either; `trades`: trades alone. What was denied is counted in each, and so are orders and fills. */
  readonly records: 'all' | 'orders' | 'fills' | 'trades';
  /** Sees the calls of strategies, so that one that never returns can be ended from outside. */
  readonly watch?: StrategyWatch;
  /** What models say and when it is learned, oldest first; left out: nothing. What is learned at the moment of a close comes after it. */
  readonly predictions?: readonly TimedPrediction[];
  /** How often time alone is looked at, so that timers ring; left out: at each close. */
  readonly tickUs?: number;
  /** Tells the kernel every input, as it is told live, where the short cut for bars would do: slower, and the same. */
  readonly everyInput?: boolean;
  /** What the curve's points are put into, emptied first: that of another backtest, of whose outcome the curve and the benchmark are looked at no more. Left out: memory of its own. */
  readonly curve?: CurvePoints;
  /** Hears everything that the kernel says, in order. What is not kept by `records` is not said, but for `all`, which is everything. */
  heard?(this: void, output: KernelOutput): void;
}
