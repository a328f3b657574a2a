import { addAmounts, applyRate, baseAmount, formatAmount, formatPrice, subtractAmounts } from '@monsta/core';
import type { Amount } from '@monsta/core';
import { valueAt } from '../position.ts';
import { inQuote, no, percent, shareOf, type OrderDenied, type Rule, type RuleName } from './denial.ts';
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
  const most = applyRate(equity, ppmMax, 'floor');
  const after = addAmounts(before, value);
  if (after <= most) return null;
  const actual = `${shareOf(after, equity)} (${formatAmount(after)} of ${inQuote(equity, instrument)})`;
  return no(rule, `${percent(ppmMax)} of equity (${inQuote(most, instrument)})`, actual, message());
}

export const positionLimit: Rule = (order, view, value) => {
  if (order.side === 'sell') return null;
  const { positionValue, openEntryValue, limits, instrument } = view;
  const before = positionValue === null ? null : addAmounts(positionValue, openEntryValue);
  const message = (): string => `the position in ${instrument.id} would be too large`;
  return withinShare('position_max', limits.positionPpmMax, before, value, view, message);
};

export const exposureShare: Rule = (order, view, value) => {
  if (order.side === 'sell') return null;
  const message = (): string => 'positions and open entries together would be too large';
  return withinShare('exposure_share_max', view.limits.exposurePpmMax, view.exposure, value, view, message);
};

/** The most that a person has put at stake. It knows no equity: profits don't raise it. */
export const exposureLimit: Rule = (order, view, value) => {
  const { exposureMax } = view.limits;
  if (order.side === 'sell' || exposureMax === null) return null;
  const { exposure, instrument } = view;
  const limit = inQuote(exposureMax, instrument);
  if (exposure === null)
    return no('exposure_max', limit, 'unknown', 'what is at stake is unknown while a price is missing; no entries');
  const after = addAmounts(exposure, value);
  if (after <= exposureMax) return null;
  const actual = inQuote(after, instrument);
  return no('exposure_max', limit, actual, 'positions and open entries together would be worth too much');
};

export const openPositions: Rule = (order, view) => {
  const most = view.limits.openPositionsMax;
  if (order.side === 'sell' || most === null) return null;
  const { positionsElsewhere } = view;
  if (positionsElsewhere < most) return null;
  const message = 'too many positions are open or being entered already';
  return no('open_positions_max', String(most), String(positionsElsewhere + 1), message);
};

export const strategyOpenPositions: Rule = (order, view) => {
  if (order.side === 'sell') return null;
  const { own } = view;
  const most = own.limits?.openPositionsMax ?? null;
  if (most === null || own.positionsElsewhere < most) return null;
  const message = `${order.strategyId} has too many positions open or being entered already`;
  return no('strategy_open_positions_max', String(most), String(own.positionsElsewhere + 1), message);
};

export const strategyPosition: Rule = (order, view, value) => {
  if (order.side === 'sell') return null;
  const most = view.own.limits?.positionPpmMax ?? null;
  if (most === null) return null;
  const message = (): string => `the position of ${order.strategyId} in ${view.instrument.id} would be too large`;
  return withinShare('strategy_position_max', most, view.own.positionValue, value, view, message);
};

export const strategyExposure: Rule = (order, view, value) => {
  if (order.side === 'sell') return null;
  const most = view.own.limits?.exposurePpmMax ?? null;
  if (most === null) return null;
  const message = (): string => `positions and open entries of ${order.strategyId} would be too large together`;
  return withinShare('strategy_exposure_max', most, view.own.exposure, value, view, message);
};

/**
 * What is lost of today's equity when the whole position, this entry in it, is sold at its stop: coins × (price − stop), and the fees of both sides. What the position was bought for
 * before does not count, and neither does what slips beyond the stop.
 */
export const tradeRisk: Rule = (order, view, _value, at) => {
  if (order.side === 'sell') return null;
  const { plannedStop } = view;
  if (plannedStop === null) return null;
  const { equity, limits, instrument, own } = view;
  const limit = percent(limits.tradeRiskPpmMax);
  if (equity === null)
    return no('trade_risk_max', limit, 'unknown', 'the equity is unknown while a price is missing; no entries');
  const coins = addAmounts(own.positionCoins, baseAmount(order.quantity, instrument));
  const paid = valueAt(coins, at, instrument);
  const got = valueAt(coins, plannedStop, instrument);
  const fees = applyRate(addAmounts(paid, got), limits.feePpm, 'ceil');
  const lost = addAmounts(paid > got ? subtractAmounts(paid, got) : (0n as Amount), fees);
  const most = applyRate(equity, limits.tradeRiskPpmMax, 'floor');
  if (lost <= most) return null;
  const actual = `${shareOf(lost, equity)} (${formatAmount(lost)} of ${inQuote(equity, instrument)})`;
  const message = `too much would be lost if the position were sold at its stop of ${formatPrice(plannedStop, instrument)}`;
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
