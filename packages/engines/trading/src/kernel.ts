import { expectOk, fromJsonValue, invariant, parseAmount, timestampUs, toJsonValue, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, Bar, Instrument, InstrumentId, Order, TimestampUs } from '@monsta/core';
import { AccountDesk } from './account-desk.ts';
import { AccountMonitor, type MonitorState } from './account-monitor.ts';
import { AlgoDesk } from './algo-desk.ts';
import { Books } from './books.ts';
import { FollowedCloses } from './closes/followed-closes.ts';
import { DivergenceDesk } from './divergence-desk.ts';
import { CommandDesk } from './command-desk.ts';
import { ALL_RECORDS, isKept, type KeptRecords } from './kept-records.ts';
import { restoreRooms, roomsState } from './kernel-snapshot.ts';
import { accountRecordOf, kernelStateOf } from './kernel-state.ts';
import type { AccountView, KernelConfig, KernelInput, KernelOutput, PositionView } from './kernel-types.ts';
import type { RecoveredState } from './records.ts';
import { Markets } from './markets.ts';
import { OrderDesk } from './order-desk.ts';
import { Portfolio } from './portfolio.ts';
import { viewPosition } from './position-view.ts';
import { isProtective } from './protection.ts';
import { ProtectiveDesk } from './protective-desk.ts';
import { RiskDesk, type RiskReport } from './risk.ts';
import type { ConfiguredStrategy } from './strategy.ts';
import type { StrategyView, StrategyWindow } from './strategy/view.ts';
import { StrategyDesk } from './strategy-desk.ts';
import { SlippageBook, type SlippageView } from './slippage-book.ts';
import { StrategyGates } from './strategy-gates.ts';
import { UNWATCHED, type StrategyWatch } from './strategy-watch.ts';
import { SEVERITY, TradingGate, type GateState } from './trading-gate.ts';

/** How often the equity is looked at, by the kernel's clock. */
const EVALUATE_EVERY_US = 1_000_000;
/** How often a new equity peak alone is recorded; a crash forgets at most the rise since then. */
const RECORD_PEAK_EVERY_US = 10_000_000;

/** True for inputs that move neither orders nor money by themselves. */
const QUIET = new Set(['market', 'prediction', 'tick', 'sizing', 'warm-up']);
const isQuiet = (kind: string) => QUIET.has(kind);

type Of<K extends KernelInput['kind']> = Extract<KernelInput, { kind: K }>;

const isSnapshot = (value: unknown): value is ReturnType<Kernel['state']> =>
  typeof value === 'object' && value !== null && 'snapshot' in value && value.snapshot === 1;

/**
 * The trading kernel: synchronous, single-threaded, pure. What goes in is the whole of its world, its clock included; the same inputs give the same
 * outputs, bit for bit. Throws only where an invariant is broken: then nothing it said may be acted upon, and start-up recovers.
 */
export class Kernel {
  readonly #config: KernelConfig;
  readonly #keeps: KeptRecords;
  readonly #markets = new Markets();
  readonly #portfolio: Portfolio;
  readonly #gate = new TradingGate();
  readonly #gates = new StrategyGates();
  readonly #monitor: AccountMonitor;
  readonly #risk: RiskDesk;
  readonly #books: Books;
  readonly #desk: OrderDesk;
  readonly #accountDesk: AccountDesk;
  readonly #divergences: DivergenceDesk;
  readonly #protective: ProtectiveDesk;
  readonly #algos: AlgoDesk;
  readonly #slippage = new SlippageBook();
  readonly #strategies: StrategyDesk;
  readonly #commands: CommandDesk;
  /** What is recorded with the account when it has moved. */
  readonly #recorded: readonly { takeMoved(nowUs: TimestampUs): boolean }[];
  /** The short cut for closes of bars that lie in columns. */
  readonly closes: FollowedCloses;
  #nowUs: TimestampUs = timestampUs(0);
  #evaluateUs = 0;
  #peakRecordUs = 0;
  /** Of the equity, and of the strategies' own profits. */
  #recordedPeaks: readonly [equity: Amount | null, own: Amount] = [null, ZERO_AMOUNT];
  #announced: GateState = this.#gate.current();
  #recovered = false;
  /** True once the venue's balances have been compared, or taken over at the very first start. */
  #reconciled = false;
  #adoptBalances = false;
  #recordAccount = false;
  #out: KernelOutput[] = [];

