import {
  PLAIN_TERMS,
  US_PER_MS,
  type Instrument,
  type OrderSide,
  type Price,
  type Quantity,
  type TimestampUs,
} from '@monsta/core';
import type { AlgoDesk } from '../algo-desk.ts';
import {
  allocationOf,
  carryOutTarget,
  deferred,
  place,
  refused,
  targetExits,
  type Carried,
  type TargetParts,
} from '../decide.ts';
import type { ExitPlan } from '../exit-plan.ts';
import type { OrderWish } from '../order-desk.ts';
import { exitSideOf } from '../position.ts';
import { LONG_ONLY, type OrderDenied } from '../risk.ts';
import { limitFromApproximate } from '../sizing.ts';
import { ownOrders } from './sight.ts';
import { exactSize, quantityOf } from './sizes.ts';
import { reasonText } from './asks.ts';
import type { StrategySlot } from './slot.ts';
import { TIMERS_MAX } from './timers.ts';
import type { BracketWish, OcoWish, OrderAskWish, StrategyWish, TwapWish, WishedExit, WishSize } from './wish.ts';

export interface CarryOutParts extends TargetParts {
  readonly algos: AlgoDesk;
}

/** One thing that was asked for, and what came of it. */
export interface Answered extends Carried {
  readonly wish: StrategyWish;
}

const NO_LOTS = 0 as Quantity;
const HOLD: Pick<Carried, 'action' | 'orders'> = { action: 'hold', orders: [] };
const done = (message: string): Carried => ({ ...HOLD, risk: { result: 'done', message } });
const deny = (rule: string, limit: string, actual: string, message: string): Carried =>
  refused({ rule, limit, actual, message });

/** Carries out what a handler asked for of one instrument, in order; of several targets the last. */
export function carryOut(
  slot: StrategySlot,
  wishes: readonly StrategyWish[],
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: CarryOutParts,
): readonly Answered[] {
  const errand = new Errand(slot, instrument, nowUs, parts);
  const { sizedAt = 'decision' } = parts.config;
  const answer = (wish: StrategyWish): Answered => {
    const { action, risk, orders } =
      sizedAt !== 'decision' && isSized(wish) ? hold(slot, wish, WAITS[sizedAt]) : errand.carryOut(wish);
    return { wish, action, risk, orders };
  };
  const [only, another] = wishes;
  if (only !== undefined && another === undefined) return [answer(only)];
  const target = wishes.findLast(({ kind }) => kind === 'target');
  return wishes.filter((wish) => wish.kind !== 'target' || wish === target).map(answer);
}

/** True for what is traded at the market in a size that follows from a price. */
function isSized(wish: StrategyWish): boolean {
  if (wish.kind === 'target') return wish.limitPrice === null;
  if (wish.kind === 'bracket') return wish.limitPrice === null && wish.size.by !== 'quantity';
  return wish.kind === 'order' && wish.type === 'market' && wish.size.by !== 'quantity';
}

const WAITS = {
  'next-open': 'it is sized when the next bar opens, by its open',
  'next-close': 'it is sized when the next bar closes, by its close',
  close: 'it is sized by this close, when all instruments have been decided',
};

/** Keeps a wish until it can be sized; of several targets the last counts. */
function hold(slot: StrategySlot, wish: StrategyWish, message: string): Carried {
  slot.held = [...slot.held.filter(({ kind }) => kind !== 'target' || wish.kind !== 'target'), wish];
  return { ...HOLD, risk: { result: 'deferred', message } };
}

/** True where something that was kept would make the position smaller by now. */
export function exits(slot: StrategySlot, nowUs: TimestampUs, parts: CarryOutParts): boolean {
  const instrument = parts.markets.instrument(slot.instrument);
  const position = parts.portfolio.position(slot.strategy.id, slot.instrument, nowUs);
  if (instrument === null || position.quantity === 0n) return false;
  return slot.held.some((wish) =>
    wish.kind === 'target'
      ? targetExits(slot, wish, position.quantity, instrument, nowUs, parts)
      : wish.kind === 'order' && wish.side === exitSideOf(position),
  );
}

/** Carries out what was kept, now that it can be sized; null where nothing was. */
export function carryOutHeld(slot: StrategySlot, nowUs: TimestampUs, parts: CarryOutParts): readonly Answered[] | null {
  const instrument = parts.markets.instrument(slot.instrument);
  if (slot.held.length === 0 || instrument === null) return null;
  const { held } = slot;
  slot.held = [];
  const errand = new Errand(slot, instrument, nowUs, parts);
  return held.map((wish) => ({ wish, ...errand.carryOut(wish) }));
}

