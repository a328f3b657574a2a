import { affordableQuantity, intervalMs, RATE_UNIT, sameSteps } from '@monsta/core';
import type { Amount, Instrument, Order, OrderSide, Price, Quantity, TimestampUs } from '@monsta/core';
import type { KernelConfig } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Portfolio } from './portfolio.ts';
import { exitSideOf, sellableLots } from './position.ts';
import { isProtective, isUntouchedGuard } from './protection.ts';
import type { OrderDesk, OrderWish } from './order-desk.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import { LONG_ONLY, type Allocation, type OrderDenied, type RiskDesk } from './risk.ts';
import { limitFromApproximate, sizeTowards, type Sizing } from './sizing.ts';
import type { StrategySlot } from './strategy/slot.ts';
import type { TargetWish } from './strategy/wish.ts';

export interface TargetParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly risk: RiskDesk;
}

/** What became of something asked for: `enter` and `exit` only when an order went out. */
export interface Carried {
  readonly action: 'enter' | 'exit' | 'hold' | 'not_trading';
  /** What was answered. */
  readonly risk: unknown;
  readonly orders: readonly Order[];
}

const carried = (action: Carried['action'], risk: unknown, orders: readonly Order[] = []): Carried => ({
  action,
  risk,
  orders,
});

const deniedBy = (denied: OrderDenied): unknown => ({ result: 'denied', ...denied });

const NOTHING = 0n as Amount;
const NO_LOTS = 0 as Quantity;

/** What an order of `setTarget` is called. */
const TARGET_TAG = 'target';

/** What a target of 1 means in money, as risk sizes it from the closed bars of the strategy's main interval. */
export function allocationOf(equity: Amount, slot: StrategySlot, { risk }: Pick<TargetParts, 'risk'>): Allocation {
  return risk.allocation(slot.strategy, slot.instrument, equity, () => {
    const { interval } = slot;
    const window = interval === null ? undefined : slot.windows.get(interval);
    if (window === undefined || interval === null) return null;
    return { closes: window.bars.map(({ close }) => close), intervalMs: intervalMs(interval) };
  });
}

/** Brings a position nearer to the target that a strategy set for it, through risk and the order desk. */
export function carryOutTarget(
  slot: StrategySlot,
  wish: TargetWish,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: TargetParts,
): Carried {
  parts.protective.waiting.drop(slot.strategy.id, slot.instrument, (tag) => tag === TARGET_TAG);
  const all = parts.portfolio.workingOf(slot.strategy.id, slot.instrument);
  const working = all.filter((order) => !isProtective(order) && order.tag === TARGET_TAG);
  if (working.length > 0) return whileWorking(working, wish, instrument, nowUs, parts);

  const refusal = shortRefusal(wish, parts);
  if (refusal !== null) return refused(refusal);
  const position = parts.portfolio.position(slot.strategy.id, slot.instrument, nowUs);
  const { quantity } = position;
  const leaving = all.find((order) => isProtective(order) && !isUntouchedGuard(order));
  const turns = quantity !== 0n && wish.fraction !== 0 && quantity < 0n !== wish.fraction < 0;
  if (!turns) return towards(slot, wish, quantity, leaving, instrument, nowUs, parts);
  // What is held is closed first, whatever becomes of the rest.
  const closed = towards(slot, { ...wish, fraction: 0 }, quantity, leaving, instrument, nowUs, parts);
  if (closed.orders.length === 0 && sellableLots(position, instrument) > 0) return closed;
  const opened = towards(slot, wish, NOTHING, leaving, instrument, nowUs, parts);
  const action = closed.action === 'exit' ? 'exit' : opened.action;
  return { action, risk: opened.risk, orders: [...closed.orders, ...opened.orders] };
}

/** True where a target would make what is held smaller, or turn it. */
export function targetExits(
  slot: StrategySlot,
  { fraction, limitPrice }: TargetWish,
  held: Amount,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: TargetParts,
): boolean {
  if (fraction === 0 || held < 0n !== fraction < 0) return true;
  const sized = size(slot, fraction, held, limitPrice, instrument, nowUs, parts);
  return 'reduceOnly' in sized && sized.reduceOnly;
}

/** Where positions are long only, a target below 0 is denied with how it could be had. */
const shortRefusal = ({ fraction }: TargetWish, { portfolio }: TargetParts): OrderDenied | null =>
  fraction >= 0 || portfolio.shorts
    ? null
    : { rule: 'position_short', limit: 'a target of at least 0', actual: String(fraction), message: LONG_ONLY };

/** Places what brings a position of `held` nearer to a target on the same side of nothing. */
function towards(
  slot: StrategySlot,
  wish: TargetWish,
  held: Amount,
  leaving: Order | undefined,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: TargetParts,
): Carried {
  const sized = size(slot, wish.fraction, held, wish.limitPrice, instrument, nowUs, parts);
  if ('denied' in sized) return carried('hold', deniedBy(sized.denied));
  if ('none' in sized) return carried('hold', { result: 'not_needed', message: sized.none });
  const { side, quantity, reduceOnly } = sized;
  const limit = limitOf(wish, side, instrument);
  if (limit !== null && 'denied' in limit) return carried('hold', deniedBy(limit.denied));
  if (!reduceOnly && leaving !== undefined) {
    const message = `order ${leaving.clientOrderId} is leaving at the protective stop; the next bar decides anew`;
    return carried('hold', { result: 'deferred', message });
  }
  const order: OrderWish = {
    strategyId: slot.strategy.id,
    instrument: slot.instrument,
    side,
    type: limit === null ? 'market' : 'limit',
    timeInForce: 'gtc',
    quantity,
    limitPrice: limit === null ? null : limit.price,
    // By name: an object that is spread costs ten times as much.
    stopPrice: null,
    trailingBps: null,
    icebergQuantity: null,
    listId: null,
    tag: TARGET_TAG,
    decisionPrice: null,
    reduceOnly,
    confidence: wish.confidence,
  };
  return place(order, nowUs, parts);
}

