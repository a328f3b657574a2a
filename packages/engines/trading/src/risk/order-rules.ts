import {
  formatAmount,
  formatPrice,
  formatQuantity,
  hasLimitPrice,
  MS_PER_SECOND,
  RATE_UNIT,
  US_PER_MS,
} from '@monsta/core';
import type { Price, Quantity } from '@monsta/core';
import { enters, LONG_ONLY, no, percent, type Rule } from './denial.ts';

export const tradingState: Rule = (order, view) => {
  const { tradingState: state, tradingReason } = view;
  if (state === 'ACTIVE' || view.flattening) return null;
  if (state === 'REDUCING' && order.reduceOnly) return null;
  const allowed = state === 'HALTED' ? 'no orders' : 'only exits';
  return no('trading_state', allowed, state, `trading is ${state}: ${tradingReason ?? 'no reason given'}`);
};

export const instrumentTrades: Rule = (_order, { instrument }) =>
  instrument.status === 'trading'
    ? null
    : no('instrument_halted', 'trading', instrument.status, `the exchange has halted ${instrument.id}`);

/** What closes is never more than there is to close; and where nothing can be short, no sale is more than what is held and free. */
export const noShort: Rule = (order, view) => {
  if (!order.reduceOnly && (order.side === 'buy' || view.short !== null)) return null;
  const { sellable, instrument, short } = view;
  if (order.quantity <= sellable) return null;
  const held = formatQuantity(sellable, instrument);
  const message =
    order.side === 'buy'
      ? `only ${held} ${instrument.base} are owed and in no other purchase`
      : `only ${held} ${instrument.base} are held and free to sell${short === null ? `; ${LONG_ONLY}` : ''}`;
  return no('position_short', held, formatQuantity(order.quantity, instrument), message);
};

export const freshData: Rule = (_order, view) => {
  const { feed, lastDataUs, nowUs, limits, instrument } = view;
  const ageMs = lastDataUs === null ? null : (nowUs - lastDataUs) / US_PER_MS;
  if (feed === 'live' && ageMs !== null && ageMs <= limits.staleAfterMs) return null;
  const limit = `live, at most ${limits.staleAfterMs / MS_PER_SECOND} s old`;
  if (feed !== 'live')
    return no(
      'stale_data',
      limit,
      feed ?? 'unknown',
      `the feed of ${instrument.id} is ${feed ?? 'not known yet'}; no entries`,
    );
  const age = ageMs === null ? 'never seen' : `${Math.round(ageMs / MS_PER_SECOND)} s old`;
  return no('stale_data', limit, age, `the newest price of ${instrument.id} is ${age}; no entries`);
};

/** A number that says nothing (NaN) is not enough. */
export const confidenceLimit: Rule = (order, view) => {
  if (!enters(order, view)) return null;
  const { confidence, limits } = view;
  const least = limits.confidencePpmMin / Number(RATE_UNIT);
  if (confidence === null || confidence >= least) return null;
  const message = `a confidence of ${confidence} is below ${least}`;
  return no('confidence_min', `at least ${least}`, String(confidence), message);
};

/** The lock that lasts longest speaks. */
export const locked: Rule = (order, view) => {
  if (!enters(order, view)) return null;
  const { locks } = view;
  if (locks.length === 0) return null;
  const [first, ...others] = locks;
  if (first === undefined) return null;
  const lock = others.reduce((longest, each) => (each.untilUs > longest.untilUs ? each : longest), first);
  const until = new Date(lock.untilUs / US_PER_MS).toISOString();
  return no(lock.rule, lock.limit, lock.actual, `${lock.reason}; no entries until ${until}`);
};