/** The rest of a `close`: closes what is free of a position by now. True when it is over. */
export function goOnClosing(
  slot: StrategySlot,
  nowUs: TimestampUs,
  parts: CarryOutParts,
): { readonly over: boolean; readonly carried: Carried | null } {
  if (slot.closing === null || ownOrders(slot, parts).length > 0) return { over: slot.closing === null, carried: null };
  const free = parts.protective.sellable(slot.strategy.id, slot.instrument, nowUs);
  if (free === 0) return { over: true, carried: null };
  const side = exitSideOf(parts.portfolio.position(slot.strategy.id, slot.instrument, nowUs));
  const order = { ...plainOrder(slot, side, free, true), tag: slot.closing.tag ?? 'close' };
  return { over: true, carried: place(order, nowUs, parts) };
}

const plainOrder = (slot: StrategySlot, side: OrderSide, quantity: Quantity, reduceOnly: boolean): OrderWish => ({
  ...PLAIN_TERMS,
  strategyId: slot.strategy.id,
  instrument: slot.instrument,
  side,
  type: 'market',
  timeInForce: 'gtc',
  quantity,
  limitPrice: null,
  reduceOnly,
});

/** The side of what ends a position that is entered so. */
const exitSideOfEntry = (side: OrderSide): OrderSide => (side === 'buy' ? 'sell' : 'buy');

class Errand {
  readonly #slot: StrategySlot;
  readonly #instrument: Instrument;
  readonly #nowUs: TimestampUs;
  readonly #parts: CarryOutParts;

  constructor(slot: StrategySlot, instrument: Instrument, nowUs: TimestampUs, parts: CarryOutParts) {
    this.#slot = slot;
    this.#instrument = instrument;
    this.#nowUs = nowUs;
    this.#parts = parts;
  }

