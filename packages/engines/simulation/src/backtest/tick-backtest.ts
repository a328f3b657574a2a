import {
  approximateAmount,
  msFromUs,
  timestampUs,
  usFromMs,
  type ClientOrderId,
  type Fill,
  type Instrument,
  type MarketEvent,
  type Order,
} from '@monsta/core';
import type { FeedAccountOptions } from '@monsta/matching';
import {
  ALL_RECORDS,
  type ConfiguredStrategy,
  type DecisionRecord,
  type KernelConfig,
  type KernelOutput,
} from '@monsta/trading';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import { TapeRun, type TapeRunOptions } from '../tape/tape-run.ts';
import type { BacktestOptions } from './backtest-options.ts';
import type { TickBacktestSnapshot } from './backtest-snapshot.ts';
import { CurvePoints } from './curve-points.ts';
import { Denials } from './denials.ts';
import { Holding } from './holding.ts';
import type { BacktestOutcome } from './outcome.ts';
import { Trades } from './trades.ts';

export interface TickBacktestOptions {
  readonly config: KernelConfig;
  readonly strategies: readonly ConfiguredStrategy[];
  /** How orders fill from quotes, books and trades, how late they are, what they cost, and the cash of the beginning. */
  readonly account: FeedAccountOptions;
  readonly instruments: readonly Instrument[];
  /**
   * Trades, quotes, books and their changes, and the closed bars that were built from the trades, in the order in which they were learned. The exchange fills from the first; bars are
   * for strategies alone.
   */
  readonly events: Iterator<MarketEvent>;
  /** How many events there are, where that is known. */
  readonly total: number;
  /** When the first event is learned. */
  readonly startMs: number;
  /** Trading begins here; before, the exchange sees everything and bars warm up. Null: with the first event. */
  readonly fromMs: number | null;
  /** A point of the curve on each multiple of it. */
  readonly pointMs: number;
  /** Time alone is looked at on each multiple of it, so that timers ring. */
  readonly tickMs: number;
  /** Books of an instrument reach strategies at most this often. */
  readonly bookEveryMs: number;
  /** As those of `BacktestOptions`. */
  readonly records: BacktestOptions['records'];
  readonly watch?: StrategyWatch;
}

/**
 * A backtest of what was recorded event by event: the kernel that trades for real, on the exchange that paper trading fills from, with its queue places and latency, by the clock of
 * the recording. Each event is seen by the exchange first and by strategies then. Deterministic.
 */
export class TickBacktest {
  readonly #options: TickBacktestOptions;
  readonly #run: TapeRun;
  readonly #cash: number;
  readonly #holding: Holding;
  readonly #curve = new CurvePoints();
  readonly #benchmark: number[] = [];
  readonly #trades: Trades;
  readonly #denials = new Denials();
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #fills: Fill[] = [];
  readonly #decisions: DecisionRecord[] = [];
  readonly #startMs: number;
  #orderCount = 0;
  #fillCount = 0;
  #done = 0;
  /** Of those that were played before this one went on, how many are still to be passed over. */
  #known = 0;
  #pointMs: number;
  #nowMs: number;
  #ended = false;

  /** `from`: goes on where a backtest of the same options was when it was left; its events, which begin anew, are passed over as far as they were played. */
  constructor(options: TickBacktestOptions, from: TickBacktestSnapshot | null = null) {
    const { config, strategies, account, instruments, startMs, fromMs, pointMs, records } = options;
    this.#options = options;
    this.#startMs = Math.max(startMs, fromMs ?? startMs);
    this.#trades = new Trades((config.short ?? null) !== null);
    const run: TapeRunOptions = {
      ...{ config, strategies, instruments, account },
      startUs: usFromMs(startMs),
      tickUs: options.tickMs * 1_000,
      bookEveryMs: options.bookEveryMs,
      keeps: records === 'all' ? ALL_RECORDS : { decisions: 'denials', ledger: false },
      heard: (output) => this.#heard(output),
      ...(options.watch === undefined ? {} : { watch: options.watch }),
    };
    this.#run = new TapeRun(run, from?.run ?? null);
    this.#cash = account.balances
      .filter(({ asset }) => asset === config.quoteAsset)
      .reduce((sum, { free }) => sum + approximateAmount(free), 0);
    this.#holding = new Holding(instruments, this.#cash, account.fees.takerPpm);
    this.#nowMs = this.#startMs;
    this.#pointMs = (Math.floor(this.#startMs / pointMs) + 1) * pointMs;
    if (from !== null) {
      this.#goOn(from);
      return;
    }
    this.#curve.add(this.#startMs, this.#cash, 0);
    this.#benchmark.push(this.#cash);
    for (const { id } of instruments) {
      const at = { tsEventUs: usFromMs(startMs), tsInitUs: usFromMs(startMs) };
      const event = { kind: 'feed', instrument: id, status: 'live', reason: null, ...at } as const;
      this.#run.take({ kind: 'market', tsUs: at.tsInitUs, event });
    }
  }