/** All orders count, exits and their stops among them; only entries are refused. */
export const orderRate: Rule = (order, view) => {
  if (!enters(order, view)) return null;
  const { sent, limits } = view;
  const { ordersPerSecondMax, ordersPerMinuteMax } = limits;
  const message = 'too many orders were sent just now; the strategy may ask again later';
  if (sent.second >= ordersPerSecondMax)
    return no('order_rate', `${ordersPerSecondMax} a second`, `${sent.second} sent within the last second`, message);
  if (sent.minute >= ordersPerMinuteMax)
    return no('order_rate', `${ordersPerMinuteMax} a minute`, `${sent.minute} sent within the last minute`, message);
  return null;
};

export const orderSize: Rule = (order, view, value) => {
  const { instrument, limits } = view;
  const size = (lots: Quantity): string => formatQuantity(lots, instrument);
  const most =
    order.type === 'market' ? (instrument.marketQuantityMax ?? instrument.quantityMax) : instrument.quantityMax;
  if (order.quantity < instrument.quantityMin || order.quantity > most || order.quantity < 1) {
    const limit = `${size(instrument.quantityMin)}…${size(most)}`;
    return no(
      'order_quantity',
      limit,
      size(order.quantity),
      `${instrument.id} takes orders of ${limit} ${instrument.base}`,
    );
  }
  const { notionalMin } = instrument;
  const { orderNotionalMin } = limits;
  const least = notionalMin !== null && notionalMin > orderNotionalMin ? notionalMin : orderNotionalMin;
  if (value < least)
    return no('order_notional_min', formatAmount(least), formatAmount(value), `the order is worth too little`);
  // Our own limit is for entries: what is held must be saleable at once.
  const ours = enters(order, view) ? limits.orderNotionalMax : null;
  const theirs = instrument.notionalMax;
  const greatest = ours === null ? theirs : theirs === null || ours < theirs ? ours : theirs;
  if (greatest !== null && value > greatest)
    return no('order_notional_max', formatAmount(greatest), formatAmount(value), `the order is worth too much`);
  return null;
};

/**
 * A market exit is never held back by it: in a falling market getting out comes first. An order that waits for its trigger is measured from there, where the market will be when
 * it acts.
 */
export const priceCollar: Rule = (order, { lastTrade, limits, instrument }, _value, at) => {
  if (order.reduceOnly && !hasLimitPrice(order.type)) return null;
  // A take profit that may only rest can't trade for worse than the market gives: the venue refuses it instead. After a start it must not wait for the first trade.
  if (order.reduceOnly && order.type === 'limit_maker') return null;
  // An exit that asks for more than the market gives waits: its price can't hurt, a take profit's is far away by its nature.
  if (order.reduceOnly && order.stopPrice === null && lastTrade !== null) {
    if (order.side === 'sell' ? at >= lastTrade : at <= lastTrade) return null;
  }
  const reference = order.stopPrice ?? lastTrade;
  if (reference !== null && isWithin(at, reference, limits.priceCollarPpm)) return null;
  const measure = order.stopPrice === null ? 'the last trade' : 'its trigger';
  const limit = `within ${percent(limits.priceCollarPpm)} of ${measure}`;
  if (reference === null)
    return no(
      'price_collar',
      limit,
      'no trade seen',
      `no trade of ${instrument.id} has been seen to measure the price by`,
    );
  const actual = `${formatPrice(at, instrument)} with ${measure} at ${formatPrice(reference, instrument)}`;
  return no('price_collar', limit, actual, `the price is too far from what it is measured by`);
};

/** Whether a price is at most a share of another away from it. */
function isWithin(at: Price, reference: Price, ppm: number): boolean {
  const [apart, most] = [Math.abs(at - reference) * 1_000_000, reference * ppm];
  // Whole numbers that are safe in binary are exact.
  if (Number.isSafeInteger(apart) && Number.isSafeInteger(most)) return apart <= most;
  return BigInt(Math.abs(at - reference)) * RATE_UNIT <= BigInt(reference) * BigInt(ppm);
}

export const openOrders: Rule = (_order, view) =>
  view.openOrders < view.limits.openOrdersMax
    ? null
    : no(
        'open_orders_max',
        String(view.limits.openOrdersMax),
        String(view.openOrders),
        'too many orders are working already',
      );
