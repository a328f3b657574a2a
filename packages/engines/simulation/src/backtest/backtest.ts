import {
  approximateAmount,
  barAt,
  intervalMs,
  intervalUs,
  INTERVALS,
  msFromUs,
  quantity,
  sliceBarSeries,
  US_PER_MS,
  timestampUs,
  usFromMs,
  type Bar,
  type BarSeries,
  type ClientOrderId,
  type Fill,
  type Interval,
  type Order,
  type Price,
  type QuoteTick,
  type TimestampUs,
} from '@monsta/core';
import type { FeedAccountOptions } from '@monsta/matching';
import {
  ALL_RECORDS,
  type ConfiguredStrategy,
  type DecisionRecord,
  type Kernel,
  type KernelConfig,
  type KernelOutput,
  type KernelPrediction,
  type StrategyWatch,
} from '@monsta/trading';
import { TapeRun, type TapeRunOptions } from '../tape/tape-run.ts';
import type { BacktestSnapshot } from './backtest-snapshot.ts';
import { buyAndHold } from './benchmark.ts';
import { CurvePoints } from './curve-points.ts';
import { Denials } from './denials.ts';
import { LongerBars } from './longer-bars.ts';
import type { BacktestOutcome } from './outcome.ts';
import { Trades } from './trades.ts';
import { historyOf } from './warm-up.ts';

export interface BacktestOptions {
  readonly config: KernelConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  /** How orders fill, how late they are, what they cost, and the cash of the beginning. Its rules' interval is that of `series`. */
  readonly account: FeedAccountOptions;
  /** One of each instrument, all of the same interval: the market. Longer bars that a strategy wants are put together from them. */
  readonly series: readonly BarSeries[];
  /** Trading begins with the first close after it; of the bars before, as many warm up as the strategies need. Null: with the first bar, and strategies wait until they have seen enough. */
  readonly fromMs: number | null;
  /** What is left open at the end: marked at the last close, or closed there too. */
  readonly endOfData: 'mark' | 'close';
  /** `all`: orders, fills and decisions are kept; `orders`: no decisions; `trades`: fills and trades alone. What was denied is counted in each. */
  readonly records: 'all' | 'orders' | 'trades';
  /** Sees the calls of strategies, so that one that never returns can be ended from outside. */
  readonly watch?: StrategyWatch;
  /** What models say and when it is learned, oldest first; left out: nothing. What is learned at the moment of a close comes after it. */
  readonly predictions?: readonly TimedPrediction[];
  /** How often time alone is looked at, so that timers ring; left out: at each close. */
  readonly tickUs?: number;
  /** Hears everything that the kernel says, in order. */
  heard?(this: void, output: KernelOutput): void;
}

export interface TimedPrediction {
  readonly learnedUs: TimestampUs;
  readonly prediction: KernelPrediction;
}

/**
 * A backtest of bars: the kernel that trades for real, on the exchange that paper trading fills from, by the clock of the data. At each close, in this order: the exchange sees the
 * bars of all instruments (what was ordered before fills within them); the kernel sees their closes as quote and last trade; the bars themselves, and the longer ones that close
 * with them, reach the strategies, in the order of `series`. Deterministic: the same options give the same outcome.
 */
export class Backtest {
  readonly #options: BacktestOptions;
  readonly #run: TapeRun;
  readonly #interval: Interval;
  readonly #startUs: TimestampUs;
  readonly #cash: number;
  readonly #longer: readonly (readonly LongerBars[])[];
  /** The bars from the start on. */
  readonly #series: readonly BarSeries[];
  readonly #next: number[];
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #fills: Fill[] = [];
  readonly #decisions: DecisionRecord[] = [];
  readonly #curve: CurvePoints;
  readonly #trades = new Trades();
  readonly #denials = new Denials();
  #orderCount = 0;
  #updates = 0;
  #bars = 0;
  #learned = 0;

