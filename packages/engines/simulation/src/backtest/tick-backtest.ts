import {
  approximateAmount,
  approximatePrice,
  msFromUs,
  timestampUs,
  usFromMs,
  type ClientOrderId,
  type Fill,
  type Instrument,
  type InstrumentId,
  type MarketEvent,
  type Order,
  type Price,
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
import { TapeRun } from '../tape/tape-run.ts';
import { CurvePoints } from './curve-points.ts';
import { Denials } from './denials.ts';
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
  readonly records: 'all' | 'orders' | 'trades';
  readonly watch?: StrategyWatch;
}

const PPM = 1_000_000;

/** Buying and holding: each instrument's part of the cash buys at its first trade, fee included, in any fraction. */
class Holding {
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly #part: number;
  readonly #feePpm: number;
  readonly #held = new Map<InstrumentId, { readonly quantity: number; price: number }>();

  constructor(instruments: readonly Instrument[], cash: number, feePpm: number) {
    this.#instruments = new Map(instruments.map((instrument) => [instrument.id, instrument]));
    this.#part = cash / instruments.length;
    this.#feePpm = feePpm;
  }

  traded(id: InstrumentId, at: Price): void {
    const instrument = this.#instruments.get(id);
    if (instrument === undefined) return;
    const price = approximatePrice(at, instrument);
    const held = this.#held.get(id);
    if (held === undefined) this.#held.set(id, { quantity: this.#part / (price * (1 + this.#feePpm / PPM)), price });
    else held.price = price;
  }

  get value(): number {
    const idle = (this.#instruments.size - this.#held.size) * this.#part;
    return [...this.#held.values()].reduce((sum, { quantity, price }) => sum + quantity * price, idle);
  }
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
  readonly #trades = new Trades();
  readonly #denials = new Denials();
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #fills: Fill[] = [];
  readonly #decisions: DecisionRecord[] = [];
  readonly #startMs: number;
  #orderCount = 0;
  #done = 0;
  #pointMs: number;
  #nowMs: number;
  #ended = false;

  constructor(options: TickBacktestOptions) {
    const { config, strategies, account, instruments, startMs, fromMs, pointMs, records } = options;
    this.#options = options;
    this.#startMs = Math.max(startMs, fromMs ?? startMs);
    this.#run = new TapeRun({
      ...{ config, strategies, instruments, account },
      startUs: usFromMs(startMs),
      tickUs: options.tickMs * 1_000,
      bookEveryMs: options.bookEveryMs,
      keeps: records === 'all' ? ALL_RECORDS : { decisions: 'denials', ledger: false },
      heard: (output) => this.#heard(output),
      ...(options.watch === undefined ? {} : { watch: options.watch }),
    });
    this.#cash = account.balances
      .filter(({ asset }) => asset === config.quoteAsset)
      .reduce((sum, { free }) => sum + approximateAmount(free), 0);
    this.#holding = new Holding(instruments, this.#cash, account.fees.takerPpm);
    this.#nowMs = this.#startMs;
    this.#pointMs = (Math.floor(this.#startMs / pointMs) + 1) * pointMs;
    this.#curve.add(this.#startMs, this.#cash, 0);
    this.#benchmark.push(this.#cash);
    for (const { id } of instruments) {
      const at = { tsEventUs: usFromMs(startMs), tsInitUs: usFromMs(startMs) };
      const event = { kind: 'feed', instrument: id, status: 'live', reason: null, ...at } as const;
      this.#run.take({ kind: 'market', tsUs: at.tsInitUs, event });
    }
  }

  get progress(): { readonly done: number; readonly total: number } {
    return { done: this.#done, total: Math.max(this.#done, this.#options.total) };
  }

  /** Plays up to so many events; false when nothing is left. */
  step(events: number): boolean {
    for (let count = 0; count < events; count += 1) {
      const next = this.#options.events.next();
      if (next.done === true) {
        if (!this.#ended) this.#mark(this.#nowMs);
        this.#ended = true;
        return false;
      }
      this.#take(next.value);
      this.#done += 1;
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
      if (records !== 'trades') this.#orders.set(output.order.clientOrderId, output.order);
    } else if (output.kind === 'fill') this.#fills.push(output.fill);
    else if (output.kind === 'decision' && records === 'all') this.#decisions.push(output.decision);
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
