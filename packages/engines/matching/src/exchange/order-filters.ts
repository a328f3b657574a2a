import { AMOUNT_SCALE, pow10 } from '@monsta/core';
import type { Amount, AssetId, Price } from '@monsta/core';
import { fromAmount } from './account.ts';
import type { AveragePrice } from './average-price.ts';
import { filterFailure, REFUSALS, type ExchangeRefusal } from './exchange-faults.ts';
import type { Trader } from './order.ts';
import { isMarketLike, triggersAbove } from './order-view.ts';
import {
  boundOf,
  icebergParts,
  type Conversion,
  type ExchangeRules,
  type NotionalRange,
  type PercentPrice,
  type Range,
  type SymbolRules,
} from './symbol-rules.ts';
import type { OrderTerms } from './vocabulary.ts';
import { Wide } from './wide.ts';

/** Well below the 2^103 units that an amount may have, so that sums of a few stay below it. */
const UNITS_MAX = 2 ** 96;

/** The price that stands for the market where a filter needs one; null where nothing is known. */
export type ReferencePrice = (minutes: number) => Price | null;

/** The filters of one symbol, prepared for use. */
export class OrderFilters {
  readonly #rules: SymbolRules;
  readonly #exchange: ExchangeRules;
  readonly #conversion: Conversion;
  readonly #notional: readonly {
    readonly range: NotionalRange;
    readonly min: Wide | null;
    readonly max: Wide | null;
  }[];
  /** Whether any number of open orders or lists is limited. */
  readonly #limitsCounts: boolean;
  readonly #positionMax: Wide | null;
  /** MAX_ASSET of the two assets. */
  readonly #baseMax: Wide | null;
  readonly #quoteMax: Wide | null;
  readonly #value = new Wide();
  readonly #term = new Wide();
  /** The bounds at the average that they were computed for. */
  #boundsAt: Price | null = null;
  #bidUp = 0;
  #bidDown = 0;
  #askUp = 0;
  #askDown = 0;

  constructor(rules: SymbolRules, exchange: ExchangeRules, conversion: Conversion) {
    this.#rules = rules;
    this.#exchange = exchange;
    this.#conversion = conversion;
    const { ordersMax, algoOrdersMax, icebergOrdersMax, orderListsMax } = rules;
    const ofSymbol = [ordersMax, algoOrdersMax, icebergOrdersMax, orderListsMax];
    const ofAll = [exchange.ordersMax, exchange.algoOrdersMax, exchange.icebergOrdersMax, exchange.orderListsMax];
    this.#limitsCounts = [...ofSymbol, ...ofAll].some((most) => most !== null);
    const { quoteScale, baseScale } = conversion;
    this.#notional = rules.notional.map((range) => ({
      range,
      min: range.min === null ? null : fromAmount(onScale(range.min, quoteScale, 'up'), quoteScale, new Wide()),
      max: range.max === null ? null : fromAmount(onScale(range.max, quoteScale, 'down'), quoteScale, new Wide()),
    }));
    this.#positionMax =
      rules.positionMax === null
        ? null
        : fromAmount(onScale(rules.positionMax, baseScale, 'down'), baseScale, new Wide());
    const most = (asset: AssetId, scale: number): Wide | null => {
      const limit = exchange.assetsMax?.find((each) => each.asset === asset)?.limit ?? null;
      return limit === null ? null : fromAmount(onScale(limit, scale, 'down'), scale, new Wide());
    };
    this.#baseMax = most(rules.base, baseScale);
    this.#quoteMax = most(rules.quote, quoteScale);
  }

  /** Checks one order by itself: prices, quantity, worth, parts, position, trailing delta. */
  check(terms: OrderTerms, trader: Trader, reference: ReferencePrice): ExchangeRefusal | null {
    const { price, stopPrice, quantity, trailingDelta } = terms;
    if (price !== null && !this.#priceFits(price)) return filterFailure('PRICE_FILTER');
    if (stopPrice !== null && !this.#priceFits(stopPrice)) return filterFailure('PRICE_FILTER');
    const { percentPrice } = this.#rules;
    if (price !== null && percentPrice !== null && !this.#percentFits(terms, price, percentPrice, reference)) {
      return filterFailure(percentPrice.name);
    }
    if (quantity !== null) {
      if (this.#overflows(terms, quantity)) return REFUSALS.quantityOverflow;
      const fault =
        this.checkQuantity(terms, quantity, reference) ??
        this.#checkPosition(terms, quantity, trader) ??
        this.#checkAssets(terms.price ?? terms.stopPrice, quantity, reference);
      if (fault !== null) return fault;
    }
    return trailingDelta === null || this.#trailingFits(terms, trailingDelta) ? null : filterFailure('TRAILING_DELTA');
  }

  /** Checks how many orders the account would have open after so many more. */
  checkCounts(
    trader: Trader,
    orders: number,
    algoOrders: number,
    icebergOrders: number,
    lists: number,
  ): ExchangeRefusal | null {
    if (!this.#limitsCounts) return null;
    const { account } = trader;
    const rules = this.#rules;
    const all = this.#exchange;
    if (exceeds(trader.orders.size + orders, rules.ordersMax)) return filterFailure('MAX_NUM_ORDERS');
    if (exceeds(account.openOrders + orders, all.ordersMax)) return filterFailure('EXCHANGE_MAX_NUM_ORDERS');
    if (algoOrders > 0) {
      if (exceeds(trader.openAlgoOrders + algoOrders, rules.algoOrdersMax)) return filterFailure('MAX_NUM_ALGO_ORDERS');
      if (exceeds(account.openAlgoOrders + algoOrders, all.algoOrdersMax)) {
        return filterFailure('EXCHANGE_MAX_NUM_ALGO_ORDERS');
      }
    }
    if (icebergOrders > 0) {
      if (exceeds(trader.openIcebergOrders + icebergOrders, rules.icebergOrdersMax)) {
        return filterFailure('MAX_NUM_ICEBERG_ORDERS');
      }
      if (exceeds(account.openIcebergOrders + icebergOrders, all.icebergOrdersMax)) {
        return filterFailure('EXCHANGE_MAX_NUM_ICEBERG_ORDERS');
      }
    }
    if (lists > 0) {
      if (exceeds(trader.lists.size + lists, rules.orderListsMax)) return filterFailure('MAX_NUM_ORDER_LISTS');
      if (exceeds(account.openLists + lists, all.orderListsMax)) return filterFailure('EXCHANGE_MAX_NUM_ORDER_LISTS');
    }
    return null;
  }

  /** True for what is worth more than can be counted; only where PRICE_FILTER or LOT_SIZE have no upper bound. */
  #overflows(terms: OrderTerms, quantity: number): boolean {
    const { lotUnits, tickLotUnits } = this.#conversion;
    const price = Math.max(1, terms.price ?? 0, terms.stopPrice ?? 0);
    return quantity * lotUnits > UNITS_MAX || price * quantity * tickLotUnits > UNITS_MAX;
  }

  #priceFits(price: number): boolean {
    return Number.isSafeInteger(price) && price >= 1 && within(price, this.#rules.price);
  }

  #percentFits(terms: OrderTerms, price: Price, rule: PercentPrice, reference: ReferencePrice): boolean {
    const average = reference(rule.averageMinutes);
    if (average === null) return true;
    if (average !== this.#boundsAt) {
      this.#boundsAt = average;
      this.#bidUp = boundOf(average, rule.bidUp, 'up');
      this.#bidDown = boundOf(average, rule.bidDown, 'down');
      this.#askUp = boundOf(average, rule.askUp, 'up');
      this.#askDown = boundOf(average, rule.askDown, 'down');
    }
    return terms.side === 'buy'
      ? price <= this.#bidUp && price >= this.#bidDown
      : price <= this.#askUp && price >= this.#askDown;
  }

  /** Checks a quantity by itself: steps, bounds, parts and worth. */
  checkQuantity(
    terms: Pick<OrderTerms, 'type' | 'price' | 'icebergQuantity'>,
    quantity: number,
    reference: ReferencePrice,
  ): ExchangeRefusal | null {
    const rules = this.#rules;
    const { icebergQuantity } = terms;
    if (!quantityFits(quantity, rules.quantity)) return filterFailure('LOT_SIZE');
    if (icebergQuantity !== null) {
      if (!quantityFits(icebergQuantity, rules.quantity)) return filterFailure('LOT_SIZE');
      const parts = rules.icebergPartsMax;
      if (parts !== null && icebergParts(quantity, icebergQuantity) > parts) return filterFailure('ICEBERG_PARTS');
    }
    const market = isMarketLike(terms.type);
    if (market && rules.marketQuantity !== null) {
      const { step } = rules.marketQuantity;
      // A step of 0 means that the rule is off.
      if (!within(quantity, rules.marketQuantity) || (step > 0 && quantity % step !== 0)) {
        return filterFailure('MARKET_LOT_SIZE');
      }
    }
    return this.#checkWorth(terms.price, quantity, market, reference);
  }

  #checkWorth(
    limit: Price | null,
    quantity: number,
    market: boolean,
    reference: ReferencePrice,
  ): ExchangeRefusal | null {
    for (const { range, min, max } of this.#notional) {
      const price = market ? reference(range.averageMinutes) : limit;
      if (price === null) continue;
      const worth = this.#value.setProduct(price, quantity, this.#conversion.tickLotUnits);
      if (min !== null && (!market || range.minAppliesToMarket) && !worth.covers(min)) return filterFailure(range.name);
      if (max !== null && (!market || range.maxAppliesToMarket) && !max.covers(worth)) return filterFailure(range.name);
    }
    return null;
  }

  #checkPosition(terms: OrderTerms, quantity: number, trader: Trader): ExchangeRefusal | null {
    const most = this.#positionMax;
    if (most === null || terms.side === 'sell') return null;
    const { lotUnits } = this.#conversion;
    const position = this.#value.setProduct(quantity, 1, lotUnits);
    position.add(this.#term.setProduct(trader.openBuyQuantity, 1, lotUnits));
    position.add(trader.base.free).add(trader.base.locked);
    return most.covers(position) ? null : filterFailure('MAX_POSITION');
  }

  /** MAX_ASSET; what has no price of its own is counted at the last one. */
  #checkAssets(price: Price | null, quantity: number, reference: ReferencePrice): ExchangeRefusal | null {
    const { lotUnits, tickLotUnits } = this.#conversion;
    if (this.#baseMax !== null && !this.#baseMax.covers(this.#value.setProduct(quantity, 1, lotUnits))) {
      return filterFailure('MAX_ASSET');
    }
    if (this.#quoteMax === null) return null;
    const worth = this.#value.setProduct(price ?? reference(0) ?? 0, quantity, tickLotUnits);
    return this.#quoteMax.covers(worth) ? null : filterFailure('MAX_ASSET');
  }

  #trailingFits(terms: OrderTerms, delta: number): boolean {
    const range = this.#rules.trailing;
    if (!Number.isSafeInteger(delta) || delta < 1 || delta >= 10_000) return false;
    if (range === null) return true;
    return triggersAbove(terms.type, terms.side === 'buy')
      ? delta >= range.aboveMin && delta <= range.aboveMax
      : delta >= range.belowMin && delta <= range.belowMax;
  }
}

