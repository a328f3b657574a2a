import {
  err,
  formatPrice,
  formatQuantity,
  hasLimitPrice,
  instrumentId,
  isContingent,
  ok,
  parsePrice,
  parseQuantity,
  PLAIN_TERMS,
} from '@monsta/core';
import type { Instrument, OrderType, Price, Quantity, Result } from '@monsta/core';
import type { ExitPlan } from './exit-plan.ts';
import { MANUAL, type ManualExit, type ManualOrder } from './kernel-action.ts';
import type { ListWish, OrderWish } from './order-desk.ts';

/** What a manual order calls itself. */
const MANUAL_TAG = 'manual';

/** An order that a person gave, in the steps of its instrument. */
export interface ReadOrder {
  readonly wish: { readonly order: OrderWish } | { readonly list: ListWish };
  readonly exit: ExitPlan | null;
}

interface OrderFault {
  readonly where: string;
  readonly message: string;
}

type PriceField = 'limitPrice' | 'stopPrice' | 'stopLimitPrice';

/** Which prices a type takes: `needed`, or `null` for not at all. */
function fieldsOf(type: ManualOrder['type']): Readonly<Record<PriceField, 'needed' | 'may' | null>> {
  if (type === 'oco') return { limitPrice: 'needed', stopPrice: 'needed', stopLimitPrice: 'may' };
  return {
    limitPrice: hasLimitPrice(type) ? 'needed' : null,
    stopPrice: isContingent(type) ? 'may' : null,
    stopLimitPrice: null,
  };
}

/** Reads one order and collects everything that is wrong with it. */
class Reader {
  readonly faults: OrderFault[] = [];
  readonly #instrument: Instrument;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  fault(where: string, message: string): void {
    this.faults.push({ where, message });
  }

  price(where: string, text: string | null): Price | null {
    if (text === null) return null;
    const instrument = this.#instrument;
    const exact = parsePrice(text, instrument);
    if (exact.ok && exact.value > 0) return exact.value;
    const [down, up] = [parsePrice(text, instrument, 'down'), parsePrice(text, instrument, 'up')];
    const near =
      down.ok && up.ok && down.value > 0
        ? `; the nearest are ${formatPrice(down.value, instrument)} and ${formatPrice(up.value, instrument)}`
        : '';
    const tick = formatPrice(1 as Price, instrument);
    this.fault(where, `${text} is no price of ${instrument.id}, which moves in ticks of ${tick}${near}`);
    return null;
  }

  quantity(where: string, text: string): Quantity {
    const instrument = this.#instrument;
    const exact = parseQuantity(text, instrument);
    if (exact.ok && exact.value > 0) return exact.value;
    const lot = formatQuantity(1 as Quantity, instrument);
    const down = parseQuantity(text, instrument, 'down');
    const near = down.ok && down.value > 0 ? `; the nearest below is ${formatQuantity(down.value, instrument)}` : '';
    this.fault(where, `${text} is no quantity of ${instrument.id}, which trades in lots of ${lot}${near}`);
    return 1 as Quantity;
  }
}

/** What of the terms contradicts each other. */
function checkTerms(order: ManualOrder, reader: Reader): void {
  const { type, side, timeInForce, trailingBps } = order;
  const fields = fieldsOf(type);
  for (const name of ['limitPrice', 'stopPrice', 'stopLimitPrice'] as const) {
    if (fields[name] === null && order[name] !== null) reader.fault(name, `an order of type ${type} takes none`);
    if (fields[name] === 'needed' && order[name] === null) reader.fault(name, `an order of type ${type} needs one`);
  }
  const contingent = type !== 'oco' && isContingent(type);
  if (contingent && order.stopPrice === null && trailingBps === null)
    reader.fault('stopPrice', `an order of type ${type} needs a stopPrice, or trailingBps to follow the market`);
  if (trailingBps !== null && !contingent) reader.fault('trailingBps', `an order of type ${type} does not trail`);
  const rests = type !== 'market' && type !== 'oco' && hasLimitPrice(type);
  if (timeInForce !== 'gtc' && (!rests || type === 'limit_maker' || isContingent(type)))
    reader.fault('timeInForce', `an order of type ${type} takes gtc only`);
  if (order.icebergQuantity !== null && !(rests && timeInForce === 'gtc'))
    reader.fault(
      'icebergQuantity',
      'only an order that rests in the book (a limit price, gtc) can hide a part of itself',
    );
  if (order.exit !== null && side === 'sell')
    reader.fault('exit', 'it leaves a position that a purchase makes; a sale takes none');
}

