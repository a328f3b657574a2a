import {
  approximateAmount,
  barAt,
  intervalMs,
  intervalUs,
  INTERVALS,
  msFromUs,
  sliceBarSeries,
  US_PER_MS,
  timestampUs,
  usFromMs,
  type Bar,
  type BarSeries,
  type ClientOrderId,
  type Interval,
  type Order,
  type Price,
  type TimestampUs,
} from '@monsta/core';
import { ALL_RECORDS, type DecisionRecord, type Kernel, type KernelOutput } from '@monsta/trading';
import { TapeRun, type TapeRunOptions } from '../tape/tape-run.ts';
import type { BacktestOptions } from './backtest-options.ts';
import type { BacktestSnapshot } from './backtest-snapshot.ts';
import { buyAndHold } from './benchmark.ts';
import { CurvePoints } from './curve-points.ts';
import { Denials } from './denials.ts';
import { FillColumns } from './fill-columns.ts';
import { FinerBars } from './finer-bars.ts';
import { longerSeriesOf } from './longer-series.ts';
import { failuresOf, type BacktestOutcome } from './outcome.ts';
import { tickAt } from './tick.ts';
import { Trades } from './trades.ts';
import { closedBy, historyOf } from './warm-up.ts';

/**
 * A backtest of bars: the kernel that trades for real, on the exchange that paper trading fills from, by the clock of the data. At each close, in this order: the exchange sees the
 * bars of all instruments (what was ordered before fills within them); the kernel sees their closes as quote and last trade; the bars themselves, and the longer ones that close
 * with them, reach the strategies, in the order of `series`. Deterministic: the same options give the same outcome.
 */
export class Backtest {
  readonly #options: BacktestOptions;
  readonly #run: TapeRun;
  readonly #interval: Interval;
  readonly #stepMs: number;
  readonly #startUs: TimestampUs;
  readonly #cash: number;
  readonly #series: readonly BarSeries[];
  readonly #longer: readonly (readonly BarSeries[])[];
  /** Of each series the first bar that is traded, and the next; of the longer ones the next. */
  readonly #begins: readonly number[];
  readonly #next: number[];
  readonly #longerNext: number[][];
  readonly #finer: FinerBars | null;
  /** The bars that close now; −1 where an instrument has none. */
  readonly #closing: Int32Array;
  readonly #orders = new Map<ClientOrderId, Order>();
  readonly #fills = new FillColumns();
  readonly #decisions: DecisionRecord[] = [];
  readonly #curve: CurvePoints;
  readonly #trades: Trades;
  readonly #denials = new Denials();
  #orderCount = 0;
  #fillCount = 0;
  #updates = 0;
  #bars = 0;
  #learned = 0;

