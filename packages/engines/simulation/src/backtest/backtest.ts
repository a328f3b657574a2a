import {
  approximateAmount,
  barAt,
  intervalMs,
  intervalUs,
  INTERVALS,
  msFromUs,
  quantity,
  US_PER_MS,
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
} from '@monsta/trading';
import { TapeRun } from '../tape/tape-run.ts';
import { LongerBars } from './longer-bars.ts';
import type { BacktestOutcome, BacktestTrade } from './outcome.ts';

export interface BacktestOptions {
  readonly config: KernelConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  /** How orders fill, how late they are, what they cost, and the cash of the beginning. Its rules' interval is that of `series`. */
  readonly account: FeedAccountOptions;
  /** One of each instrument, all of the same interval: the market. Longer bars that a strategy wants are put together from them. */
  readonly series: readonly BarSeries[];
  /** Trading begins with the first close after it; bars before warm up. Null: with the first bar. */
  readonly fromMs: number | null;
  /** What is left open at the end: marked at the last close, or closed there too. */
  readonly endOfData: 'mark' | 'close';
  /** `all`: orders, fills and decisions are kept; `trades`: fills and trades alone, decisions are counted. */
  readonly records: 'all' | 'trades';
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
  readonly #longer: readonly (readonly LongerBars[])[];
  readonly #next: number[];
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #fills: Fill[] = [];
  readonly #decisions: DecisionRecord[] = [];
  readonly #curve: { timeMs: number; equity: number; exposure: number }[] = [];
  #updates = 0;
  #bars = 0;

  constructor(options: BacktestOptions) {
    const [first] = options.series;
    if (first === undefined) throw new RangeError('a backtest needs bars of at least one instrument');
    if (options.series.some(({ interval }) => interval !== first.interval))
      throw new RangeError('the bars of all instruments have the same interval');
    this.#options = options;
    this.#interval = first.interval;
    const wanted = options.strategies.flatMap(({ definition, parameters }) => definition.intervals(parameters));
    const longer = INTERVALS.filter(
      (interval) => wanted.includes(interval) && intervalMs(interval) > intervalMs(first.interval),
    );
    this.#longer = options.series.map(() => longer.map((interval) => new LongerBars(interval)));
    this.#next = options.series.map(() => 0);
    const startUs = usFromMs(Math.min(...options.series.map(({ openTimeMs }) => openTimeMs[0] ?? Infinity)));
    const staleAfterMs = Math.max(options.config.limits.staleAfterMs, (2 * intervalUs(this.#interval)) / US_PER_MS);
    this.#run = new TapeRun({
      config: { ...options.config, limits: { ...options.config.limits, staleAfterMs } },
      strategies: options.strategies,
      instruments: options.series.map(({ instrument }) => instrument),
      account: options.account,
      startUs,
      tickUs: intervalUs(this.#interval),
      bookEveryMs: 0,
      keeps: options.records === 'all' ? ALL_RECORDS : { decisions: 'denials', ledger: false },
      heard: (output) => this.#heard(output),
    });
    for (const { instrument } of options.series) {
      const at = { tsEventUs: startUs, tsInitUs: startUs };
      const event = { kind: 'feed', instrument: instrument.id, status: 'live', reason: null, ...at } as const;
      this.#run.take({ kind: 'market', tsUs: startUs, event });
    }
  }

  get kernel(): Kernel {
    return this.#run.kernel;
  }

  /** How many bars there are, and how many of them have been played. */
  get progress(): { readonly done: number; readonly total: number } {
    const total = this.#options.series.reduce((sum, { length }) => sum + length, 0);
    return { done: this.#next.reduce((sum, at) => sum + at, 0), total };
  }

  /** Plays up to so many closes; false when nothing is left. */
  step(closes: number): boolean {
    for (let count = 0; count < closes; count += 1) {
      const bars = this.#due();
      if (bars.length === 0) return false;
      this.#close(bars);
    }
    return true;
  }

  /** The bars that close next: one of each instrument that has one at that time. */
  #due(): readonly Bar[] {
    const { series } = this.#options;
    const nextMs = Math.min(...series.map(({ openTimeMs }, index) => openTimeMs[this.#next[index] ?? 0] ?? Infinity));
    if (nextMs === Infinity) return [];
    return series.flatMap((each, index) => {
      const at = this.#next[index] ?? 0;
      if (each.openTimeMs[at] !== nextMs) return [];
      this.#next[index] = at + 1;
      return [barAt(each, at)];
    });
  }

  #close(bars: readonly Bar[]): void {
    const [first] = bars;
    if (first === undefined) return;
    const closeUs = first.closeTimeUs;
    this.#run.passTime(closeUs);
    for (const bar of bars) this.#run.show(bar);
    for (const bar of bars) this.#last(bar);
    for (const bar of bars) {
      const index = this.#options.series.findIndex(({ instrument }) => instrument.id === bar.instrument);
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
    this.#curve.push({ timeMs: msFromUs(atUs), equity: approximateAmount(equity), exposure });
  }

  #heard(output: KernelOutput): void {
    if (output.kind === 'order') this.#orders.set(output.order.clientOrderId, output.order);
    else if (output.kind === 'fill') this.#fills.push(output.fill);
    else if (output.kind === 'decision' && this.#options.records === 'all') this.#decisions.push(output.decision);
  }

  /** What has come of it so far. */
  outcome(): BacktestOutcome {
    const trades: BacktestTrade[] = [];
    const column = (of: (point: { timeMs: number; equity: number; exposure: number }) => number): Float64Array =>
      Float64Array.from(this.#curve, of);
    const curve = {
      timeMs: column(({ timeMs }) => timeMs),
      equity: column(({ equity }) => equity),
      exposure: column(({ exposure }) => exposure),
    };
    return {
      startMs: curve.timeMs[0] ?? 0,
      endMs: curve.timeMs.at(-1) ?? 0,
      bars: this.#bars,
      initialCash: this.#options.account.balances.reduce((sum, { free }) => sum + approximateAmount(free), 0),
      curve,
      benchmark: new Float64Array(curve.timeMs.length),
      trades,
      orders: [...this.#orders.values()],
      fills: this.#fills,
      decisions: this.#decisions,
      orderCount: this.#orders.size,
      fillCount: this.#fills.length,
      denials: {},
      failures: this.#run.kernel
        .strategies()
        .flatMap(({ strategy, failure }) => (failure === null ? [] : [{ strategyId: strategy.id, failure }])),
    };
  }
}

const bothSides = (at: Price) => {
  const size = quantity(1_000_000_000);
  return { bidPrice: at, bidQuantity: size, askPrice: at, askQuantity: size };
};
