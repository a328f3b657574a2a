import {
  absAmount,
  addAmounts,
  applyRate,
  formatAmount,
  formatPrice,
  formatQuantity,
  hasLimitPrice,
  MS_PER_SECOND,
  notional,
  RATE_UNIT,
  US_PER_MS,
} from '@monsta/core';
import type {
  Amount,
  Brand,
  FeedStatus,
  Instrument,
  OrderRequest,
  Price,
  Quantity,
  TimestampUs,
  TradingState,
} from '@monsta/core';
import type { RiskLimits } from './limits.ts';

/** An order that risk has approved: the only kind execution accepts. Nothing but `assess` makes one. */
export type RiskApproved<T> = Brand<T, 'RiskApproved'>;

/** Our own refusal, before anything is sent. */
export interface OrderDenied {
  readonly rule: string;
  readonly limit: string;
  readonly actual: string;
  readonly message: string;
}

export type Assessment = { readonly approved: RiskApproved<OrderRequest> } | { readonly denied: OrderDenied };

/** All that risk looks at; taken when the order is asked for. */
export interface RiskView {
  readonly nowUs: TimestampUs;
  readonly limits: RiskLimits;
  readonly instrument: Instrument;
  readonly tradingState: TradingState;
  readonly tradingReason: string | null;
  /** True for the closing orders of a kill switch with flatten: they alone pass while trading is halted. */
  readonly flattening: boolean;
  readonly feed: FeedStatus | null;
  readonly lastTrade: Price | null;
  /** When the newest trade or quote was seen; null before the first. */
  readonly lastDataUs: TimestampUs | null;
  /** Best price on the side the order would take; null before the first quote. */
  readonly touch: Price | null;
  readonly equity: Amount | null;
  readonly freeCash: Amount;
  /** Value of the instrument's position over all strategies; null while unknown. */
  readonly positionValue: Amount | null;
  /** Value of entries of this instrument that are still working. */
  readonly openEntryValue: Amount;
  /** Value of all positions and of all entries that are still working; null while one of them is unknown. */
  readonly exposure: Amount | null;
  /** Whole lots of the asking strategy's position that no working order is about to sell. */
  readonly sellable: Quantity;
  readonly openOrders: number;
}

const percent = (ppm: number): string => `${ppm / 10_000} %`;
const no = (rule: string, limit: string, actual: string, message: string): OrderDenied => ({
  rule,
  limit,
  actual,
  message,
});

const ppmOf = (part: bigint, whole: bigint): string =>
  whole <= 0n ? 'all' : percent(Number((part * RATE_UNIT) / whole));

type Rule = (order: OrderRequest, view: RiskView, value: Amount, at: Price) => OrderDenied | null;

const tradingState: Rule = (order, view) => {
  const { tradingState: state, tradingReason } = view;
  if (state === 'ACTIVE' || view.flattening) return null;
  if (state === 'REDUCING' && order.reduceOnly) return null;
  const allowed = state === 'HALTED' ? 'no orders' : 'only exits';
  return no('trading_state', allowed, state, `trading is ${state}: ${tradingReason ?? 'no reason given'}`);
};

const instrumentTrades: Rule = (_order, { instrument }) =>
  instrument.status === 'trading'
    ? null
    : no('instrument_halted', 'trading', instrument.status, `the exchange has halted ${instrument.id}`);

/** Spot, long only: never sell more than is held and free. */
const noShort: Rule = (order, { sellable, instrument }) => {
  if (order.side === 'buy' || order.quantity <= sellable) return null;
  const held = formatQuantity(sellable, instrument);
  return no(
    'position_short',
    held,
    formatQuantity(order.quantity, instrument),
    `only ${held} ${instrument.base} are held and free to sell`,
  );
};

const freshData: Rule = (order, { feed, lastDataUs, nowUs, limits, instrument }) => {
  if (order.reduceOnly) return null;
  const limit = `live, at most ${limits.staleAfterMs / MS_PER_SECOND} s old`;
  if (feed !== 'live')
    return no(
      'stale_data',
      limit,
      feed ?? 'unknown',
      `the feed of ${instrument.id} is ${feed ?? 'not known yet'}; no entries`,
    );
  const ageMs = lastDataUs === null ? null : (nowUs - lastDataUs) / US_PER_MS;
  if (ageMs !== null && ageMs <= limits.staleAfterMs) return null;
  const age = ageMs === null ? 'never seen' : `${Math.round(ageMs / MS_PER_SECOND)} s old`;
  return no('stale_data', limit, age, `the newest price of ${instrument.id} is ${age}; no entries`);
};