function readExit(exit: ManualExit | null, at: Price | null, reader: Reader): ExitPlan | null {
  if (exit === null) return null;
  const { stop, takeProfit } = exit;
  const stopPrice = reader.price('exit.stop.price', stop?.price ?? null);
  const profitPrice = reader.price('exit.takeProfit.price', takeProfit?.price ?? null);
  if (at !== null && stopPrice !== null && stopPrice >= at)
    reader.fault('exit.stop.price', 'it must be below the price that is bought at');
  if (at !== null && profitPrice !== null && profitPrice <= at)
    reader.fault('exit.takeProfit.price', 'it must be above the price that is bought at');
  return {
    stop: stop === null ? null : { ...stop, price: stopPrice },
    takeProfit: takeProfit === null ? null : { ...takeProfit, price: profitPrice },
  };
}

/** True where the trigger of an order of this type lies above the market; null for a type without one. */
function triggersAbove(type: OrderType, side: 'buy' | 'sell'): boolean | null {
  if (!isContingent(type)) return null;
  return type.startsWith('stop_') === (side === 'buy');
}

/** A trigger on the wrong side would go off at once. */
function checkTrigger(
  type: OrderType,
  side: 'buy' | 'sell',
  trigger: Price | null,
  last: Price | null,
  reader: Reader,
) {
  const above = triggersAbove(type, side);
  if (above === null || trigger === null || last === null) return;
  if (above ? trigger > last : trigger < last) return;
  const where = above ? 'above' : 'below';
  reader.fault(
    'stopPrice',
    `the trigger of a ${type} to ${side} lies ${where} the last trade; here it would go off at once`,
  );
}

/**
 * An order in the steps of `instrument`; `last` is its last trade, null before one. Pure. Fault `order_invalid` naming everything that is missing, too much, off the steps or on the
 * wrong side of the market, in `details.faults`.
 */
export function readManualOrder(order: ManualOrder, instrument: Instrument, last: Price | null): Result<ReadOrder> {
  const reader = new Reader(instrument);
  checkTerms(order, reader);
  const quantity = reader.quantity('quantity', order.quantity);
  const limitPrice = reader.price('limitPrice', order.limitPrice);
  const stopPrice = reader.price('stopPrice', order.stopPrice);
  const stopLimitPrice = reader.price('stopLimitPrice', order.stopLimitPrice);
  const { icebergQuantity: shown, side } = order;
  const icebergQuantity = shown === null ? null : reader.quantity('icebergQuantity', shown);
  if (icebergQuantity !== null && icebergQuantity > quantity)
    reader.fault('icebergQuantity', 'it shows more than the order is');
  const common = {
    ...PLAIN_TERMS,
    strategyId: MANUAL,
    instrument: instrumentId(order.instrument),
    side,
    timeInForce: order.timeInForce,
    quantity,
    tag: MANUAL_TAG,
    // Spot: a sale only ever makes a position smaller.
    reduceOnly: side === 'sell',
  };
  let wish: ReadOrder['wish'];
  if (order.type === 'oco') {
    const stopType = order.stopLimitPrice === null ? 'stop_loss' : 'stop_loss_limit';
    checkTrigger(stopType, side, stopPrice, last, reader);
    const limit: OrderWish = { ...common, type: 'limit_maker', limitPrice };
    const stop: OrderWish = { ...common, type: stopType, stopPrice, limitPrice: stopLimitPrice };
    const legs = side === 'sell' ? ([limit, stop] as const) : ([stop, limit] as const);
    wish = { list: { kind: 'oco', strategyId: MANUAL, instrument: common.instrument, legs } };
  } else {
    const { type, trailingBps } = order;
    checkTrigger(type, side, stopPrice, last, reader);
    wish = { order: { ...common, type, limitPrice, stopPrice, trailingBps, icebergQuantity } };
  }
  const exit = readExit(order.exit, limitPrice ?? stopPrice ?? last, reader);
  const { faults } = reader;
  if (faults.length === 0) return ok({ wish, exit });
  return err('order_invalid', faults.map(({ where, message }) => `${where}: ${message}`).join('; '), {
    details: { faults },
  });
}
