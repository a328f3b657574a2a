import {
  PLAIN_TERMS,
  applyRate,
  approximate,
  approximateAmount,
  AMOUNT_SCALE,
  divide,
  intervalUs,
  msFromUs,
  RATE_UNIT,
  sameSteps,
} from '@monsta/core';
import type { Amount, Bar, Instrument, Order, OrderSide, Price, TimestampUs } from '@monsta/core';
import type { DecisionRecord, KernelConfig } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import type { Portfolio } from './portfolio.ts';
import { averagePrice, sellableLots, valueAt } from './position.ts';
import { isProtective, isUntouchedGuard } from './protection.ts';
import type { OrderDesk, OrderWish } from './order-desk.ts';
import type { ProtectiveDesk } from './protective-desk.ts';
import type { OrderDenied } from './risk.ts';
import { limitFromApproximate, sizeTowards, type Sizing } from './sizing.ts';
import type { StrategyPosition, StrategyPrediction } from './strategy.ts';
import type { StrategyRunner, StrategySlot, Wish } from './strategy-runner.ts';

export interface DecideParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly desk: OrderDesk;
  readonly protective: ProtectiveDesk;
  readonly runner: StrategyRunner;
}

type Outcome = Pick<DecisionRecord, 'action' | 'wanted' | 'risk' | 'orders'>;

const outcome = (
  action: Outcome['action'],
  wanted: unknown,
  risk: unknown = null,
  orders: readonly Order[] = [],
): Outcome => ({
  action,
  wanted,
  risk,
  orders: orders.map(({ clientOrderId }) => clientOrderId),
});

const deniedBy = (denied: OrderDenied): unknown => ({ result: 'denied', ...denied });

/**
 * The one decision of a strategy at the close of a bar, carried out through risk and the order desk.
 * `action` tells what came of it: `enter` and `exit` only when an order went out; `wanted` what the strategy asked for and why; `risk` what was answered.
 */
export function decide(
  slot: StrategySlot,
  bar: Bar,
  instrument: Instrument,
  predictions: readonly StrategyPrediction[],
  nowUs: TimestampUs,
  parts: DecideParts,
): DecisionRecord {
  const result = outcomeOf(slot, bar, instrument, predictions, nowUs, parts);
  return {
    id: `${slot.strategy.id}:${slot.instrument}:${slot.interval}:${msFromUs(bar.openTimeUs)}`,
    accountId: parts.config.accountId,
    strategyId: slot.strategy.id,
    instrument: slot.instrument,
    tsEventUs: bar.closeTimeUs,
    prediction: predictions.length === 0 ? null : predictions,
    ...result,
  };
}

function outcomeOf(
  slot: StrategySlot,
  bar: Bar,
  instrument: Instrument,
  predictions: readonly StrategyPrediction[],
  nowUs: TimestampUs,
  parts: DecideParts,
): Outcome {
  const stopped = parts.runner.failureOf(slot.strategy.id);
  if (stopped !== null) {
    return outcome('not_trading', {
      reason: `the strategy was stopped because it threw: ${stopped.message}`,
      ...stopped,
    });
  }
  const lateUs = nowUs - bar.closeTimeUs;
  if (lateUs > intervalUs(slot.interval)) {
    return outcome('not_trading', {
      reason: `the bar arrived ${Math.round(lateUs / 1_000_000)} s after its close; the past is not traded`,
    });
  }
  const { window } = slot;
  if (!window.full) {
    return outcome('warm_up', {
      reason: `${window.bars.length} of ${window.capacity} closed bars without a gap are there`,
    });
  }
  const ran = parts.runner.run(slot, { position: sightOf(slot, instrument, nowUs, parts), predictions });
  if ('failure' in ran) return outcome('error', { reason: 'the strategy threw and is stopped', ...ran.failure });
  return carryOut(slot, ran.wish, instrument, nowUs, parts);
}

/** What a target of 1 means in money: its share of equity, and no more than may be at stake at all. */
function allocationOf(equity: Amount, { strategy }: StrategySlot, { allocationPpm, limits }: KernelConfig): Amount {
  const share = applyRate(equity, strategy.allocationPpm ?? allocationPpm, 'floor');
  return limits.exposureMax !== null && limits.exposureMax < share ? limits.exposureMax : share;
}