  /** `from`: goes on where a backtest of the same options was when it was left. */
  constructor(options: BacktestOptions, from: BacktestSnapshot | null = null) {
    const [first] = options.series;
    if (first === undefined) throw new RangeError('a backtest needs bars of at least one instrument');
    if (options.series.some(({ interval }) => interval !== first.interval))
      throw new RangeError('the bars of all instruments have the same interval');
    this.#options = options;
    this.#interval = first.interval;
    const { fromMs, strategies, config, account, tickUs = intervalUs(first.interval) } = options;
    const wanted = strategies.flatMap(({ definition, parameters }) => definition.intervals(parameters));
    const longer = INTERVALS.filter(
      (interval) => wanted.includes(interval) && intervalMs(interval) > intervalMs(first.interval),
    );
    this.#longer = options.series.map(() => longer.map((interval) => new LongerBars(interval)));
    const begins = options.series.map((series) => firstToTrade(series, fromMs));
    this.#series = options.series.map((series, index) => sliceBarSeries(series, begins[index] ?? 0, series.length));
    this.#next = this.#series.map(() => 0);
    const firstMs = Math.min(...this.#series.map(({ openTimeMs }) => openTimeMs[0] ?? Infinity));
    this.#startUs = usFromMs(fromMs ?? (firstMs === Infinity ? 0 : firstMs));
    const staleAfterMs = Math.max(config.limits.staleAfterMs, (2 * intervalUs(this.#interval)) / US_PER_MS);
    const run: TapeRunOptions = {
      config: { ...config, limits: { ...config.limits, staleAfterMs } },
      strategies,
      instruments: options.series.map(({ instrument }) => instrument),
      account,
      startUs: this.#startUs,
      tickUs,
      bookEveryMs: 0,
      keeps: options.records === 'all' ? ALL_RECORDS : { decisions: 'denials', ledger: false },
      heard: (output) => this.#heard(output),
      ...(options.watch === undefined ? {} : { watch: options.watch }),
    };
    this.#run = new TapeRun(run, from?.run ?? null);
    this.#cash = account.balances
      .filter(({ asset }) => asset === config.quoteAsset)
      .reduce((sum, { free }) => sum + approximateAmount(free), 0);
    this.#curve = new CurvePoints(Math.max(0, ...this.#series.map(({ length }) => length)) + 1);
    if (from !== null) {
      this.#goOn(from);
      return;
    }
    this.#curve.add(msFromUs(this.#startUs), this.#cash, 0);
    this.#warmUp(begins);
    for (const { instrument } of options.series) {
      const at = { tsEventUs: this.#startUs, tsInitUs: this.#startUs };
      const event = { kind: 'feed', instrument: instrument.id, status: 'live', reason: null, ...at } as const;
      this.#run.take({ kind: 'market', tsUs: this.#startUs, event });
    }
  }

  /** Everything that was done, between two steps; another one made with it comes to the same outcome as this one. */
  snapshot(): BacktestSnapshot {
    const { timeMs, equity, exposure } = this.#curve.columns();
    return {
      next: [...this.#next],
      run: this.#run.snapshot(),
      longer: this.#longer.map((each) => each.map((bars) => bars.state())),
      curve: { timeMs: timeMs.slice(), equity: equity.slice(), exposure: exposure.slice() },
      trades: this.#trades.state(),
      denials: this.#denials.state(),
      orders: [...this.#orders],
      fills: [...this.#fills],
      decisions: [...this.#decisions],
      counts: { orders: this.#orderCount, updates: this.#updates, bars: this.#bars, learned: this.#learned },
    };
  }

  #goOn({ next, longer, curve, trades, denials, orders, fills, decisions, counts }: BacktestSnapshot): void {
    for (const [index, at] of next.entries()) this.#next[index] = at;
    for (const [index, each] of longer.entries())
      for (const [place, state] of each.entries()) this.#longer[index]?.[place]?.goOn(state);
    this.#curve.goOn(curve);
    this.#trades.goOn(trades);
    this.#denials.goOn(denials);
    for (const [id, order] of orders) this.#orders.set(id, order);
    for (const fill of fills) this.#fills.push(fill);
    for (const decision of decisions) this.#decisions.push(decision);
    this.#orderCount = counts.orders;
    this.#updates = counts.updates;
    this.#bars = counts.bars;
    this.#learned = counts.learned;
  }

  get kernel(): Kernel {
    return this.#run.kernel;
  }

  /** How many bars there are to be traded, and how many of them have been played. */
  get progress(): { readonly done: number; readonly total: number } {
    const total = this.#series.reduce((sum, { length }) => sum + length, 0);
    return { done: this.#next.reduce((sum, at) => sum + at, 0), total };
  }

  /** Plays up to so many closes; false when nothing is left. */
  step(closes: number): boolean {
    for (let count = 0; count < closes; count += 1) {
      const bars = this.#due();
      const [first] = bars;
      if (first === undefined) {
        this.#learn(Infinity);
        return false;
      }
      this.#open(bars, first.openTimeUs);
      this.#learn(first.closeTimeUs);
      this.#close(bars, first.closeTimeUs);
    }
    return true;
  }

  /** Fills the windows with what came before the start; nothing of it is decided upon. */
  #warmUp(begins: readonly number[]): void {
    const needed = this.#run.kernel.windows().map(({ interval, window }) => ({ interval, bars: window.capacity }));
    const bars = this.#options.series.flatMap((series, index) =>
      historyOf(series, begins[index] ?? 0, needed, this.#longer[index] ?? []),
    );
    if (bars.length > 0) this.#run.take({ kind: 'warm-up', tsUs: this.#startUs, bars });
  }

  /** Tells what models have said by then, not at that very moment. */
  #learn(beforeUs: number): void {
    const { predictions = [] } = this.#options;
    for (let next = predictions[this.#learned]; next !== undefined; next = predictions[this.#learned]) {
      const { learnedUs, prediction } = next;
      if (learnedUs >= beforeUs) return;
      this.#learned += 1;
      this.#run.passTime(learnedUs);
      // It is as old as its bar, and is learned now.
      this.#run.tell({ kind: 'tick', tsUs: learnedUs });
      this.#run.tell({ kind: 'prediction', tsUs: usFromMs(prediction.timeMs), prediction });
    }
  }

  /** The bars that close next: one of each instrument that has one at that time. */
  #due(): readonly Bar[] {
    const series = this.#series;
    const nextMs = Math.min(...series.map(({ openTimeMs }, index) => openTimeMs[this.#next[index] ?? 0] ?? Infinity));
    if (nextMs === Infinity) return [];
    return series.flatMap((each, index) => {
      const at = this.#next[index] ?? 0;
      if (each.openTimeMs[at] !== nextMs) return [];
      this.#next[index] = at + 1;
      return [barAt(each, at)];
    });
  }

  /** All open before anything happens inside one of them: what is answered to a fill at an open meets that open. */
  #open(bars: readonly Bar[], openUs: TimestampUs): void {
    this.#run.passTime(openUs);
    this.#learn(openUs + 1);
    for (const bar of bars) this.#run.showOpen(bar);
  }

  #close(bars: readonly Bar[], closeUs: TimestampUs): void {
    // What happens inside a bar is stamped with its last moment.
    this.#run.passTime(timestampUs(closeUs - 1));
    for (const bar of bars) this.#run.show(bar);
    this.#run.passTime(closeUs);
    for (const bar of bars) this.#last(bar);
    for (const bar of bars) {
      const index = this.#series.findIndex(({ instrument }) => instrument.id === bar.instrument);
      for (const longer of this.#longer[index] ?? []) {
        const closed = longer.push(bar);
        if (closed !== null) this.#run.tell({ kind: 'market', tsUs: closeUs, event: closed });
      }
      this.#run.tell({ kind: 'market', tsUs: closeUs, event: bar });
    }
    this.#bars += 1;
    this.#mark(closeUs);
  }

  /** Bars are all that is known: the last trade of each was at its close, in a market without a spread. */
  #last(bar: Bar): void {
    this.#updates += 1;
    const at = { instrument: bar.instrument, tsEventUs: bar.closeTimeUs, tsInitUs: bar.closeTimeUs };
    const quote: QuoteTick = { kind: 'quote', updateId: this.#updates, ...bothSides(bar.close), ...at };
    this.#run.tell({ kind: 'market', tsUs: bar.closeTimeUs, event: quote });
    const last = { tradeId: this.#updates, price: bar.close, quantity: quantity(1), buyerIsMaker: false };
    this.#run.tell({ kind: 'market', tsUs: bar.closeTimeUs, event: { kind: 'trade', ...last, ...at } });
  }

  #mark(atUs: TimestampUs): void {
    const { equity } = this.#run.kernel.account();
    if (equity === null) return;
    const exposure = this.#run.kernel
      .positions()
      .reduce((sum, { value }) => sum + approximateAmount(value ?? equity), 0);
    this.#curve.add(msFromUs(atUs), approximateAmount(equity), exposure);
  }

  #heard(output: KernelOutput): void {
    const { records, heard } = this.#options;
    this.#trades.heard(output);
    this.#denials.heard(output);
    if (output.kind === 'order') {
      if (output.order.status === 'pending_submit') this.#orderCount += 1;
      if (records !== 'trades') this.#orders.set(output.order.clientOrderId, output.order);
    } else if (output.kind === 'fill') this.#fills.push(output.fill);
    else if (output.kind === 'decision' && records === 'all') this.#decisions.push(output.decision);
    heard?.(output);
  }

  /** What has come of it so far. */
  outcome(): BacktestOutcome {
    const curve = this.#curve.columns();
    const startMs = msFromUs(this.#startUs);
    return {
      startMs,
      endMs: curve.timeMs.at(-1) ?? startMs,
      bars: this.#bars,
      initialCash: this.#cash,
      curve,
      benchmark: buyAndHold(curve.timeMs, this.#series, this.#cash, this.#options.account),
      trades: this.#trades.all(this.#run.kernel, curve.timeMs.subarray(1)),
      orders: [...this.#orders.values()],
      fills: this.#fills,
      decisions: this.#decisions,
      orderCount: this.#orderCount,
      fillCount: this.#fills.length,
      turnover: approximateAmount(this.#trades.turnover),
      slippage: this.#run.kernel.slippage().reduce((sum, { lost }) => sum + Number(lost), 0),
      denials: this.#denials.counts,
      failures: this.#run.kernel
        .strategies()
        .flatMap(({ strategy, failure }) => (failure === null ? [] : [{ strategyId: strategy.id, failure }])),
    };
  }
}

/** Index of the first bar that closes after a time. */
function firstToTrade({ openTimeMs, interval, length }: BarSeries, fromMs: number | null): number {
  if (fromMs === null) return 0;
  const index = openTimeMs.findIndex((openMs) => openMs + intervalMs(interval) > fromMs);
  return index === -1 ? length : index;
}

const bothSides = (at: Price) => {
  const size = quantity(1_000_000_000);
  return { bidPrice: at, bidQuantity: size, askPrice: at, askQuantity: size };
};