  /** Everything that was done, between two steps; another one made with it comes to the same outcome as this one. */
  snapshot(): TickBacktestSnapshot {
    const { timeMs, equity, exposure } = this.#curve.columns();
    return {
      run: this.#run.snapshot(),
      curve: { timeMs: timeMs.slice(), equity: equity.slice(), exposure: exposure.slice() },
      benchmark: Float64Array.from(this.#benchmark),
      holding: this.#holding.state(),
      trades: this.#trades.state(),
      denials: this.#denials.state(),
      orders: [...this.#orders],
      fills: [...this.#fills],
      fillCount: this.#fillCount,
      decisions: [...this.#decisions],
      orderCount: this.#orderCount,
      done: this.#done,
      pointMs: this.#pointMs,
      nowMs: this.#nowMs,
      ended: this.#ended,
    };
  }

  #goOn(from: TickBacktestSnapshot): void {
    this.#curve.goOn(from.curve);
    for (const value of from.benchmark) this.#benchmark.push(value);
    this.#holding.goOn(from.holding);
    this.#trades.goOn(from.trades);
    this.#denials.goOn(from.denials);
    for (const [id, order] of from.orders) this.#orders.set(id, order);
    for (const fill of from.fills) this.#fills.push(fill);
    for (const decision of from.decisions) this.#decisions.push(decision);
    this.#orderCount = from.orderCount;
    this.#fillCount = from.fillCount;
    this.#done = from.done;
    this.#known = from.done;
    this.#pointMs = from.pointMs;
    this.#nowMs = from.nowMs;
    this.#ended = from.ended;
  }

  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#done, total: Math.max(this.#done, this.#options.total) };
  }

  /** Plays up to so many events, or passes over those that were played before; false when nothing is left. */
  step(events: number): boolean {
    for (let count = 0; count < events; count += 1) {
      const next = this.#options.events.next();
      if (next.done === true) {
        if (!this.#ended) this.#mark(this.#nowMs);
        this.#ended = true;
        return false;
      }
      if (this.#known > 0) this.#known -= 1;
      else {
        this.#take(next.value);
        this.#done += 1;
      }
    }
    return true;
  }

  #take(event: MarketEvent): void {
    const { pointMs } = this.#options;
    const atMs = msFromUs(event.tsInitUs);
    if (event.tsInitUs < usFromMs(this.#startMs)) {
      // Nothing is decided on what came before the beginning.
      if (event.kind === 'bar') this.#run.tell({ kind: 'warm-up', tsUs: event.tsInitUs, bars: [event] });
      else this.#run.show(event);
      return;
    }
    for (; this.#pointMs <= atMs; this.#pointMs += pointMs) {
      this.#run.passTime(usFromMs(this.#pointMs));
      this.#mark(this.#pointMs);
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
    if (event.kind === 'trade') this.#holding.traded(event.instrument, event.price);
    if (event.kind === 'bar') {
      this.#run.passTime(timestampUs(event.tsInitUs));
      this.#run.tell({ kind: 'market', tsUs: event.tsInitUs, event });
    } else this.#run.take({ kind: 'market', tsUs: event.tsInitUs, event });
  }

  #mark(atMs: number): void {
    const { equity } = this.#run.kernel.account();
    const exposure = this.#run.kernel
      .positions()
      .reduce((sum, { value }) => sum + (value === null ? 0 : approximateAmount(value)), 0);
    this.#curve.add(atMs, equity === null ? this.#cash : approximateAmount(equity), exposure);
    this.#benchmark.push(this.#holding.value);
  }

  #heard(output: KernelOutput): void {
    const { records } = this.#options;
    this.#trades.heard(output);
    this.#denials.heard(output);
    if (output.kind === 'order') {
      if (output.order.status === 'pending_submit') this.#orderCount += 1;
      if (records === 'all' || records === 'orders') this.#orders.set(output.order.clientOrderId, output.order);
    } else if (output.kind === 'fill') {
      this.#fillCount += 1;
      if (records !== 'trades') this.#fills.push(output.fill);
    } else if (output.kind === 'decision' && records === 'all') this.#decisions.push(output.decision);
  }

  /** What has come of it so far; `bars` are the points of the curve after the first. */
  outcome(): BacktestOutcome {
    const curve = this.#curve.columns();
    return {
      startMs: this.#startMs,
      endMs: this.#curve.lastMs ?? this.#startMs,
      bars: this.#curve.length - 1,
      initialCash: this.#cash,
      curve,
      benchmark: Float64Array.from(this.#benchmark),
      trades: this.#trades.asOfNow(this.#run.kernel, () => curve.timeMs.subarray(1))(),
      orders: [...this.#orders.values()],
      fills: this.#fills,
      decisions: this.#decisions,
      orderCount: this.#orderCount,
      fillCount: this.#fillCount,
      turnover: approximateAmount(this.#trades.turnover),
      slippage: this.#run.kernel.slippage().reduce((sum, { lost }) => sum + Number(lost), 0),
      denials: this.#denials.counts,
      failures: this.#run.kernel
        .strategies()
        .flatMap(({ strategy, failure }) => (failure === null ? [] : [{ strategyId: strategy.id, failure }])),
    };
  }
}
