import type { Amount, Instrument, InstrumentId, OrderRequest, StrategyId, TimestampUs } from '@monsta/core';
import type { AccountMonitor } from '../account-monitor.ts';
import type { ExitPlan } from '../exit-plan.ts';
import type { KernelConfig, KernelOutput } from '../kernel-types.ts';
import type { RoundTrip } from '../book-records.ts';
import type { Markets } from '../markets.ts';
import type { Portfolio } from '../portfolio.ts';
import type { Position } from '../position.ts';
import type { StrategyGates } from '../strategy-gates.ts';
import type { ConfiguredStrategy } from '../strategy.ts';
import type { GateState, TradingGate } from '../trading-gate.ts';
import { allocationFor, type Allocation, type SizingBars, type SizingConfig } from './allocation.ts';
import type { EndedTrip } from '../round-trip.ts';
import { ClosedTrades, closedTradeOf, closedTradeOfTrip, type ClosedTrade } from './closed-trades.ts';
import { Days } from './day.ts';
import { no, type Assessment } from './denial.ts';
import type { Lock, StrategyLimits } from './limits.ts';
import { Locks } from './locks.ts';
import { OrderRate, type SentBySecond } from './order-rate.ts';
import { EitherSideView, OrderView, type Asking, type OrderViewParts } from './order-view.ts';
import { lockOf, lossCooldown } from './protections.ts';
import { usesOf } from './limit-uses.ts';
import { restrictionsOf, type RiskReport } from './risk-report.ts';
import { assess } from './rules.ts';
import { StaleMarkets } from './stale-markets.ts';
import { StrategyMonitors, type OwnMonitor } from './strategy-monitor.ts';

interface RiskDeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly monitor: AccountMonitor;
  readonly strategies: readonly ConfiguredStrategy[];
  emit(output: KernelOutput): void;
  /** A limit of a strategy's own has closed its gate, or the next day opened it; `before`: how it was. */
  readonly gateMoved: (id: StrategyId, before: GateState) => void;
  /** How a position, held or about to be, is to be left: by its own plan, or else by the configured one; null: nothing is planned. */
  planOf(strategyId: StrategyId, instrument: Instrument): ExitPlan | null;
}

/** What is recorded with the account. */
export interface RiskDeskState {
  readonly locks: readonly Lock[];
  readonly sent: SentBySecond;
  readonly own: readonly OwnMonitor[];
}

const ALL_ALLOCATED: SizingConfig = { kind: 'fraction' };
const NO_TRADES: readonly ClosedTrade[] = [];

/** Asks every rule about an order, with all that the rules look at, and keeps what they look back on: orders sent, closed round trips, locks, each strategy's own profit. The only road to an approved order. */
export class RiskDesk {
  readonly #parts: RiskDeskParts;
  readonly #limits = new Map<StrategyId, StrategyLimits>();
  readonly #locks = new Locks();
  readonly #rate = new OrderRate();
  readonly #trades: ClosedTrades;
  readonly #own: StrategyMonitors;
  readonly #stale: StaleMarkets;
  readonly #profitOf = (id: StrategyId): Amount | null => this.#parts.portfolio.profitOf(id);
  readonly #days: Days;
  readonly #looksAtTrades: boolean;
  readonly #viewParts: OrderViewParts;
  /** The last that was known. */
  #equity: Amount | null = null;
  #moved = false;

