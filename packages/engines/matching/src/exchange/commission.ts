import { AMOUNT_SCALE, pow10 } from '@monsta/core';
import type { CommissionTerms, OrderCommission } from './commission-terms.ts';
import { PPM, type FeeDesk } from './fees.ts';
import type { Order } from './order.ts';
import { FEE_SCALE, type Conversion } from './symbol-rules.ts';
import { Wide } from './wide.ts';

/** A symbol as far as a commission looks at it. */
interface Charging {
  readonly conversion: Conversion;
  readonly context: { readonly fees: FeeDesk };
}

const NOTHING_YET: OrderCommission = { lots: 0, rates: 0n, paid: 0n, locked: 0n };

const commissionOf = (order: Order): OrderCommission => order.extras.commission ?? NOTHING_YET;

/**
 * What all fees of an order are after fills of so many lots with such fees by rate: the larger of the minimum and of `perOrder` + `perUnit` × units, rounded up at 8 digits, + the fees by rate. Nothing where no fill
 * costs a fee.
 */
function dueFor(
  market: Charging,
  { perOrder, perUnit, minimum }: CommissionTerms,
  lots: number,
  rates: bigint,
): bigint {
  if (lots === 0) return 0n;
  const { quoteScale, baseScale, lotUnits } = market.conversion;
  const feeUnit = pow10(quoteScale - FEE_SCALE);
  const step = pow10(AMOUNT_SCALE + baseScale - quoteScale) * feeUnit;
  const byUnit = ((perUnit * BigInt(lots) * BigInt(lotUnits) + step - 1n) / step) * feeUnit;
  const unit = pow10(AMOUNT_SCALE - quoteScale);
  const sum = perOrder / unit + byUnit + rates;
  return sum > minimum / unit ? sum : minimum / unit;
}

/** The terms in binary numbers, in units of the quote asset; by the lot rather than by the unit. */
export function approximateCommission(
  { conversion: { quoteScale, baseScale, lotUnits } }: Charging,
  { perOrder, perUnit, minimum }: CommissionTerms,
): { readonly fixed: number; readonly byLot: number; readonly least: number } {
  const unit = 10 ** (quoteScale - AMOUNT_SCALE);
  const byLot = (Number(perUnit) * unit * lotUnits) / 10 ** baseScale;
  return { fixed: Number(perOrder) * unit, byLot, least: Number(minimum) * unit };
}

/** What fills of so many lots, with such fees by rate, add to what the order has paid. */
export function commissionFor(
  market: Charging,
  order: Order,
  terms: CommissionTerms,
  lots: number,
  rates: bigint,
): bigint {
  const before = commissionOf(order);
  return dueFor(market, terms, before.lots + lots, before.rates + rates) - before.paid;
}

/** What a buy's fees may come to at most beside what its lots lock for fees by rate. */
export function setAsideFor(market: Charging, order: Order, terms: CommissionTerms): bigint {
  const rates = BigInt(order.lockFee) * BigInt(order.remaining);
  const beyond = commissionFor(market, order, terms, order.remaining, rates) - rates;
  return beyond > 0n ? beyond : 0n;
}

/** Notes what was set aside for the order. */
export function noteSetAside(order: Order, locked: bigint): void {
  order.changeExtras({ commission: { ...commissionOf(order), locked } });
}

const amount = new Wide();

/** Gives back what was set aside. */
export function releaseSetAside(order: Order): void {
  const { locked } = commissionOf(order);
  if (locked === 0n) return;
  noteSetAside(order, 0n);
  order.trader.quote.unlock(amount.setBig(locked));
}

const rate = new Wide();

/**
 * Takes the fee of a fill of `quantity` lots worth `value`, which is booked already, and leaves it in the desk's `fee`. What it lacks is owed: a sale may bring less than its fee.
 */
export function chargeCommission(
  market: Charging,
  order: Order,
  terms: CommissionTerms,
  quantity: number,
  value: Wide,
  isMaker: boolean,
): void {
  const { quote, account } = order.trader;
  const { makerPpm, takerPpm } = account.fees;
  const before = commissionOf(order);
  if (before.locked > 0n) {
    quote.locked.subtract(amount.setBig(before.locked));
    quote.free.add(amount);
  }
  const rates = rate.setShare(value, isMaker ? makerPpm : takerPpm, PPM, quote.feeUnit).toBig();
  const fee = commissionFor(market, order, terms, quantity, rates);
  market.context.fees.chargeAmount(quote, amount.setBig(fee));
  const after = { lots: before.lots + quantity, rates: before.rates + rates, paid: before.paid + fee, locked: 0n };
  order.changeExtras({ commission: after });
  if (!order.isBuy || !order.locks || order.remaining === 0) return;
  const locked = setAsideFor(market, order, terms);
  noteSetAside(order, locked);
  quote.lock(amount.setBig(locked));
}
