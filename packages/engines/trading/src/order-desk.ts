import {
  clientOrderId,
  isFinal,
  type Fill,
  type Instrument,
  type Order,
  type OrderRequest,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import type { KernelConfig, KernelOutput } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import { isKernelOrderId, isProtectiveOrderId, PROTECTIVE_MARK } from './order-ids.ts';
import { mayBecome, stepOrder } from './order-state.ts';
import { encodePosition, type Portfolio } from './portfolio.ts';
import { fillKey } from './reconcile.ts';
import { assess, type Assessment, type OrderDenied } from './risk.ts';
import { stricterOf, type StrategyGates } from './strategy-gates.ts';
import type { TradingGate } from './trading-gate.ts';

/** How many fills are remembered to tell a late duplicate from a late new one. */
const SEEN_FILLS_MAX = 20_000;

export type Emit = (output: KernelOutput) => void;

/** An order as it is asked for, before it has an id. */
export type OrderWish = Omit<OrderRequest, 'clientOrderId' | 'createdUs'>;

export interface DeskState {
  /** Made from the time of the first start, so that no later installation on the same account makes the same ids. */
  readonly idPrefix: string | null;
  readonly nextOrder: number;
}

interface DeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly gate: TradingGate;
  readonly gates: StrategyGates;
  readonly emit: Emit;
  /** Takes a fill of an order that is not ours. */
  foreignFill(fill: Fill, nowUs: TimestampUs): void;
  /** Hears what became of an order of ours. */
  stepped(before: Order, after: Order, nowUs: TimestampUs): void;
}

/** How an order is placed. */
interface Placing {
  /** It closes a position for a kill switch, and passes while trading is halted. */
  readonly flattening?: boolean;
  /** It protects a position, as its id then says. */
  readonly protective?: boolean;
  /** The order that makes room for it: canceled first, at the venue, and only then it is placed. */
  readonly insteadOf?: Order | null;
}

export type Placed = { readonly order: Order } | { readonly denied: OrderDenied };

/** Sends orders that risk approved, and brings what the venue reports into orders, positions and balances. */
export class OrderDesk {
  readonly #parts: DeskParts;
  readonly #seenFills = new Set<string>();
  readonly #ignored = new Map<string, number>();
  #idPrefix: string | null = null;
  #nextOrder = 1;
  /** True when the counters moved and have to be recorded with the order. */
  #moved = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get state(): DeskState {
    return { idPrefix: this.#idPrefix, nextOrder: this.#nextOrder };
  }

  restore(state: DeskState, seenFills: readonly string[]): void {
    this.#idPrefix = state.idPrefix;
    this.#nextOrder = state.nextOrder;
    for (const key of seenFills) this.#remember(key);
  }

  get seenFills(): ReadonlySet<string> {
    return this.#seenFills;
  }

  /** False for a fill that was seen before; remembers it. */
  isNewFill(key: string): boolean {
    if (this.#seenFills.has(key)) return false;
    this.#remember(key);
    return true;
  }

  get ignored(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ignored);
  }

  restoreIgnored(counts: Readonly<Record<string, number>>): void {
    for (const [why, count] of Object.entries(counts)) this.#ignored.set(why, count);
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Asks risk; an approved order is recorded as pending and submitted. */
  place(wish: OrderWish, nowUs: TimestampUs, how: Placing = {}): Placed {
    const { emit, portfolio } = this.#parts;
    const { insteadOf = null } = how;
    this.#idPrefix ??= `m${Math.floor(nowUs / 1_000).toString(36)}`;
    const mark = how.protective === true ? PROTECTIVE_MARK : '';
    const id = clientOrderId(`${this.#idPrefix}-${this.#nextOrder.toString(36)}${mark}`);
    const assessment = this.#assess({ ...wish, clientOrderId: id, createdUs: nowUs }, how, nowUs);
    if ('denied' in assessment) return assessment;
    this.#nextOrder += 1;
    this.#moved = true;
    const request = assessment.approved;
    const order: Order = {
      ...request,
      venueOrderId: null,
      status: 'pending_submit',
      filledQuantity: 0 as Order['filledQuantity'],
      filledNotional: 0n as Order['filledNotional'],
      reasonCode: null,
      reason: null,
      updatedUs: nowUs,
    };
    if (insteadOf !== null) this.#putPendingCancel(insteadOf, nowUs);
    portfolio.putOrder(order);
    emit({ kind: 'order', order, instrument: portfolio.stepsOf(order) });
    if (insteadOf === null) emit({ kind: 'submit', request });
    else emit({ kind: 'replace', clientOrderId: insteadOf.clientOrderId, request });
    return { order };
  }

  #assess(order: OrderRequest, how: Placing, nowUs: TimestampUs): Assessment {
    const { flattening = false, insteadOf = null } = how;
    const { config, markets, portfolio, gate, gates } = this.#parts;
    const instrument = markets.instrument(order.instrument);
    if (instrument === null) {
      const message = `instrument ${order.instrument} is not known`;
      return { denied: { rule: 'instrument_unknown', limit: 'a known instrument', actual: order.instrument, message } };
    }
    const market = markets.state(order.instrument);
    // What protects a position of a strategy that is paused is placed all the same.
    const own = how.protective === true ? gate.current() : gates.of(order.strategyId).current();
    const current = stricterOf(gate.current(), own);
    return assess(order, {
      nowUs,
      limits: config.limits,
      instrument,
      tradingState: current.state,
      tradingReason: current.reason,
      flattening,
      feed: market.feed,
      lastTrade: market.lastTrade,
      lastDataUs: market.lastDataUs,
      touch: order.side === 'buy' ? market.ask : market.bid,
      equity: portfolio.equity(config.quoteAsset),
      freeCash: portfolio.freeCash(instrument.quote),
      positionValue: portfolio.positionValue(order.instrument),
      openEntryValue: portfolio.openEntryValue(order.instrument),
      exposure: portfolio.exposure(),
      sellable: portfolio.freeToSell(
        order.strategyId,
        order.instrument,
        nowUs,
        ({ clientOrderId: id }) => id === insteadOf?.clientOrderId,
      ),
      openOrders: portfolio.workingOrders().filter(({ clientOrderId: id }) => !isProtectiveOrderId(id)).length,
    });
  }