  constructor(
    config: KernelConfig,
    strategies: readonly ConfiguredStrategy[],
    watch: StrategyWatch = UNWATCHED,
    keeps: KeptRecords = ALL_RECORDS,
  ) {
    [this.#config, this.#keeps] = [config, keeps];
    this.#portfolio = new Portfolio(this.#markets, (config.short ?? null) !== null);
    const emit = (output: KernelOutput): void => this.#emit(output);
    this.#monitor = new AccountMonitor(config.limits.day);
    const [markets, portfolio, gate, monitor] = [this.#markets, this.#portfolio, this.#gate, this.#monitor];
    const watching = { config, markets, portfolio, gate, gates: this.#gates, monitor, emit, keeps };
    this.#risk = new RiskDesk({
      ...watching,
      strategies,
      planOf: (id, instrument) => this.#protective.plans.of(id, instrument)?.plan ?? config.exitPlan,
      gateMoved: (id, before) => this.#strategies.gateMoved(id, before, this.#nowUs),
    });
    this.#books = new Books({ config, markets, portfolio, emit, keeps });
    const parts = { ...watching, risk: this.#risk, books: this.#books };
    this.#desk = new OrderDesk({
      ...parts,
      foreignFill: (fill, nowUs) => this.#accountDesk.foreignFill(fill, nowUs),
      stepped: (before, after, nowUs) => this.#protective.stepped(before, after, nowUs),
    });
    this.#protective = new ProtectiveDesk({
      ...parts,
      desk: this.#desk,
      enters: (id, instrument) => this.#algos.enters(id, instrument),
    });
    this.#divergences = new DivergenceDesk({ config, gate, emit });
    this.#accountDesk = new AccountDesk({ ...parts, isNewFill: (fill) => this.#desk.isNewFill(fill) });
    const placing = { ...parts, desk: this.#desk, protective: this.#protective };
    this.#algos = new AlgoDesk(placing);
    const desks = { ...placing, algos: this.#algos };
    this.#strategies = new StrategyDesk({ ...desks, slippage: this.#slippage }, strategies, watch);
    this.#commands = new CommandDesk({ ...desks, strategies: this.#strategies });
    const books = [this.#algos, this.#slippage, this.#desk, this.#accountDesk, this.#divergences];
    this.#recorded = [...books, this.#commands, this.#risk, this.#protective.plans, this.#protective.waiting];
    this.closes = new FollowedCloses({
      ...desks,
      strategies: this.#strategies,
      commands: this.#commands,
      watch,
      open: () => this.#reconciled && !keeps.ledger,
      passTo: (nowUs) => {
        this.#nowUs = nowUs;
        this.#evaluateUs = nowUs + EVALUATE_EVERY_US;
      },
      evaluate: () => this.#evaluate(),
      begin: () => void (this.#out = []),
      end: () => {
        this.#settle('market');
        return this.#out;
      },
    });
  }

  /** Says something, where it is kept, and lets the desks hear it. */
  #emit(output: KernelOutput): void {
    if (isKept(output, this.#keeps)) this.#out.push(output);
    this.#algos.heard(output);
    this.#slippage.heard(output);
    if (output.kind === 'trip-ended') this.#risk.ended(output.ended, this.#nowUs);
    this.#strategies.heard(output);
  }

  /** Takes one input; what has to be recorded, done and said, in order. */
  handle(input: KernelInput): readonly KernelOutput[] {
    this.#out = [];
    this.closes.moved();
    if (input.tsUs > this.#nowUs) this.#nowUs = input.tsUs;
    if (!isQuiet(input.kind)) this.#algos.touch();
    this.#dispatch(input);
    if (this.#recovered) this.#settle(input.kind);
    return this.#out;
  }

  #dispatch(input: KernelInput): void {
    switch (input.kind) {
      case 'market':
        this.#onMarket(input.event);
        return;
      case 'instruments':
        this.#markets.setInstruments(input.instruments);
        return;
      case 'recover':
        this.#recover(input.state);
        return;
      case 'reconcile':
        this.#reconcile(input);
        return;
      case 'warm-up':
        this.#strategies.warmUp(input.bars);
        for (const bar of input.bars) {
          this.#markets.onBar(bar);
          this.#portfolio.observeBar(bar);
        }
        return;
      case 'strategy-failed':
        this.#strategies.fail(input.strategyId, input.failure, this.#nowUs);
        return;
      case 'prediction':
        this.#strategies.onPrediction(input.prediction, this.#nowUs, this.#reconciled);
        return;
      case 'venue':
        this.#desk.onVenueEvent(input.event, this.#nowUs);
        if (input.event.kind === 'order-filled') this.#evaluateUs = 0;
        return;
      case 'account':
        this.#accountDesk.onEvent(input.event, this.#nowUs);
        this.#evaluateUs = 0;
        return;
      case 'tick':
        return;
      case 'sizing':
        this.#strategies.sizeHeld(input.instruments, input.what, this.#nowUs);
        return;
      case 'condition':
        this.#onCondition(input);
        return;
      case 'command':
        this.#commands.handle(input, this.#nowUs);
        this.#evaluateUs = 0;
        return;
    }
  }

  #onMarket(event: Of<'market'>['event']): void {
    if (this.#markets.instrument(event.instrument) === null) return;
    switch (event.kind) {
      case 'trade':
        this.#markets.onTrade(event);
        this.#portfolio.observe(event.instrument, event.price);
        this.#protective.onTrade(event.instrument, event.price);
        if (this.#reconciled) this.#strategies.onTrade(event, this.#nowUs);
        return;
      case 'quote':
        this.#markets.onQuote(event);
        return;
      case 'book-snapshot':
        if (this.#reconciled) this.#strategies.onBook(event, this.#nowUs);
        return;
      case 'feed':
        this.#markets.onFeed(event.instrument, event.status);
        return;
      case 'bar':
        if (event.closed) this.#onClosedBar(event);
        return;
    }
  }

  #onClosedBar(bar: Bar): void {
    const instrument = this.#markets.instrument(bar.instrument);
    if (instrument === null) return;
    this.#markets.onBar(bar);
    this.#portfolio.observeBar(bar);
    this.#evaluate();
    this.#strategies.onClosedBar(bar, instrument, this.#nowUs);
  }

  #onCondition({ code, state, reason, tsUs }: Of<'condition'>): void {
    if (state === null) this.#gate.lift(code, tsUs);
    else {
      // A clock that is wrong says nothing against the stops that rest at the venue: as with a halt of risk's own, they stay.
      const by = code === 'clock_drift' ? 'risk' : 'system';
      this.#gate.raise({ code, state, reason, by, sinceUs: this.#nowUs, lasting: false });
      if (state === 'HALTED' && by === 'system') this.#commands.cancelAll(this.#nowUs);
    }
  }

  #recover(state: RecoveredState): void {
    invariant(!this.#recovered, 'the kernel is recovered once');
    this.#recovered = true;
    const { account } = state;
    const own = kernelStateOf(account);
    if (account !== null) {
      const amountOf = (text: string | null): Amount | null => (text === null ? null : expectOk(parseAmount(text)));
      const monitor: MonitorState = {
        peakEquity: amountOf(account.peakEquity),
        dayStartUs: account.dayStartUs,
        dayStartEquity: amountOf(account.dayStartEquity),
        lossBase: own?.lossBase ?? amountOf(account.dayStartEquity),
      };
      this.#monitor.restore(monitor);
    }
    this.#gate.restore(own?.causes ?? []);
    if (own !== null) this.#commands.restore(own.commands);
    this.#risk.recover(own?.risk ?? null, state.roundTrips);
    this.#recordedPeaks = this.#peaks;
    this.#algos.restore(own?.algos ?? { next: 1, running: [] });
    this.#slippage.restore(own?.slippage ?? []);
    this.#protective.plans.recover(own?.exits ?? []);
    this.#protective.waiting.restore(own?.waiting ?? { next: 1, waiting: [] });
    this.#desk.restore(own?.desk ?? { idPrefix: null, nextOrder: 1 }, state.seenFills);
    // An account that no balance was ever recorded of takes over what the venue has; from then on a difference is a divergence.
    this.#adoptBalances = state.balances.length === 0;
    this.#accountDesk.restore(state.seenTransfers, own?.agreedUs ?? null);
    this.#divergences.restore(own?.divergences ?? []);
    this.#portfolio.money.set(state.balances);
    this.#portfolio.recover(state.positions);
    for (const { order, instrument } of state.openOrders) this.#portfolio.putOrder(order, instrument);
    this.#books.restore(own?.equity ?? null);
    this.#strategies.recover(state.decided, state.strategies, this.#nowUs);
    this.#recordAccount = true;
  }

  #reconcile({ plan, balances, tsUs }: Of<'reconcile'>): void {
    for (const event of plan.events) this.#desk.onVenueEvent(event, this.#nowUs);
    for (const clientOrderId of plan.cancels) this.#out.push({ kind: 'cancel', clientOrderId });
    this.#divergences.compared(plan.divergences, this.#nowUs);
    if (this.#adoptBalances) {
      this.#adoptBalances = false;
      this.#portfolio.money.set(balances, tsUs);
      this.#accountDesk.agreed(tsUs);
      if (this.#keeps.ledger) this.#out.push({ kind: 'balances', balances: this.#portfolio.balances() });
    } else {
      // The balances were asked for after the fills that the plan brings.
      const asOfUs = timestampUs(Math.max(tsUs, ...plan.events.map(({ tsEventUs }) => tsEventUs)));
      this.#accountDesk.reconciled(balances, asOfUs, this.#nowUs);
    }
    this.#reconciled = true;
    this.#evaluateUs = 0;
  }

  /** What follows every input: the equity is looked at, the gate announced and enforced, flattening moved on, the account recorded. */
  #settle(kind: KernelInput['kind']): void {
    this.#accountDesk.settle(this.#nowUs);
    this.#risk.settle(this.#nowUs);
    if (this.#nowUs >= this.#evaluateUs) this.#evaluate();
    this.#announce();
    if (kind !== 'warm-up') this.#commands.settle(this.#nowUs);
    this.#strategies.settle(this.#nowUs, kind, this.#reconciled);
    if (this.#reconciled && kind !== 'warm-up') this.#algos.settle(this.#nowUs, this.#commands.flattening);
    this.#protect(kind);
    if (this.#keeps.ledger) this.#record();
  }

  /** Records the account where something of it has moved. */
  #record(): void {
    for (const room of this.#recorded) if (room.takeMoved(this.#nowUs)) this.#recordAccount = true;
    if (this.#peakIsDue()) this.#recordAccount = true;
    if (!this.#recordAccount) return;
    this.#recordAccount = false;
    this.#recordedPeaks = this.#peaks;
    this.#peakRecordUs = this.#nowUs + RECORD_PEAK_EVERY_US;
    this.#out.push({ kind: 'account', account: accountRecordOf(this.#config.accountId, this.#rooms, this.#nowUs) });
  }

  /** Not before the venue was compared, which finds the stops that rest there; and not while everything is being sold. */
  #protect(kind: KernelInput['kind']): void {
    if (!isQuiet(kind)) {
      this.#protective.touch();
      if (this.#reconciled) this.#accountDesk.checkPositions(this.#nowUs);
    }
    if (this.#reconciled && !this.#commands.flattening && kind !== 'warm-up') this.#protective.settle(this.#nowUs);
  }

  get #peaks(): readonly [equity: Amount | null, own: Amount] {
    return [this.#monitor.state.peakEquity, this.#risk.ownPeaks];
  }

  #peakIsDue(): boolean {
    const [equity, own] = this.#nowUs < this.#peakRecordUs ? this.#recordedPeaks : this.#peaks;
    return equity !== this.#recordedPeaks[0] || own !== this.#recordedPeaks[1];
  }

  #evaluate(): void {
    this.#evaluateUs = this.#nowUs + EVALUATE_EVERY_US;
    this.#desk.cancelEntries(this.#risk.watchMarkets(this.#nowUs), this.#nowUs);
    // Before the first reconciliation the balances may lack a fill, which would look like a loss.
    const equity = this.#reconciled ? this.#portfolio.equity(this.#config.quoteAsset) : null;
    if (equity === null) return;
    if (this.#monitor.observe(equity, this.#nowUs, this.#config.limits, this.#gate)) this.#recordAccount = true;
    if (this.#books.observe(equity, this.#nowUs, this.#monitor.state.dayStartUs)) this.#recordAccount = true;
    this.#risk.observe(equity, this.#nowUs);
  }

  /** Says when the state in force changed; a stricter one cancels the orders it doesn't allow. A halt of risk's own leaves what protects positions. */
  #announce(): void {
    const gate = this.#gate.current();
    const before = this.#announced;
    if (gate.state === before.state && gate.reason === before.reason && gate.by === before.by) return;
    this.#announced = gate;
    this.#recordAccount = true;
    this.#out.push({ kind: 'trading-state', gate });
    if (SEVERITY[gate.state] <= SEVERITY[before.state]) return;
    for (const order of this.#portfolio.workingOrders()) {
      const stays = gate.state === 'HALTED' ? gate.by === 'risk' && isProtective(order) : order.reduceOnly;
      if (!stays) this.#desk.cancel(order, this.#nowUs);
    }
  }

  /** The kernel's clock: the newest time it was told. */
  get nowUs(): TimestampUs {
    return this.#nowUs;
  }

  /** No position has, or is to have, anything that protects it. */
  get protectsNothing(): boolean {
    return this.#protective.protectsNothing;
  }

  get gate(): GateState {
    return this.#gate.current();
  }

  /** The terms of an instrument as the kernel knows them now. */
  instrument(id: InstrumentId): Instrument | null {
    return this.#markets.instrument(id);
  }

  /** Orders that are not final, oldest first. */
  workingOrders(): readonly Order[] {
    return this.#portfolio.workingOrders();
  }

  /** `fillKey`s of the newest fills. */
  get seenFills(): ReadonlySet<string> {
    return this.#desk.seenFills;
  }

  /** Events that changed nothing, by what was wrong with them. */
  get ignored(): Readonly<Record<string, number>> {
    return this.#desk.ignored;
  }

  /** What each strategy watches, and how full its windows of bars are. */
  windows(): readonly StrategyWindow[] {
    return this.#strategies.windows;
  }

  strategies(): readonly StrategyView[] {
    return this.#strategies.views();
  }

  account(): AccountView {
    const { peakEquity, dayStartUs, dayStartEquity } = this.#monitor.state;
    return {
      balances: this.#portfolio.balances(),
      equity: this.#reconciled ? this.#portfolio.equity(this.#config.quoteAsset) : null,
      dayStartUs,
      dayStartEquity,
      peakEquity,
      gate: this.#gate.current(),
      nowUs: this.#nowUs,
    };
  }

  positions(): readonly PositionView[] {
    const { equity } = this.account();
    return this.#portfolio
      .positions()
      .map((position) => viewPosition(position, this.#markets, equity, this.#protective.protectionOf(position)));
  }

  /** Every limit with what of it is used, and what refuses entries now. */
  risk(): RiskReport {
    return this.#risk.report((position) => this.#protective.protectionOf(position)?.stopPrice ?? null, this.#nowUs);
  }

  /** What slippage has cost each strategy since its first order. */
  slippage(): readonly SlippageView[] {
    return this.#slippage.views();
  }

  /** Everything, as a JSON value: a kernel restored from it goes on exactly as this one does. */
  snapshot(): unknown {
    return toJsonValue(this.state());
  }

  /** For `snapshot`: the state as plain data. */
  state() {
    return {
      snapshot: 1 as const,
      nowUs: this.#nowUs,
      rooms: roomsState(this.#rooms, this.#config.accountId),
      announced: this.#announced,
      clocks: [this.#evaluateUs, this.#peakRecordUs] as const,
      recordedPeaks: this.#recordedPeaks,
      flags: [this.#recovered, this.#reconciled, this.#adoptBalances] as const,
    };
  }

  /** A kernel as `snapshot` left it; configuration and strategies must be the same. */
  static restore(snapshot: unknown, ...made: ConstructorParameters<typeof Kernel>): Kernel {
    const state = fromJsonValue(snapshot);
    invariant(isSnapshot(state), 'this is no snapshot of a kernel');
    const kernel = new Kernel(...made);
    kernel.#nowUs = state.nowUs;
    restoreRooms(kernel.#rooms, state.rooms);
    kernel.#announced = state.announced;
    [kernel.#evaluateUs, kernel.#peakRecordUs] = state.clocks;
    kernel.#recordedPeaks = state.recordedPeaks;
    [kernel.#recovered, kernel.#reconciled, kernel.#adoptBalances] = state.flags;
    return kernel;
  }

  get #rooms() {
    return {
      markets: this.#markets,
      portfolio: this.#portfolio,
      books: this.#books,
      desk: this.#desk,
      accountDesk: this.#accountDesk,
      divergences: this.#divergences,
      gate: this.#gate,
      gates: this.#gates,
      monitor: this.#monitor,
      commands: this.#commands,
      risk: this.#risk,
      protective: this.#protective,
      algos: this.#algos,
      slippage: this.#slippage,
      strategies: this.#strategies,
    };
  }
}
