import type {
  Amount,
  FeedStatus,
  Instrument,
  InstrumentId,
  Order,
  OrderRequest,
  Price,
  Quantity,
  StrategyId,
  TimestampUs,
} from '@monsta/core';
import type { ExitPlan } from '../exit-plan.ts';
import type { KernelConfig } from '../kernel-types.ts';
import type { MarketState, Markets } from '../markets.ts';
import { isProtectiveOrderId } from '../order-ids.ts';
import type { Portfolio } from '../portfolio.ts';
import { exitSideOf } from '../position.ts';
import { stricterOf, type StrategyGates } from '../strategy-gates.ts';
import type { GateState, TradingGate } from '../trading-gate.ts';
import { eitherSide, type EitherSide } from './either-side.ts';
import type { Lock, RiskLimits, StrategyLimits } from './limits.ts';
import type { Locks } from './locks.ts';
import type { OrderRate } from './order-rate.ts';
import { stopOfEntry } from './planned-stop.ts';
import type { OwnView, RiskView } from './view.ts';

const NONE = 0 as Quantity;

/** What is said of an entry beside the order itself. Neither goes to the venue or the ledger. */
export interface EntryTerms {
  /** How sure its strategy or model is, 0–1; null or left out: nobody said, and the rule does not apply. */
  readonly confidence?: number | null;
  /** Where the stop of the position will be; null or left out: that of its exit plan, or else of the configuration's protective stop, if any. */
  readonly plannedStop?: Price | null;
}

/** How an order is placed; see the order desk. */
export interface Asking extends EntryTerms {
  readonly flattening?: boolean;
  readonly protective?: boolean;
  readonly insteadOf?: Order | null;
}

export interface OrderViewParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly locks: Locks;
  readonly rate: OrderRate;
  limitsOf(id: StrategyId): StrategyLimits | null;
  /** How a position, held or about to be, is to be left: by its own plan, or else by the configured one; null: nothing is planned. */
  planOf(strategyId: StrategyId, instrument: Instrument): ExitPlan | null;
}

/** All that risk looks at for one order, reckoned where a rule looks: most orders meet few of the limits. Good for the moment at which it was made. */
export class OrderView implements RiskView {
  readonly #parts: OrderViewParts;
  readonly #order: OrderRequest;
  readonly #how: Asking;
  readonly #market: MarketState;
  readonly #gate: GateState;
  /** Several rules weigh by it. */
  #equity: Amount | null | undefined = undefined;
  readonly nowUs: TimestampUs;
  readonly instrument: Instrument;

  constructor(parts: OrderViewParts, order: OrderRequest, instrument: Instrument, how: Asking, nowUs: TimestampUs) {
    this.#parts = parts;
    this.#order = order;
    this.#how = how;
    this.#market = parts.markets.state(order.instrument);
    this.nowUs = nowUs;
    this.instrument = instrument;
    // What protects a position of a strategy that is paused is placed all the same.
    const account = parts.gate.current();
    const own = how.protective === true ? account : parts.gates.of(order.strategyId).current();
    this.#gate = stricterOf(account, own);
  }

  get limits(): RiskLimits {
    return this.#parts.config.limits;
  }

  get tradingState(): RiskView['tradingState'] {
    return this.#gate.state;
  }

  get tradingReason(): string | null {
    return this.#gate.reason;
  }

  get flattening(): boolean {
    return this.#how.flattening === true;
  }

  get feed(): FeedStatus | null {
    return this.#market.feed;
  }

  get lastTrade(): Price | null {
    return this.#market.lastTrade;
  }

  get lastDataUs(): TimestampUs | null {
    return this.#market.lastDataUs;
  }

  get touch(): Price | null {
    return this.#order.side === 'buy' ? this.#market.ask : this.#market.bid;
  }