/** Places an order; an exit in the stead of the stop that its coins are in. */
export function place(order: OrderWish, nowUs: TimestampUs, parts: TargetParts): Carried {
  const placed = order.reduceOnly ? parts.protective.exit(order, nowUs) : parts.desk.place(order, nowUs);
  if ('queuedBehind' in placed) return deferred(placed.queuedBehind);
  if ('denied' in placed) return refused(placed.denied);
  return carried(order.reduceOnly ? 'exit' : 'enter', { result: 'approved' }, [placed.order]);
}

/** It is placed when its coins are free. */
export function deferred(behind: readonly string[]): Carried {
  const first =
    behind.length === 0 ? 'the exits before it are placed' : `protective order ${behind.join(', ')} is taken off`;
  return carried('hold', { result: 'deferred', message: `${first} first; the exit follows` });
}

export const refused = (denied: OrderDenied): Carried =>
  carried(denied.rule === 'trading_state' ? 'not_trading' : 'hold', deniedBy(denied));

/** One order at a time: a resting order at the price still wanted rests on; any other is canceled, and the next bar decides anew. */
function whileWorking(
  working: readonly Order[],
  wish: TargetWish,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: TargetParts,
): Carried {
  const stale = working.filter((order) => {
    if (order.type === 'market') return false;
    // Its price is none of today's.
    if (!sameSteps(parts.portfolio.stepsOf(order), instrument)) return true;
    const limit = limitOf(wish, order.side, instrument);
    return limit === null || 'denied' in limit || limit.price !== order.limitPrice;
  });
  for (const order of stale) parts.desk.cancel(order, nowUs);
  const ids = working.map(({ clientOrderId }) => clientOrderId).join(', ');
  const done = stale.length > 0 ? 'is canceled; the next bar decides anew' : 'is still working';
  return carried('hold', { result: 'deferred', message: `order ${ids} ${done}` });
}

function limitOf(
  wish: TargetWish,
  side: OrderSide,
  instrument: Instrument,
): { readonly price: Price } | { readonly denied: OrderDenied } | null {
  if (wish.limitPrice === null) return null;
  const parsed = limitFromApproximate(wish.limitPrice, side, instrument);
  if (parsed.ok && parsed.value > 0) return { price: parsed.value };
  const message = parsed.ok ? 'the limit price is below one tick' : parsed.fault.message;
  return {
    denied: { rule: 'limit_price', limit: 'a price on the tick grid', actual: String(wish.limitPrice), message },
  };
}

function size(
  slot: StrategySlot,
  fraction: number,
  held: Amount,
  limitPrice: number | null,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: TargetParts,
): Sizing | { readonly denied: OrderDenied } {
  const { config, markets, portfolio } = parts;
  const sellable = held === 0n ? NO_LOTS : parts.protective.sellable(slot.strategy.id, slot.instrument, nowUs);
  if (fraction === 0)
    return sellable > 0
      ? { side: exitSideOf({ quantity: held }), quantity: sellable, reduceOnly: true }
      : { none: 'nothing is held' };
  const { bid, ask, mark } = markets.state(slot.instrument);
  const equity = portfolio.equity(config.quoteAsset);
  if (mark === null || equity === null || equity <= 0n) {
    const message = 'the size of an entry follows from the equity, which is unknown while a price is missing';
    return {
      denied: {
        rule: 'equity_unknown',
        limit: 'a known equity above 0',
        actual: equity === null ? 'unknown' : 'none',
        message,
      },
    };
  }
  const side = fraction < 0 ? 'sell' : 'buy';
  const limit = limitPrice === null ? null : limitFromApproximate(limitPrice, side, instrument);
  const touch = (side === 'buy' ? ask : bid) ?? mark;
  const sized = allocationOf(equity, slot, parts);
  if ('denied' in sized) return sized;
  const sizing = sizeTowards({
    targetPpm: Math.round(fraction * 1_000_000),
    allocation: sized.amount,
    held,
    sellable,
    instrument,
    mark,
    enterAt: sized.inCoins ? mark : limit !== null && limit.ok && limit.value > 0 ? limit.value : touch,
    rebalanceBandPpm: config.rebalanceBandPpm,
  });
  return (config.sizedAt ?? 'decision') === 'decision' ? sizing : withinCash(sizing, touch, instrument, parts);
}

/** What is sized where it fills is no larger than what is there pays for: others took fees, or sold a lot less. Where that is nothing, risk says so. */
function withinCash(
  sizing: Sizing,
  at: Price,
  instrument: Instrument,
  { config, portfolio }: Pick<TargetParts, 'config' | 'portfolio'>,
): Sizing {
  if ('none' in sizing || sizing.reduceOnly || sizing.side === 'sell') return sizing;
  const free = portfolio.freeCash(config.quoteAsset) * RATE_UNIT;
  const spendable = (free / (RATE_UNIT + BigInt(config.limits.cashReservePpm))) as Amount;
  const most = affordableQuantity(spendable, at, instrument);
  return most > 0 && most < sizing.quantity ? { ...sizing, quantity: most } : sizing;
}