  carryOut(wish: StrategyWish): Carried {
    switch (wish.kind) {
      case 'target':
        return carryOutTarget(this.#slot, wish, this.#instrument, this.#nowUs, this.#parts);
      case 'order':
        return this.#order(wish);
      case 'bracket':
        return this.#bracket(wish);
      case 'oco':
        return this.#oco(wish);
      case 'twap':
        return this.#twap(wish);
      case 'close':
        return this.#close(reasonText(wish.reason, this.#slot.indicators), wish.tag);
      case 'protect':
        return this.#protect(wish.exit);
      case 'cancel':
        return this.#cancel(wish.tag);
      case 'cancel-all':
        return this.#cancel(null);
      case 'set-timer': {
        const { timers } = this.#slot;
        if (!timers.has(wish.name) && timers.size >= TIMERS_MAX)
          return deny('timers_max', String(TIMERS_MAX), String(timers.size), 'too many timers are set already');
        timers.set(wish.name, wish.afterMs, wish.everyMs, this.#nowUs);
        return done(`timer ${wish.name} is set`);
      }
      case 'cancel-timer':
        return done(
          this.#slot.timers.cancel(wish.name) ? `timer ${wish.name} is off` : `there is no timer ${wish.name}`,
        );
      case 'log':
        return { ...HOLD, risk: null };
    }
  }

  #order(wish: OrderAskWish): Carried {
    const { side, type, timeInForce, trailingBps, tag, confidence } = wish;
    const taken = this.#taken(tag);
    if (taken !== null) return taken;
    const [limit, stop] = [this.#price(wish.limitPrice, side), this.#price(wish.stopPrice, side)];
    if ('denied' in limit) return refused(limit.denied);
    if ('denied' in stop) return refused(stop.denied);
    const sized = this.#size(wish.size, side, limit.price ?? stop.price, wish.reduceOnly);
    if ('denied' in sized) return refused(sized.denied);
    const shown = wish.iceberg === null ? null : quantityOf(wish.iceberg, this.#instrument);
    if (shown !== null && 'denied' in shown) return refused(shown.denied);
    return this.#place({
      ...plainOrder(this.#slot, side, sized.quantity, sized.closes),
      type,
      timeInForce,
      limitPrice: limit.price,
      stopPrice: stop.price,
      trailingBps,
      icebergQuantity: shown === null ? null : shown.quantity,
      tag,
      confidence,
    });
  }

  #bracket(wish: BracketWish): Carried {
    const { side, tag, confidence } = wish;
    if (side === 'sell' && !this.#parts.portfolio.shorts)
      return deny('position_short', 'long only', 'a short sale', LONG_ONLY);
    const taken = this.#taken(tag);
    if (taken !== null) return taken;
    const limit = this.#price(wish.limitPrice, side);
    if ('denied' in limit) return refused(limit.denied);
    const plan = this.#plan(wish.exit, exitSideOfEntry(side));
    if ('denied' in plan) return refused(plan.denied);
    const sized = this.#size(wish.size, side, limit.price, false);
    if ('denied' in sized) return refused(sized.denied);
    const carried = this.#place({
      ...plainOrder(this.#slot, side, sized.quantity, false),
      type: limit.price === null ? 'market' : 'limit',
      limitPrice: limit.price,
      tag,
      confidence,
      plannedStop: plan.stop?.price ?? null,
    });
    if (carried.orders.length > 0) this.#setPlan(plan);
    return carried;
  }

  #oco(wish: OcoWish): Carried {
    const taken = this.#taken(wish.tag);
    if (taken !== null) return taken;
    const { side } = wish;
    if (side === 'buy' && !this.#parts.portfolio.shorts) {
      const message = `a stopPrice above the limitPrice buys back a short position; ${LONG_ONLY}`;
      return deny('position_short', 'a stopPrice below the limitPrice', 'above', message);
    }
    const profit = this.#price(wish.limitPrice, side);
    const trigger = this.#price(wish.stopPrice, side);
    const worst = this.#price(wish.stopLimitPrice, side);
    if ('denied' in profit) return refused(profit.denied);
    if ('denied' in trigger) return refused(trigger.denied);
    if ('denied' in worst) return refused(worst.denied);
    const sized = this.#size(wish.size, side, profit.price, true);
    if ('denied' in sized) return refused(sized.denied);
    const leg = { ...plainOrder(this.#slot, side, sized.quantity, true), tag: wish.tag };
    const takes = { ...leg, type: 'limit_maker', limitPrice: profit.price } as const;
    const stops = { ...leg, type: 'stop_loss_limit', limitPrice: worst.price, stopPrice: trigger.price } as const;
    const legs = side === 'sell' ? ([takes, stops] as const) : ([stops, takes] as const);
    const { strategy, instrument } = this.#slot;
    const pair = { kind: 'oco', strategyId: strategy.id, instrument, legs } as const;
    const placed = this.#parts.protective.exitPair(pair, this.#nowUs);
    if ('queuedBehind' in placed) return deferred(placed.queuedBehind);
    if ('denied' in placed) return refused(placed.denied);
    return { action: 'exit', risk: { result: 'approved' }, orders: placed.orders };
  }

  #twap(wish: TwapWish): Carried {
    const limit = this.#price(wish.limitPrice, wish.side);
    if ('denied' in limit) return refused(limit.denied);
    const sized = this.#size(wish.size, wish.side, limit.price, wish.side === 'sell');
    if ('denied' in sized) return refused(sized.denied);
    const begun = this.#parts.algos.begin(
      {
        kind: 'twap',
        strategyId: this.#slot.strategy.id,
        instrument: this.#slot.instrument,
        side: wish.side,
        quantity: sized.quantity,
        durationUs: Math.round(wish.durationMs * US_PER_MS),
        slices: wish.slices,
        limitPrice: limit.price,
        tag: wish.tag,
        reduceOnly: wish.side === 'sell',
      },
      this.#nowUs,
    );
    if ('denied' in begun) return refused(begun.denied);
    const { algoId, slices, said } = begun;
    return { ...HOLD, risk: { result: 'approved', algoId, slices, ...(said === null ? {} : { message: said }) } };
  }

  /** What is not free yet is sold when it is. */
  #close(reason: string | null, tag: string | null): Carried {
    this.#slot.held = [];
    this.#cancel(null);
    this.#slot.closing = { reason, tag };
    const { over, carried } = goOnClosing(this.#slot, this.#nowUs, this.#parts);
    if (over) this.#slot.closing = null;
    if (carried !== null) return carried;
    if (over) return { ...HOLD, risk: { result: 'not_needed', message: 'nothing is held' } };
    return { ...HOLD, risk: { result: 'deferred', message: 'its own orders are taken off first; the exit follows' } };
  }