  get equity(): Amount | null {
    if (this.#equity === undefined) this.#equity = this.#parts.portfolio.equity(this.#parts.config.quoteAsset);
    return this.#equity;
  }

  get freeCash(): Amount {
    return this.#parts.portfolio.freeCash(this.instrument.quote);
  }

  get positionValue(): Amount | null {
    return this.#parts.portfolio.positionValue(this.instrument.id);
  }

  get openEntryValue(): Amount {
    return this.#parts.portfolio.openEntryValue(this.instrument.id);
  }

  get exposure(): Amount | null {
    return this.#parts.portfolio.exposure();
  }

  get short(): RiskView['short'] {
    return this.#parts.config.short ?? null;
  }

  get closing(): Quantity {
    return NONE;
  }

  get sellable(): Quantity {
    const replaced = this.#how.insteadOf?.clientOrderId ?? null;
    const { portfolio } = this.#parts;
    const { strategyId, instrument, side } = this.#order;
    if (side !== exitSideOf(portfolio.position(strategyId, instrument, this.nowUs))) return NONE;
    return portfolio.freeToSell(strategyId, instrument, this.nowUs, ({ clientOrderId }) => clientOrderId === replaced);
  }

  get openOrders(): number {
    return this.#parts.portfolio.openOrders(({ clientOrderId }) => !isProtectiveOrderId(clientOrderId));
  }

  get positionsElsewhere(): number {
    const { strategyId, instrument } = this.#order;
    const own = (id: StrategyId, at: InstrumentId): boolean => id === strategyId && at === instrument;
    return this.#parts.portfolio.openPositions(own);
  }

  get own(): OwnView {
    return new OwnOrderView(this.#parts, this.#order.strategyId, this.instrument.id, this.nowUs);
  }

  get confidence(): number | null {
    return this.#how.confidence ?? null;
  }

  get plannedStop(): Price | null {
    const { strategyId, side, limitPrice, stopPrice, reduceOnly } = this.#order;
    if (this.#how.plannedStop !== null && this.#how.plannedStop !== undefined) return this.#how.plannedStop;
    const at = limitPrice ?? stopPrice ?? this.touch ?? this.lastTrade;
    if (at === null || reduceOnly) return null;
    return stopOfEntry(this.#parts.planOf(strategyId, this.instrument), at, side);
  }

  get locks(): readonly Lock[] {
    return this.#parts.locks.on(this.#order.strategyId, this.instrument.id, this.nowUs);
  }

  get sent(): RiskView['sent'] {
    return this.#parts.rate.within(this.nowUs);
  }
}

/** The same where positions may be short, each limit measured on the side of the order. */
export class EitherSideView extends OrderView {
  #found: EitherSide | null = null;
  readonly #make: () => EitherSide;

  constructor(...[parts, order, instrument, how, nowUs]: ConstructorParameters<typeof OrderView>) {
    super(parts, order, instrument, how, nowUs);
    this.#make = () => eitherSide(order, instrument, parts.portfolio);
  }

  get #either(): EitherSide {
    return (this.#found ??= this.#make());
  }

  override get positionValue(): Amount | null {
    return this.#either.positionValue;
  }

  override get openEntryValue(): Amount {
    return this.#either.openEntryValue;
  }

  override get exposure(): Amount | null {
    return this.#either.exposure;
  }

  override get closing(): Quantity {
    return this.#either.closing;
  }

  override get own(): OwnView {
    const { limits, positionsElsewhere } = super.own;
    return { limits, positionsElsewhere, ...this.#either.own };
  }
}

class OwnOrderView implements OwnView {
  readonly #parts: OrderViewParts;
  readonly #strategyId: StrategyId;
  readonly #instrument: InstrumentId;
  readonly #nowUs: TimestampUs;

  constructor(parts: OrderViewParts, strategyId: StrategyId, instrument: InstrumentId, nowUs: TimestampUs) {
    this.#parts = parts;
    this.#strategyId = strategyId;
    this.#instrument = instrument;
    this.#nowUs = nowUs;
  }

  get limits(): StrategyLimits | null {
    return this.#parts.limitsOf(this.#strategyId);
  }

  get positionValue(): Amount | null {
    const { portfolio } = this.#parts;
    const entries = portfolio.openEntriesOf(this.#strategyId, this.#instrument);
    const held = portfolio.valueOf(this.#held, this.#instrument);
    return held === null || entries.value === null ? null : ((held + entries.value) as Amount);
  }

  get positionCoins(): Amount {
    const entries = this.#parts.portfolio.openEntriesOf(this.#strategyId, this.#instrument);
    return (this.#held + entries.coins) as Amount;
  }

  get exposure(): Amount | null {
    return this.#parts.portfolio.exposure(this.#strategyId);
  }

  get positionsElsewhere(): number {
    return this.#parts.portfolio.openPositions((id, at) => id !== this.#strategyId || at === this.#instrument);
  }

  get #held(): Amount {
    return this.#parts.portfolio.position(this.#strategyId, this.#instrument, this.#nowUs).quantity;
  }
}