const orderSize: Rule = (order, { instrument, limits }, value) => {
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
  const least = [limits.orderNotionalMin, instrument.notionalMin ?? limits.orderNotionalMin].reduce((a, b) =>
    a > b ? a : b,
  );
  if (value < least)
    return no('order_notional_min', formatAmount(least), formatAmount(value), `the order is worth too little`);
  const { notionalMax } = instrument;
  if (notionalMax !== null && value > notionalMax) {
    return no('order_notional_max', formatAmount(notionalMax), formatAmount(value), `the order is worth too much`);
  }
  return null;
};

/**
 * A market exit is never held back by it: in a falling market getting out comes first. An order that waits for its trigger is measured from there, where the market will be when
 * it acts.
 */
const priceCollar: Rule = (order, { lastTrade, limits, instrument }, _value, at) => {
  if (order.reduceOnly && !hasLimitPrice(order.type)) return null;
  const reference = order.stopPrice ?? lastTrade;
  const limit = `within ${percent(limits.priceCollarPpm)} of ${order.stopPrice === null ? 'the last trade' : 'its trigger'}`;
  if (reference === null)
    return no(
      'price_collar',
      limit,
      'no trade seen',
      `no trade of ${instrument.id} has been seen to measure the price by`,
    );
  const distance = BigInt(Math.abs(at - reference)) * RATE_UNIT;
  if (distance <= BigInt(reference) * BigInt(limits.priceCollarPpm)) return null;
  const actual = `${formatPrice(at, instrument)} against ${formatPrice(reference, instrument)}`;
  return no('price_collar', limit, actual, `the price is too far from what it is measured by`);
};

const openOrders: Rule = (order, view) =>
  order.reduceOnly || view.openOrders < view.limits.openOrdersMax
    ? null
    : no(
        'open_orders_max',
        String(view.limits.openOrdersMax),
        String(view.openOrders),
        'too many orders are working already',
      );

const positionLimit: Rule = (order, { equity, positionValue, openEntryValue, limits, instrument }, value) => {
  if (order.side === 'sell') return null;
  const limit = percent(limits.positionPpmMax);
  if (equity === null || positionValue === null)
    return no('position_max', limit, 'unknown', 'the equity is unknown while a price is missing; no entries');
  const most = applyRate(equity, limits.positionPpmMax, 'floor');
  const after = addAmounts(addAmounts(positionValue, openEntryValue), value);
  if (after <= most) return null;
  const actual = `${ppmOf(absAmount(after), equity)} (${formatAmount(after)} of ${formatAmount(equity)} ${instrument.quote})`;
  return no(
    'position_max',
    `${limit} of equity (${formatAmount(most)} ${instrument.quote})`,
    actual,
    `the position in ${instrument.id} would be too large`,
  );
};

/** The most that a person has put at stake. It knows no equity: profits don't raise it. */
const exposureLimit: Rule = (order, { exposure, limits, instrument }, value) => {
  const { exposureMax } = limits;
  if (order.side === 'sell' || exposureMax === null) return null;
  const limit = `${formatAmount(exposureMax)} ${instrument.quote}`;
  if (exposure === null)
    return no('exposure_max', limit, 'unknown', 'what is at stake is unknown while a price is missing; no entries');
  const after = addAmounts(exposure, value);
  if (after <= exposureMax) return null;
  const actual = `${formatAmount(after)} ${instrument.quote}`;
  return no('exposure_max', limit, actual, 'positions and open entries together would be worth too much');
};

const cash: Rule = (order, { freeCash, limits, instrument }, value) => {
  if (order.side === 'sell') return null;
  const needed = addAmounts(value, applyRate(value, limits.cashReservePpm, 'ceil'));
  if (needed <= freeCash) return null;
  return no(
    'cash',
    formatAmount(freeCash),
    formatAmount(needed),
    `free ${instrument.quote} does not cover the order, fees and slippage`,
  );
};

/** In the order in which they are asked; the first refusal counts. */
const RULES: readonly Rule[] = [
  tradingState,
  instrumentTrades,
  noShort,
  freshData,
  orderSize,
  priceCollar,
  openOrders,
  positionLimit,
  exposureLimit,
  cash,
];

/** Approves an order, or says which rule refuses it, with its limit and the actual number. Pure. */
export function assess(order: OrderRequest, view: RiskView): Assessment {
  const at = order.limitPrice ?? order.stopPrice ?? view.touch ?? view.lastTrade;
  if (at === null) {
    return { denied: no('price_unknown', 'a price', 'none', `no price of ${view.instrument.id} has been seen yet`) };
  }
  const value = notional(at, order.quantity, view.instrument);
  for (const rule of RULES) {
    const denied = rule(order, view, value, at);
    if (denied !== null) return { denied };
  }
  return { approved: order as RiskApproved<OrderRequest> };
}