/** Lots of a quote-quantity order after rounding down to the steps of market orders; a refusal where fewer are left than the least. */
export function marketLots(lots: number, rules: SymbolRules): number | ExchangeRefusal {
  const step = rules.marketQuantity?.step ?? 0;
  const whole = step > 0 ? lots - (lots % step) : lots;
  if (whole < Math.max(1, rules.quantity.min)) return REFUSALS.liquidityBelowLot;
  return whole < (rules.marketQuantity?.min ?? 0) ? REFUSALS.liquidityBelowMarketLot : whole;
}

const exceeds = (count: number, most: number | null): boolean => most !== null && count > most;

const within = (value: number, range: Range): boolean =>
  (range.min === 0 || value >= range.min) && (range.max === 0 || value <= range.max);

const quantityFits = (quantity: number, range: Range): boolean =>
  Number.isSafeInteger(quantity) && quantity >= 1 && within(quantity, range);

/** A bound rounded to `scale` digits so that what is whole in them passes exactly where the bound itself would let it pass. */
function onScale(bound: Amount, scale: number, rounding: 'up' | 'down'): Amount {
  const unit = pow10(AMOUNT_SCALE - scale);
  const down = (bound / unit) * unit;
  return (rounding === 'up' && down !== bound ? down + unit : down) as Amount;
}

/** The average of `minutes`, or the last price for 0 minutes and where nothing was traded in them. */
export function referencePrice(
  averages: readonly AveragePrice[],
  minutes: number,
  lastPrice: number,
  timeUs: number,
): Price | null {
  if (minutes > 0) {
    for (const average of averages) {
      if (average.minutes === minutes) {
        const price = average.at(timeUs);
        if (price !== null) return price;
      }
    }
  }
  return lastPrice > 0 ? (lastPrice as Price) : null;
}