  /** `from`: goes on where a backtest of the same options was when it was left. */
  constructor(options: BacktestOptions, from: BacktestSnapshot | null = null) {
    const [first] = options.series;
    if (first === undefined) throw new RangeError('a backtest needs bars of at least one instrument');
    if (options.series.some(({ interval }) => interval !== first.interval))
      throw new RangeError('the bars of all instruments have the same interval');
    const { rules } = options.account;
    const filling = options.finer?.[0] ?? first;
    if (rules.kind === 'bars' && rules.interval !== filling.interval)
      throw new RangeError(`orders fill from bars of ${rules.interval}, and there are bars of ${filling.interval}`);
    this.#options = options;
    this.#interval = first.interval;
    this.#stepMs = intervalMs(first.interval);
    const { fromMs, strategies, config, account, tickUs = intervalUs(first.interval) } = options;
    const wanted = strategies.flatMap(({ definition, parameters }) => definition.intervals(parameters));
    const longer = INTERVALS.filter(
      (interval) => wanted.includes(interval) && intervalMs(interval) > intervalMs(first.interval),
    );
    this.#series = options.series;
    this.#finer = options.finer === undefined ? null : new FinerBars(options.series, options.finer);
    this.#longer = this.#series.map((series) => longer.map((interval) => longerSeriesOf(series, interval)));
    this.#begins = this.#series.map((series) => (fromMs === null ? 0 : closedBy(series, fromMs)));
    this.#next = [...this.#begins];
    this.#closing = new Int32Array(this.#series.length).fill(-1);
    const firstMs = Math.min(
      ...this.#series.map(({ openTimeMs }, at) => openTimeMs[this.#begins[at] ?? 0] ?? Infinity),
    );
    this.#startUs = usFromMs(fromMs ?? (firstMs === Infinity ? 0 : firstMs));
    // Where gaps are no gaps, a price is as fresh as the market is.
    const staleAfterMs =
      config.joinsGaps === true
        ? NEVER_MS
        : Math.max(config.limits.staleAfterMs, (2 * intervalUs(this.#interval)) / US_PER_MS);
    this.#trades = new Trades((config.short ?? null) !== null);
    const run: TapeRunOptions = {
      config: { ...config, limits: { ...config.limits, staleAfterMs } },
      strategies,
      instruments: options.series.map(({ instrument }) => instrument),
      account,
      startUs: this.#startUs,
      tickUs,
      bookEveryMs: 0,
      keeps: options.records === 'all' ? ALL_RECORDS : { decisions: 'denials', ledger: false },
      tellsAcceptances: options.records === 'all' || options.records === 'orders' || options.heard !== undefined,
      heard: (output) => this.#heard(output),
      ...(options.watch === undefined ? {} : { watch: options.watch }),
    };
    this.#run = new TapeRun(run, from?.run ?? null);
    this.#cash = account.balances
      .filter(({ asset }) => asset === config.quoteAsset)
      .reduce((sum, { free }) => sum + approximateAmount(free), 0);
    this.#longerNext = this.#longer.map((each) => each.map((series) => closedBy(series, msFromUs(this.#startUs))));
    this.#curve = options.curve ?? new CurvePoints();
    this.#curve.begin(this.#series.length === 1 ? first : null, this.#begins[0]);
    // What is sized later is looked at there.
    const isCut = options.everyInput !== true && (config.sizedAt ?? 'decision') === 'decision';
    this.kernel.closes.follow(this.#series, this.#longer, isCut);
    if (from !== null) {
      this.#goOn(from);
      return;
    }
    this.#curve.add(msFromUs(this.#startUs), this.#cash, 0);
    this.#warmUp();
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
      curve: { timeMs: timeMs.slice(), equity: equity.slice(), exposure: exposure.slice() },
      trades: this.#trades.state(),
      denials: this.#denials.state(),
      orders: [...this.#orders],
      fills: this.#fills.first(this.#fills.length),
      decisions: [...this.#decisions],
      counts: {
        orders: this.#orderCount,
        fills: this.#fillCount,
        updates: this.#updates,
        bars: this.#bars,
        learned: this.#learned,
      },
    };
  }

  #goOn({ next, curve, trades, denials, orders, fills, decisions, counts }: BacktestSnapshot): void {
    for (const [index, at] of next.entries()) this.#next[index] = at;
    this.#curve.goOn(curve);
    const nowMs = curve.timeMs.at(-1) ?? 0;
    for (const [index, each] of this.#longer.entries())
      for (const [which, series] of each.entries()) this.#setLonger(index, which, closedBy(series, nowMs));
    this.#trades.goOn(trades);
    this.#denials.goOn(denials);
    for (const [id, order] of orders) this.#orders.set(id, order);
    for (const fill of fills) this.#fills.add(fill);
    for (const decision of decisions) this.#decisions.push(decision);
    this.#orderCount = counts.orders;
    this.#fillCount = counts.fills;
    this.#updates = counts.updates;
    this.#bars = counts.bars;
    this.#learned = counts.learned;
  }

  get kernel(): Kernel {
    return this.#run.kernel;
  }

  /** How many bars there are to be traded, and how many of them have been played. */
  get progress(): { readonly done: number; readonly total: number } {
    const sum = (of: (series: BarSeries, index: number) => number): number =>
      this.#series.reduce((all, series, index) => all + of(series, index) - (this.#begins[index] ?? 0), 0);
    return { done: sum((_, index) => this.#next[index] ?? 0), total: sum(({ length }) => length) };
  }

  /** Plays up to so many closes; false when nothing is left. */
  step(closes: number): boolean {
    for (let left = closes; left > 0; left -= 1) {
      left -= this.#sweep(left);
      if (left <= 0) return true;
      const closeUs = this.#advance();
      if (closeUs === Infinity) {
        this.#learn(Infinity);
        return false;
      }
      this.#close(timestampUs(closeUs));
    }
    return true;
  }

  /** Fills the windows with what came before the start; nothing of it is decided upon. */
  #warmUp(): void {
    const needed = this.#run.kernel.windows().map(({ interval, window }) => ({ interval, bars: window.capacity }));
    const bars = this.#series.flatMap((series, index) =>
      historyOf(series, this.#begins[index] ?? 0, needed, this.#longer[index] ?? []),
    );
    if (bars.length > 0) this.#run.take({ kind: 'warm-up', tsUs: this.#startUs, bars });
  }

  /** Tells what models have said by then, not at that very moment. */
  #learn(beforeUs: number): void {
    const { predictions = [] } = this.#options;
    if (predictions.length === 0) return;
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

  /** Goes on to the next close, of one bar or of several that close together; when that is, Infinity where none is left. */
  #advance(): number {
    const series = this.#series;
    let nextMs = Infinity;
    for (let index = 0; index < series.length; index += 1) {
      const openMs = series[index]?.openTimeMs[this.#next[index] as number] ?? Infinity;
      if (openMs < nextMs) nextMs = openMs;
    }
    if (nextMs === Infinity) return Infinity;
    for (let index = 0; index < series.length; index += 1) {
      const at = this.#next[index] as number;
      const closes = series[index]?.openTimeMs[at] === nextMs;
      this.#closing[index] = closes ? at : -1;
      if (closes) this.#next[index] = at + 1;
    }
    return (nextMs + this.#stepMs) * US_PER_MS;
  }

  /**
   * Lets the closes of a lone series by, at most so many and the last one not, as long as no order has anything to do with them and nothing is said to them but by the last; how many those were. What `#close` does
   * for each of them, the exchange being shown the last alone.
   */
  #sweep(most: number): number {
    const { closes } = this.kernel;
    const [series, another] = this.#series;
    if (series === undefined || another !== undefined || this.#longer[0]?.length !== 0) return 0;
    const reach = this.#run.reach(series.instrument.id);
    if (reach === null) return 0;
    const curve = this.#curve;
    const untilUs = this.#options.predictions?.[this.#learned]?.learnedUs ?? Infinity;
    const begin = this.#next[0] as number;
    const end = Math.min(begin + most, series.length - 1);
    const at = closes.glide(begin, end, { below: reach.below, above: reach.above, untilUs }, curve);
    if (at === begin) return 0;
    const closeMs = (series.openTimeMs[at - 1] as number) + this.#stepMs;
    const closeUs = usFromMs(closeMs);
    this.#run.letBy(series.instrument.id, series.close[at - 1] as number, closeUs);
    this.#run.skipTo(closeUs);
    this.#closing[0] = at - 1;
    this.#next[0] = at;
    this.#updates += at - begin;
    const { said } = closes;
    if (said.length > 0) {
      this.#run.said(said);
      if (closes.value()) curve.add(closeMs, closes.equity, closes.exposure);
    }
    this.#bars += at - begin;
    return at - begin;
  }

  #close(closeUs: TimestampUs): void {
    const { closes } = this.kernel;
    if (!this.#passes(closeUs)) this.#exchange(closeUs);
    const isShort = closes.ready(closeUs) && closes.prices(closeUs, this.#closing);
    if (!isShort) this.#tellCloses();
    this.#updates += this.#series.length;
    this.#tellBars(closeUs, isShort);
    if (this.#options.config.sizedAt === 'close') this.#size(this.#closingBars(), closeUs, 'close');
    this.#bars += 1;
    if (this.#options.endOfData !== 'mark' && this.progress.done === this.progress.total) this.#end(closeUs);
    if (closes.value()) this.#curve.add(msFromUs(closeUs), closes.equity, closes.exposure);
  }

  /** Lets the bars by, where nothing is due and no order has anything to do with any of them; false, and nothing is done, otherwise. */
  #passes(closeUs: TimestampUs): boolean {
    const { closes } = this.kernel;
    const { predictions } = this.#options;
    if (!closes.ready(closeUs) || (predictions?.[this.#learned]?.learnedUs ?? Infinity) < closeUs) return false;
    const [run, lanes, closing] = [this.#run, this.#series, this.#closing];
    for (let place = 0; place < lanes.length; place += 1) {
      const index = closing[place] as number;
      if (index < 0) continue;
      const { instrument, low, high } = lanes[place] as BarSeries;
      const reach = run.reach(instrument.id);
      if (reach === null || (low[index] as number) <= reach.below || (high[index] as number) >= reach.above) {
        // Orders are going to fill: what that means follows from the account as of the last close.
        closes.catchUp();
        return false;
      }
    }
    for (let place = 0; place < lanes.length; place += 1) {
      const index = closing[place] as number;
      if (index < 0) continue;
      const { instrument, close } = lanes[place] as BarSeries;
      run.letBy(instrument.id, close[index] as number, closeUs);
    }
    run.skipTo(closeUs);
    return true;
  }

  /** The exchange sees the bars. All open before anything happens inside one of them: what is answered to a fill at an open meets that open. */
  #exchange(closeUs: TimestampUs): void {
    const run = this.#run;
    const openUs = timestampUs(closeUs - this.#stepMs * US_PER_MS);
    run.passTime(openUs);
    this.#learn(openUs + 1);
    const finer = this.#finer;
    const bars = this.#closingBars();
    for (const bar of bars) run.showOpen(finer?.firstOf(bar) ?? bar);
    if (this.#options.config.sizedAt === 'next-open') this.#size(bars, openUs, 'open');
    this.#learn(closeUs);
    // What happens inside a bar is stamped with its last moment.
    for (const bar of finer?.partsOf(bars) ?? bars) {
      run.passTime(timestampUs(bar.closeTimeUs - 1));
      run.show(bar);
    }
    if (this.kernel.closes.ready(closeUs)) run.skipTo(closeUs);
    else run.passTime(closeUs);
    const { rules } = this.#options.account;
    if (rules.kind === 'bars' && rules.acts === 'next-close') this.#arriveAtClose(bars, closeUs);
  }

  /** What was decided at the close before meets this one, once all that happened inside is known. */
  #arriveAtClose(bars: readonly Bar[], closeUs: TimestampUs): void {
    for (const bar of bars) this.#run.showClose(bar);
    if (this.#options.config.sizedAt === 'next-close') this.#size(bars, closeUs, 'next-close');
    for (const { instrument } of bars) this.#run.leaveClose(instrument);
  }

  #tellCloses(): void {
    for (let place = 0; place < this.#series.length; place += 1) {
      const index = this.#closing[place] as number;
      if (index >= 0) this.#last(barAt(this.#series[place] as BarSeries, index), this.#updates + place + 1);
    }
  }

  #closingBars(): readonly Bar[] {
    const bars: Bar[] = [];
    for (let place = 0; place < this.#series.length; place += 1) {
      const index = this.#closing[place] as number;
      if (index >= 0) bars.push(barAt(this.#series[place] as BarSeries, index));
    }
    return bars;
  }

  /** The bars reach the strategies; from the first on that brings something about all is told the ordinary way. */
  #tellBars(closeUs: TimestampUs, isShort: boolean): void {
    const { closes } = this.kernel;
    let isQuiet = isShort;
    for (let place = 0; place < this.#series.length; place += 1) {
      const index = this.#closing[place] as number;
      if (index < 0) continue;
      const longer = this.#longer[place] as readonly BarSeries[];
      for (let which = 0; which < longer.length; which += 1) {
        const each = longer[which] as BarSeries;
        const at = this.#longerNext[place]?.[which] as number;
        const closesUs = ((each.openTimeMs[at] ?? Infinity) + intervalMs(each.interval)) * US_PER_MS;
        if (closesUs !== closeUs) continue;
        this.#setLonger(place, which, at + 1);
        isQuiet = this.#hear(isQuiet ? closes.longerBar(place, which, at) : null, each, at, closeUs);
      }
      const series = this.#series[place] as BarSeries;
      isQuiet = this.#hear(isQuiet ? closes.bar(place, index) : null, series, index, closeUs);
    }
  }

  /** What the kernel has said to a bar; null: it has not been told. True where it said nothing. */
  #hear(said: readonly KernelOutput[] | null, series: BarSeries, index: number, closeUs: TimestampUs): boolean {
    if (said !== null && said.length === 0) return true;
    if (said === null) this.#run.tell({ kind: 'market', tsUs: closeUs, event: barAt(series, index) });
    else this.#run.said(said);
    return false;
  }

  #setLonger(place: number, which: number, next: number): void {
    const each = this.#longerNext[place];
    if (each !== undefined) each[which] = next;
  }

  /** Closes what is open; what was sent and could not act any more is off. */
  #end(closeUs: TimestampUs): void {
    const opens = this.#series.map((each) => [each.instrument.id, barAt(each, each.length - 1).open] as const);
    this.#run.endData(this.#options.endOfData === 'open' ? new Map(opens) : null);
    const halt = { kind: 'set-state', state: 'HALTED', reason: 'the data has ended', dataEnded: true } as const;
    for (const flatten of [false, true]) {
      const action = { ...halt, flatten };
      this.#run.tell({ kind: 'command', tsUs: closeUs, id: `data-end:${flatten}`, actor: 'backtest', action });
    }
  }

  /** Bars are all that is known: the last trade of each was at its close, in a market without a spread. */
  #last(bar: Bar, update: number): void {
    this.#tellPrice(bar, bar.close, bar.closeTimeUs, update);
  }

  /** What waits for the prices of this moment is sized by them, when all are known; of several instruments what makes a position smaller first: it pays for the others. */
  #size(bars: readonly Bar[], tsUs: TimestampUs, at: 'open' | 'next-close' | 'close'): void {
    // Opens are prices like those of closes; the close that was decided at is known already.
    for (const bar of at === 'close' ? [] : bars)
      this.#tellPrice(bar, at === 'open' ? bar.open : bar.close, tsUs, (this.#updates += 1));
    const instruments = bars.map(({ instrument }) => instrument);
    if (bars.length > 1) this.#run.tell({ kind: 'sizing', tsUs, instruments, what: 'exits' });
    this.#run.tell({ kind: 'sizing', tsUs, instruments, what: 'all' });
  }

  #tellPrice({ instrument }: Bar, price: Price, tsUs: TimestampUs, update: number): void {
    for (const event of tickAt(instrument, price, tsUs, update)) this.#run.tell({ kind: 'market', tsUs, event });
  }

  #heard(output: KernelOutput): void {
    const { records, heard } = this.#options;
    this.#trades.heard(output);
    this.#denials.heard(output);
    if (output.kind === 'order') {
      if (output.order.status === 'pending_submit') this.#orderCount += 1;
      if (records === 'all' || records === 'orders') this.#orders.set(output.order.clientOrderId, output.order);
    } else if (output.kind === 'fill') {
      this.#fillCount += 1;
      if (records !== 'trades') this.#fills.add(output.fill);
    } else if (output.kind === 'decision' && records === 'all') this.#decisions.push(output.decision);
    heard?.(output);
  }

  get #traded(): readonly BarSeries[] {
    return this.#series.map((series, index) => sliceBarSeries(series, this.#begins[index] ?? 0, series.length));
  }

  /** What has come of it so far. */
  outcome(): BacktestOutcome {
    const { lastMs } = this.#curve;
    const curve = this.#curve.columns();
    const startMs = msFromUs(this.#startUs);
    // Reckoned for whoever looks at it: most trials of an optimisation do not.
    let held: Float64Array | null = null;
    const benchmark = (): Float64Array =>
      (held ??= buyAndHold(curve.timeMs, this.#traded, this.#cash, this.#options.account));
    const trades = this.#trades.asOfNow(this.#run.kernel, () => curve.timeMs.subarray(1));
    const [fills, kept, fillCount] = [this.#fills, this.#fills.length, this.#fillCount];
    return {
      startMs,
      endMs: lastMs ?? startMs,
      bars: this.#bars,
      initialCash: this.#cash,
      curve,
      get benchmark() {
        return benchmark();
      },
      get trades() {
        return trades();
      },
      orders: [...this.#orders.values()],
      get fills() {
        return fills.first(kept);
      },
      decisions: this.#decisions,
      orderCount: this.#orderCount,
      fillCount,
      turnover: approximateAmount(this.#trades.turnover),
      slippage: this.#run.kernel.slippage().reduce((sum, { lost }) => sum + Number(lost), 0),
      denials: this.#denials.counts,
      failures: failuresOf(this.#run.kernel),
    };
  }
}

const NEVER_MS = 100 * 365 * 86_400_000;