  #protect(exit: WishedExit | null): Carried {
    if (exit === null) {
      this.#setPlan(null);
      return done('the position is protected as it is configured');
    }
    const { strategy, instrument } = this.#slot;
    const position = this.#parts.portfolio.position(strategy.id, instrument, this.#nowUs);
    const plan = this.#plan(exit, exitSideOf(position));
    if ('denied' in plan) return refused(plan.denied);
    this.#setPlan(plan);
    return done('the exit plan is kept');
  }

  #setPlan(plan: ExitPlan | null): void {
    this.#parts.protective.setPlan(this.#slot.strategy.id, this.#slot.instrument, plan);
  }

  /** Of a tag, or all: orders, and what works orders off in slices. */
  #cancel(tag: string | null): Carried {
    const { desk, algos, protective } = this.#parts;
    const orders = ownOrders(this.#slot, this.#parts).filter((order) => tag === null || order.tag === tag);
    for (const order of orders) desk.cancel(order, this.#nowUs);
    const { strategy, instrument } = this.#slot;
    const ended = algos.cancelAll(
      (algo) => algo.strategyId === strategy.id && algo.instrument === instrument && (tag === null || algo.tag === tag),
      'its strategy canceled it',
    );
    const waited = protective.waiting.drop(strategy.id, instrument, (each) => tag === null || each === tag);
    const what = [
      ...orders.map(({ clientOrderId }) => clientOrderId),
      ...(ended ? ['a TWAP'] : []),
      ...(waited === 0 ? [] : [waited === 1 ? 'a sell that waited' : `${waited} sells that waited`]),
    ];
    if (what.length === 0) return { ...HOLD, risk: { result: 'not_needed', message: 'no such order is open' } };
    return done(`canceled: ${what.join(', ')}`);
  }

  #place(order: OrderWish): Carried {
    return place(order, this.#nowUs, this.#parts);
  }

  /** A refusal where an open order of this instrument has the tag already. */
  #taken(tag: string | null): Carried | null {
    if (tag === null) return null;
    const { strategy, instrument } = this.#slot;
    const other = ownOrders(this.#slot, this.#parts).find((order) => order.tag === tag);
    const waits = this.#parts.protective.waiting.tags(strategy.id, instrument).includes(tag);
    if (other === undefined && !waits) return null;
    const who = other === undefined ? 'a sell that waits for its coins' : `order ${other.clientOrderId}`;
    return deny('tag_in_use', 'one open order for each tag', tag, `${who} has the tag already`);
  }

  #price(value: number | null, side: OrderSide): { readonly price: Price | null } | { readonly denied: OrderDenied } {
    if (value === null) return { price: null };
    const parsed = limitFromApproximate(value, side, this.#instrument);
    if (parsed.ok && parsed.value > 0) return { price: parsed.value };
    const message = parsed.ok ? 'the price is below one tick' : parsed.fault.message;
    return { denied: { rule: 'limit_price', limit: 'a price on the tick grid', actual: String(value), message } };
  }

  /** `closes`: it is no larger than what there is to close; null: where the order is no larger than that, and always where a sale can do nothing else. */
  #size(size: WishSize, side: OrderSide, price: Price | null, closes: boolean | null) {
    const { config, markets, portfolio, protective } = this.#parts;
    const { bid, ask, mark } = markets.state(this.#slot.instrument);
    const equity = portfolio.equity(config.quoteAsset);
    const sized = equity === null || equity <= 0n ? null : allocationOf(equity, this.#slot, this.#parts);
    if (sized !== null && 'denied' in sized && size.by === 'fraction') return sized;
    const known = sized === null || 'denied' in sized ? null : sized;
    const { strategy, instrument } = this.#slot;
    const opposes = side === exitSideOf(portfolio.position(strategy.id, instrument, this.#nowUs));
    const entersAt = side === 'buy' ? (ask ?? mark) : portfolio.shorts ? (bid ?? mark) : mark;
    return exactSize(size, {
      side,
      instrument: this.#instrument,
      at: size.by === 'fraction' && known?.inCoins === true ? mark : (price ?? entersAt),
      allocation: known?.amount ?? null,
      closable: opposes ? protective.sellable(strategy.id, instrument, this.#nowUs) : NO_LOTS,
      closes: side === 'sell' && !portfolio.shorts ? true : closes,
    });
  }

  #plan({ stop, takeProfit }: WishedExit, side: OrderSide): ExitPlan | { readonly denied: OrderDenied } {
    const [lost, won] = [this.#price(stop?.price ?? null, side), this.#price(takeProfit?.price ?? null, side)];
    if ('denied' in lost) return lost;
    if ('denied' in won) return won;
    return {
      stop: stop === null ? null : { ...stop, price: lost.price },
      takeProfit: takeProfit === null ? null : { ...takeProfit, price: won.price },
    };
  }
}