/** The position as the strategy sees it, in binary numbers. */
function sightOf(slot: StrategySlot, instrument: Instrument, nowUs: TimestampUs, parts: DecideParts): StrategyPosition {
  const position = parts.portfolio.position(slot.strategy.id, slot.instrument, nowUs);
  if (sellableLots(position, instrument) === 0) return { fraction: 0, quantity: 0, averagePrice: null };
  const { mark } = parts.markets.state(slot.instrument);
  const equity = parts.portfolio.equity(parts.config.quoteAsset);
  const average = averagePrice(position);
  let fraction: number | null = null;
  if (mark !== null && equity !== null && equity > 0n) {
    const allocation = allocationOf(equity, slot, parts.config);
    const value = valueAt(position.quantity, mark, instrument);
    if (allocation > 0n) fraction = approximate(divide(value * RATE_UNIT, allocation, 'floor'), 6);
  }
  return {
    fraction,
    quantity: approximateAmount(position.quantity),
    averagePrice: average === null ? null : approximate(average, AMOUNT_SCALE),
  };
}

function carryOut(
  slot: StrategySlot,
  wish: Wish,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: DecideParts,
): Outcome {
  const wanted = { target: wish.fraction, reason: wish.reason, limitPrice: wish.limitPrice };
  if (wish.fraction === null)
    return outcome('hold', { ...wanted, reason: wish.reason ?? 'the strategy asked for nothing' });

  parts.protective.forgetExit(slot.strategy.id, slot.instrument);
  const all = parts.portfolio.workingOf(slot.strategy.id, slot.instrument);
  const working = all.filter((order) => !isProtective(order));
  if (working.length > 0) return whileWorking(working, wish, wanted, instrument, nowUs, parts);

  const sized = size(slot, wish.fraction, wish.limitPrice, instrument, nowUs, parts);
  if ('denied' in sized) return outcome('hold', wanted, deniedBy(sized.denied));
  if ('none' in sized) return outcome('hold', wanted, { result: 'not_needed', message: sized.none });
  const limit = limitOf(wish, sized.side, instrument);
  if (limit !== null && 'denied' in limit) return outcome('hold', wanted, deniedBy(limit.denied));
  const leaving = all.find((order) => isProtective(order) && !isUntouchedGuard(order));
  if (sized.side === 'buy' && leaving !== undefined) {
    const message = `order ${leaving.clientOrderId} is selling at the protective stop; the next bar decides anew`;
    return outcome('hold', wanted, { result: 'deferred', message });
  }
  const order: OrderWish = {
    strategyId: slot.strategy.id,
    instrument: slot.instrument,
    side: sized.side,
    type: limit === null ? 'market' : 'limit',
    timeInForce: 'gtc',
    quantity: sized.quantity,
    limitPrice: limit === null ? null : limit.price,
    ...PLAIN_TERMS,
    reduceOnly: sized.side === 'sell',
  };
  const placed = sized.side === 'sell' ? parts.protective.exit(order, nowUs) : parts.desk.place(order, nowUs);
  if ('queuedBehind' in placed) {
    const message = `protective order ${placed.queuedBehind.join(', ')} is taken off first; the exit follows`;
    return outcome('hold', wanted, { result: 'deferred', message });
  }
  if ('denied' in placed) {
    const blocked = placed.denied.rule === 'trading_state';
    return outcome(blocked ? 'not_trading' : 'hold', wanted, deniedBy(placed.denied));
  }
  return outcome(sized.side === 'buy' ? 'enter' : 'exit', wanted, { result: 'approved' }, [placed.order]);
}

/** One order at a time: a resting order at the price still wanted rests on; any other is canceled, and the next bar decides anew. */
function whileWorking(
  working: readonly Order[],
  wish: Wish,
  wanted: unknown,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: DecideParts,
): Outcome {
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
  return outcome('hold', wanted, { result: 'deferred', message: `order ${ids} ${done}` });
}

function limitOf(
  wish: Wish,
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
  limitPrice: number | null,
  instrument: Instrument,
  nowUs: TimestampUs,
  parts: DecideParts,
): Sizing | { readonly denied: OrderDenied } {
  const { config, markets, portfolio } = parts;
  const sellable = portfolio.freeToSell(slot.strategy.id, slot.instrument, nowUs, isProtective);
  if (fraction === 0) return sellable > 0 ? { side: 'sell', quantity: sellable } : { none: 'nothing is held' };
  const { ask, mark } = markets.state(slot.instrument);
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
  const limit = limitPrice === null ? null : limitFromApproximate(limitPrice, 'buy', instrument);
  const buyAt = limit !== null && limit.ok && limit.value > 0 ? limit.value : (ask ?? mark);
  return sizeTowards({
    targetPpm: Math.round(fraction * 1_000_000),
    allocation: allocationOf(equity, slot, config),
    held: portfolio.position(slot.strategy.id, slot.instrument, nowUs).quantity,
    sellable,
    instrument,
    mark,
    buyAt,
    rebalanceBandPpm: config.rebalanceBandPpm,
  });
}
