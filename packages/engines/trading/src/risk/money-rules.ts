import {
  addAmounts,
  applyRate,
  baseAmount,
  divide,
  formatAmount,
  formatPrice,
  RATE_UNIT,
  subtractAmounts,
} from '@monsta/core';
import type { Amount, OrderRequest, Quantity } from '@monsta/core';
import { valueAt } from '../position.ts';
import {
  enters,
  inQuote,
  no,
  percent,
  shareOf,
  surelyWithin,
  type OrderDenied,
  type Rule,
  type RuleName,
} from './denial.ts';
import type { RiskView } from './view.ts';

/** Holds what there will be to a share of equity. */
function withinShare(
  rule: RuleName,
  ppmMax: number,
  before: Amount | null,
  value: Amount,
  { equity, instrument }: RiskView,
  message: () => string,
): OrderDenied | null {
  if (equity === null || before === null)
    return no(rule, percent(ppmMax), 'unknown', 'the equity is unknown while a price is missing; no entries');
  const after = addAmounts(before, value);
  if (surelyWithin(after, equity, ppmMax)) return null;
  const most = applyRate(equity, ppmMax, 'floor');
  if (after <= most) return null;
  const actual = `${shareOf(after, equity)} (${formatAmount(after)} of ${inQuote(equity, instrument)})`;
  return no(rule, `${percent(ppmMax)} of equity (${inQuote(most, instrument)})`, actual, message());
}

export const positionLimit: Rule = (order, view, value) => {
  if (!enters(order, view)) return null;
  const { positionValue, openEntryValue, limits, instrument } = view;
  const before = positionValue === null ? null : addAmounts(positionValue, openEntryValue);
  const message = (): string => `the position in ${instrument.id} would be too large`;
  return withinShare('position_max', limits.positionPpmMax, before, opening(order, view, value), view, message);
};

export const exposureShare: Rule = (order, view, value) => {
  if (!enters(order, view)) return null;
  const message = (): string => 'positions and open entries together would be too large';
  const opened = opening(order, view, value);
  return withinShare('exposure_share_max', view.limits.exposurePpmMax, view.exposure, opened, view, message);
};

/** The most that a person has put at stake. It knows no equity: profits don't raise it. */
export const exposureLimit: Rule = (order, view, value) => {
  const { exposureMax } = view.limits;
  if (!enters(order, view) || exposureMax === null) return null;
  const { exposure, instrument } = view;
  const limit = inQuote(exposureMax, instrument);
  if (exposure === null)
    return no('exposure_max', limit, 'unknown', 'what is at stake is unknown while a price is missing; no entries');
  const after = addAmounts(exposure, opening(order, view, value));
  if (after <= exposureMax) return null;
  const actual = inQuote(after, instrument);
  return no('exposure_max', limit, actual, 'positions and open entries together would be worth too much');
};

export const openPositions: Rule = (order, view) => {
  const most = view.limits.openPositionsMax;
  if (!enters(order, view) || most === null) return null;
  const { positionsElsewhere } = view;
  if (positionsElsewhere < most) return null;
  const message = 'too many positions are open or being entered already';
  return no('open_positions_max', String(most), String(positionsElsewhere + 1), message);
};

export const strategyOpenPositions: Rule = (order, view) => {
  if (!enters(order, view)) return null;
  const { own } = view;
  const most = own.limits?.openPositionsMax ?? null;
  if (most === null || own.positionsElsewhere < most) return null;
  const message = `${order.strategyId} has too many positions open or being entered already`;
  return no('strategy_open_positions_max', String(most), String(own.positionsElsewhere + 1), message);
};

export const strategyPosition: Rule = (order, view, value) => {
  if (!enters(order, view)) return null;
  const most = view.own.limits?.positionPpmMax ?? null;
  if (most === null) return null;
  const message = (): string => `the position of ${order.strategyId} in ${view.instrument.id} would be too large`;
  return withinShare('strategy_position_max', most, view.own.positionValue, opening(order, view, value), view, message);
};

export const strategyExposure: Rule = (order, view, value) => {
  if (!enters(order, view)) return null;
  const most = view.own.limits?.exposurePpmMax ?? null;
  if (most === null) return null;
  const message = (): string => `positions and open entries of ${order.strategyId} would be too large together`;
  return withinShare('strategy_exposure_max', most, view.own.exposure, opening(order, view, value), view, message);
};

/**
 * What is lost of today's equity when the whole position, this entry in it, is closed at its stop: coins × (price − stop), of a short one (stop − price), and the fees of both sides. What the position was bought for
 * before does not count, and neither does what slips beyond the stop.
 */
export const tradeRisk: Rule = (order, view, _value, at) => {
  if (!enters(order, view)) return null;
  const { plannedStop } = view;
  if (plannedStop === null) return null;
  const { equity, limits, instrument, own } = view;
  const limit = percent(limits.tradeRiskPpmMax);
  if (equity === null)
    return no('trade_risk_max', limit, 'unknown', 'the equity is unknown while a price is missing; no entries');
  const opens = (order.quantity - view.closing) as Quantity;
  const coins = addAmounts(own.positionCoins, baseAmount(opens, instrument));
  const [bought, sold] = order.side === 'buy' ? [at, plannedStop] : [plannedStop, at];
  const paid = valueAt(coins, bought, instrument);
  const got = valueAt(coins, sold, instrument);
  const fees = applyRate(addAmounts(paid, got), limits.feePpm, 'ceil');
  const lost = addAmounts(paid > got ? subtractAmounts(paid, got) : (0n as Amount), fees);
  const most = applyRate(equity, limits.tradeRiskPpmMax, 'floor');
  if (lost <= most) return null;
  const actual = `${shareOf(lost, equity)} (${formatAmount(lost)} of ${inQuote(equity, instrument)})`;
  const message = `too much would be lost if the position were closed at its stop of ${formatPrice(plannedStop, instrument)}`;
  return no('trade_risk_max', `${limit} of equity (${inQuote(most, instrument)})`, actual, message);
};

export const cash: Rule = (order, view, value) => {
  if (order.side === 'sell') return null;
  const { freeCash, limits, instrument } = view;
  const needed = addAmounts(value, applyRate(value, limits.cashReservePpm, 'ceil'));
  if (needed <= freeCash) return null;
  return no(
    'cash',
    formatAmount(freeCash),
    formatAmount(needed),
    `free ${instrument.quote} does not cover the order, fees and slippage`,
  );
};

/** Where positions may be short: the equity is worth the margin's share of all of them, this entry included. Fees and slippage are the exchange's to reckon, when it takes the order. */
export const margin: Rule = (order, view, value) => {
  const { short } = view;
  if (short === null) return null;
  const { equity, exposure, instrument } = view;
  const limit = percent(short.initialMarginPpm);
  if (equity === null || exposure === null)
    return no('margin', limit, 'unknown', 'the equity is unknown while a price is missing; no entries');
  const after = addAmounts(exposure, opening(order, view, value));
  if (equity * RATE_UNIT >= after * BigInt(short.initialMarginPpm)) return null;
  const actual = `${inQuote(equity, instrument)} for positions of ${formatAmount(after)}`;
  const message = 'the equity is not worth the initial margin of all positions and open entries';
  return no('margin', `${limit} of positions`, actual, message);
};

/** What of an order's value opens something: the part that closes what is on its other side is none of a position's. */
function opening(order: OrderRequest, { closing }: RiskView, value: Amount): Amount {
  if (closing === 0) return value;
  return divide(value * BigInt(order.quantity - closing), BigInt(order.quantity), 'ceil') as Amount;
}