  /** Asks the venue to cancel; nothing for an order whose cancel is pending already. */
  cancel(order: Order, nowUs: TimestampUs): void {
    if (order.status === 'pending_cancel' || !mayBecome(order.status, 'pending_cancel')) return;
    this.#putPendingCancel(order, nowUs);
    this.#parts.emit({ kind: 'cancel', clientOrderId: order.clientOrderId });
  }

  #putPendingCancel(order: Order, nowUs: TimestampUs): void {
    const pending: Order = { ...order, status: 'pending_cancel', updatedUs: nowUs };
    const { portfolio, emit } = this.#parts;
    portfolio.putOrder(pending);
    emit({ kind: 'order', order: pending, instrument: portfolio.stepsOf(pending) });
  }

  /** Takes what the venue reports. Late, duplicate and impossible events change nothing and are counted. */
  onVenueEvent(event: VenueOrderEvent, nowUs: TimestampUs): void {
    const { portfolio, emit } = this.#parts;
    const id = event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;
    const isFill = event.kind === 'order-filled';
    if (isFill && this.#seenFills.has(fillKey(event.fill))) {
      this.#ignore('fill_duplicate');
      return;
    }
    const order = portfolio.order(id);
    if (order === null) {
      if (isFill) this.#strayFill(event.fill, nowUs);
      else this.#ignore('order_not_working');
      return;
    }
    const instrument = portfolio.stepsOf(order);
    const step = stepOrder(order, event, instrument);
    if ('ignored' in step) {
      this.#ignore(`${event.kind}_${order.status}`);
      emit({
        kind: 'note',
        level: 'warn',
        code: 'venue_event_ignored',
        message: `${event.kind} of order ${id}: ${step.ignored}`,
      });
      return;
    }
    portfolio.putOrder(step.order);
    emit({ kind: 'order', order: step.order, instrument });
    if (isFill) {
      // The venue does not know strategies: the fill belongs to whom the order belongs.
      this.#book({ ...event.fill, strategyId: order.strategyId }, instrument, nowUs);
    }
    if (isFill || isFinal(step.order.status) || order.type !== 'market')
      emit({ kind: 'balances', balances: portfolio.balances() });
    this.#parts.stepped(order, step.order, nowUs);
  }

  #book(fill: Fill, instrument: Instrument, nowUs: TimestampUs): void {
    const { portfolio, emit, config } = this.#parts;
    this.#remember(fillKey(fill));
    const position = portfolio.applyFill(fill, instrument, nowUs);
    emit({ kind: 'fill', fill, instrument });
    emit({ kind: 'position', position: encodePosition(position, config.accountId) });
  }

  /** A fill of an order that is not working here: money moved all the same. One of our own ids is booked to its strategy; any other moves only the balances. */
  #strayFill(fill: Fill, nowUs: TimestampUs): void {
    const { portfolio, markets, emit, config } = this.#parts;
    const key = fillKey(fill);
    if (!isKernelOrderId(fill.clientOrderId)) {
      this.#parts.foreignFill(fill, nowUs);
      return;
    }
    const instrument = markets.instrument(fill.instrument);
    if (instrument === null) {
      this.#remember(key);
      this.#ignore('fill_of_unknown_instrument');
      return;
    }
    this.#book(fill, instrument, nowUs);
    emit({ kind: 'balances', balances: portfolio.balances() });
    emit({
      kind: 'divergence',
      divergence: {
        id: `stray_fill:${key}`,
        code: 'late_fill',
        message: `fill ${key} of order ${fill.clientOrderId}, which had ended here before; booked to its strategy`,
        accountId: config.accountId,
        tsUs: nowUs,
      },
    });
  }

  #remember(key: string): void {
    this.#seenFills.add(key);
    if (this.#seenFills.size <= SEEN_FILLS_MAX) return;
    for (const oldest of this.#seenFills) {
      this.#seenFills.delete(oldest);
      break;
    }
  }

  #ignore(why: string): void {
    this.#ignored.set(why, (this.#ignored.get(why) ?? 0) + 1);
  }
}