  constructor(parts: RiskDeskParts) {
    this.#parts = parts;
    const { strategies, gates, config, markets } = parts;
    for (const { id, limits } of strategies) if (limits !== undefined) this.#limits.set(id, limits);
    this.#trades = new ClosedTrades(strategies.map(({ id }) => id));
    this.#own = new StrategyMonitors(gates, config.limits.day);
    this.#days = new Days(config.limits.day);
    this.#looksAtTrades =
      this.looksBack || config.sizing?.kind === 'kelly' || strategies.some(({ sizing }) => sizing?.kind === 'kelly');
    const watched = [...new Set(strategies.flatMap(({ instruments }) => instruments))].sort();
    this.#viewParts = {
      ...parts,
      locks: this.#locks,
      rate: this.#rate,
      limitsOf: (id) => this.#limits.get(id) ?? null,
      planOf: (id, instrument) => parts.planOf(id, instrument),
    };
    this.#stale = new StaleMarkets({ watched, markets, staleAfterMs: config.limits.staleAfterMs });
  }

  /** What outlives the program, see `recover`. */
  get durable(): RiskDeskState {
    return { locks: this.#locks.all, sent: this.#rate.state, own: this.#own.state };
  }

  /** Everything, for a kernel's snapshot. */
  get state() {
    return {
      durable: this.durable,
      trades: [...this.#trades.all],
      stale: this.#stale.state,
      equity: this.#equity,
      moved: this.#moved,
    };
  }

  restore({ durable, trades, stale, equity, moved }: RiskDesk['state']): void {
    this.#take(durable);
    this.#trades.restore(trades);
    this.#stale.restore(stale);
    this.#equity = equity;
    this.#moved = moved;
  }

  /** What was recorded with the account, null for a new one; and the round trips that the ledger holds. */
  recover(durable: RiskDeskState | null, trips: readonly RoundTrip[]): void {
    if (durable !== null) this.#take(durable);
    this.#trades.restore(trips.map(closedTradeOf));
  }

  #take({ locks, sent, own }: RiskDeskState): void {
    this.#locks.restore(locks);
    this.#rate.restore(sent);
    this.#own.restore(own);
  }

  /** The strategies' highest profits together: one that has risen is to be recorded before long. */
  get ownPeaks(): Amount {
    return this.#own.peaks;
  }

  /** True when something has to be recorded with the account. */
  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Hears of a round trip that has just ended. Where nothing looks back on them, none is kept. */
  ended(trip: EndedTrip, nowUs: TimestampUs): void {
    if (this.#looksAtTrades) this.closed(closedTradeOfTrip(trip), nowUs);
  }

  /** Takes a closed round trip: it may lock. */
  closed(trade: ClosedTrade, nowUs: TimestampUs): void {
    const { limits } = this.#parts.config;
    this.#trades.add(trade);
    // A person has looked and acted: what they closed counts among the others, and locks nothing by itself.
    if (trade.exitCause === 'person' || trade.exitCause === 'outside') return;
    if (!this.looksBack) return;
    const closing = { trade, trades: this.#trades.all, equity: this.#equity, nowUs };
    const found = [
      lossCooldown(closing, limits.lossCooldownMs),
      ...limits.protections.map((protection) => lockOf(protection, closing)),
    ];
    for (const lock of found) {
      if (lock === null || !this.#locks.put(lock)) continue;
      this.#moved = true;
      const { strategyId, instrument } = lock.scope;
      const where = `${strategyId ?? 'every strategy'}, ${instrument ?? 'every instrument'}`;
      const message = `entries are locked (${where}) by ${lock.rule}: ${lock.reason}`;
      this.#parts.emit({ kind: 'note', level: 'warn', code: `locked_${lock.rule}`, message });
    }
  }

  /** When time alone changes something next: a lock ends. */
  get dueUs(): number {
    return this.#locks.nextEndUs;
  }

  /** Until when no market becomes stale though nothing comes of it; already past while one is. */
  get freshUntilUs(): number {
    return this.#stale.sameUntilUs;
  }

  /** True where a strategy has limits of its own, which each new price is held against. */
  get watchesStrategies(): boolean {
    return this.#limits.size > 0;
  }

  /** True where round trips that end are held against the equity that was told last. */
  get looksBack(): boolean {
    const { lossCooldownMs, protections } = this.#parts.config.limits;
    return protections.length > 0 || lossCooldownMs > 0;
  }

  /** Follows every input: locks end, and a strategy that a person has started again is measured from here on. */
  settle(nowUs: TimestampUs): void {
    if (this.#locks.expire(nowUs)) this.#moved = true;
    if (this.#own.lifted(this.#profitOf)) this.#moved = true;
  }

  /** Looks at the markets' age; those whose resting entries are to be canceled, since nobody sees what they would buy. */
  watchMarkets(nowUs: TimestampUs): readonly InstrumentId[] {
    const { wentStale, notes } = this.#stale.look(nowUs);
    for (const note of notes) this.#parts.emit({ kind: 'note', ...note });
    return wentStale;
  }

  /** Takes the account's equity of this moment, and looks at each strategy's own profit. */
  observe(equity: Amount, nowUs: TimestampUs): void {
    this.#equity = equity;
    const { monitor, portfolio, gates, gateMoved } = this.#parts;
    const { dayStartEquity, peakEquity } = monitor.state;
    for (const [id, limits] of this.#limits) {
      const profit = portfolio.profitOf(id);
      if (profit === null) continue;
      const before = gates.of(id).current();
      const { moved, found } = this.#own.observe(id, profit, { dayStartEquity, peakEquity }, nowUs, limits);
      if (!moved) continue;
      this.#moved = true;
      for (const { code, reason } of found) this.#parts.emit({ kind: 'note', level: 'warn', code, message: reason });
      gateMoved(id, before);
    }
  }

  /** Runs what takes coins from a strategy's positions, or brings some, without a trade: it is no profit of the strategy. */
  outside<T>(strategyId: StrategyId, move: () => T): T {
    const { portfolio } = this.#parts;
    const before = portfolio.profitOf(strategyId);
    const done = move();
    const after = portfolio.profitOf(strategyId);
    if (before === null || after === null) return done;
    this.#own.shift(strategyId, (after - before) as Amount);
    this.#moved = true;
    return done;
  }

  /**
   * What a target of 1 is worth for a strategy now, by its own sizing or else the configuration's. `barsOf` tells the closes of its main interval, oldest first, at least `barsForSizing`
   * of them once there are so many, null for a strategy without bars; they and its round trips are gathered only where the size follows from them.
   */
  allocation(
    { id, sizing: own, allocationPpm }: ConfiguredStrategy,
    instrument: InstrumentId,
    equity: Amount,
    barsOf: () => SizingBars | null,
  ): Allocation {
    const { config } = this.#parts;
    const sizing = own ?? config.sizing ?? ALL_ALLOCATED;
    return allocationFor({
      sizing,
      allocationPpm: allocationPpm ?? config.allocationPpm,
      exposureMax: config.limits.exposureMax,
      equity,
      worthOf: (coins) => this.#parts.portfolio.valueOf(coins, instrument),
      bars: sizing.kind === 'volatility' ? barsOf() : null,
      trades: sizing.kind === 'kelly' ? this.#trades.of(id) : NO_TRADES,
    });
  }

  /** Every limit with what of it is used, and everything that refuses entries now. `stopOf`: where a position is going to be stopped, decimal text; null where nothing is known to stop it. */
  report(stopOf: (position: Position) => string | null, nowUs: TimestampUs): RiskReport {
    const { config, gate, gates, monitor, strategies } = this.#parts;
    const { day } = config.limits;
    const today = this.#days.of(nowUs);
    return {
      nowUs,
      equity: this.#parts.portfolio.equity(config.quoteAsset),
      day: { ...day, startUs: monitor.state.dayStartUs ?? today.startUs, endUs: today.endUs },
      ...usesOf({
        ...this.#parts,
        stopOf,
        monitor: monitor.state,
        own: this.#own.state,
        sent: this.#rate.within(nowUs),
        trades: this.#trades.all,
        nowUs,
      }),
      restrictions: restrictionsOf(this.#stale.stale, this.#locks.all, nowUs),
      causes: [
        ...gate.causes().map((cause) => ({ ...cause, strategyId: null })),
        ...strategies.flatMap(({ id }) =>
          gates
            .of(id)
            .causes()
            .map((cause) => ({ ...cause, strategyId: id })),
        ),
      ],
    };
  }

  /** Approved means: will be sent. What is approved counts for the orders after it. */
  assess(order: OrderRequest, how: Asking, nowUs: TimestampUs): Assessment {
    const instrument = this.#parts.markets.instrument(order.instrument);
    if (instrument === null) {
      const message = `instrument ${order.instrument} is not known`;
      return { denied: no('instrument_unknown', 'a known instrument', order.instrument, message) };
    }
    const View = this.#parts.portfolio.shorts ? EitherSideView : OrderView;
    const assessment = assess(order, new View(this.#viewParts, order, instrument, how, nowUs));
    if ('approved' in assessment) {
      this.#rate.note(nowUs);
      this.#moved = true;
    }
    return assessment;
  }
}
