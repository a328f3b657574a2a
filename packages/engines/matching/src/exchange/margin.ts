import { invariant, RATE_UNIT } from '@monsta/core';
import type { ExternalLiquidity } from './external-liquidity.ts';
import type { Conversion } from './symbol-rules.ts';
import type { Wide } from './wide.ts';

/** What an account that may owe what it sells has to have of its own: equity ≥ positions × `initialPpm`, parts per million. */
export interface MarginTerms {
  readonly initialPpm: number;
}

/** A symbol as far as a margin looks at it. */
interface MarginMarket {
  readonly conversion: Conversion;
  readonly external: ExternalLiquidity | null;
  readonly lastPrice: number;
}

interface MarginHolding {
  readonly free: Wide;
  readonly locked: Wide;
  readonly borrowed: Wide;
}

/** What the account has to do with it. */
interface MarginTrader {
  readonly base: MarginHolding;
  readonly quote: MarginHolding;
  readonly openBuyQuantity: number;
}

interface MarginOrder {
  readonly trader: MarginTrader;
  readonly isBuy: boolean;
  readonly orderId: number;
}

interface Place {
  readonly market: MarginMarket;
  readonly trader: MarginTrader;
}

const netOf = ({ free, locked, borrowed }: MarginHolding): bigint => free.toBig() + locked.toBig() - borrowed.toBig();

const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);

/**
 * The margin of an account: it may sell what it has not got, and owes it then. An order that opens or enlarges a position is taken while the account's own money at the last prices,
 * less what the order costs at once, is at least the margin's share of all that its positions may become: of its own symbol what it would hold if all open buys, or owe if all open sells
 * were filled, on the order's side; of each other symbol the larger of both, at the last price. What only makes a position smaller is always taken, and may leave a debt in the quote asset behind: nothing is lent at interest,
 * called in or liquidated.
 */
export class Margin {
  readonly terms: MarginTerms;
  readonly #places: Place[] = [];

  constructor(terms: MarginTerms) {
    invariant(
      Number.isSafeInteger(terms.initialPpm) && terms.initialPpm > 0 && terms.initialPpm <= Number(RATE_UNIT),
      'an initial margin is a share above 0 and at most 1',
    );
    this.terms = terms;
  }

  /** Takes in a symbol; all of them are quoted in one asset, which the margin is reckoned in. */
  join(place: Place): void {
    const [first] = this.#places;
    invariant(
      first === undefined || first.trader.quote === place.trader.quote,
      'the symbols of an account with margin are quoted in one asset',
    );
    this.#places.push(place);
  }

  /** What the account's own money is worth at the last prices, in units of the quote asset; below 0 where it owes more than it has. */
  equity(): bigint {
    const [first] = this.#places;
    let sum = first === undefined ? 0n : netOf(first.trader.quote);
    for (const place of this.#places) sum += valueOf(netOf(place.trader.base), place.market);
    return sum;
  }

  /**
   * True where an order for `lots` may be taken. `cost`: what its fills cost at once, fees and slippage, in units of the quote asset. `cash`: what they have to be paid with. An order
   * that is open already counts among the open ones.
   */
  allows(market: MarginMarket, order: MarginOrder, lots: number, cost: bigint, cash: bigint): boolean {
    if (!opens(market, order, lots)) return true;
    if (markOf(market) === 0) return false;
    const { trader, isBuy } = order;
    if (isBuy && trader.quote.free.toBig() < cash) return false;
    let needed = 0n;
    for (const place of this.#places) {
      const { base, openBuyQuantity } = place.trader;
      const unit = BigInt(place.market.conversion.lotUnits);
      const ours = place.market === market;
      const buying = openBuyQuantity + (ours && isBuy && !isOpen(order) ? lots : 0);
      const owed = base.borrowed.toBig() + (ours && !isBuy ? larger(0n, BigInt(lots) * unit - base.free.toBig()) : 0n);
      const bought = larger(0n, netOf(base) + BigInt(buying) * unit);
      const may = !ours ? larger(owed, bought) : isBuy ? bought : owed;
      needed += valueOf(may, place.market);
    }
    return (this.equity() - cost) * RATE_UNIT >= needed * BigInt(this.terms.initialPpm);
  }
}

/** True where an order may leave a position that is larger, or on the other side: all that it and the open ones may trade is more than what there is to close. */
function opens(market: MarginMarket, order: MarginOrder, lots: number): boolean {
  const { base, openBuyQuantity } = order.trader;
  const unit = BigInt(market.conversion.lotUnits);
  if (!order.isBuy) return BigInt(lots) * unit > base.free.toBig();
  const buying = openBuyQuantity + (isOpen(order) ? 0 : lots);
  return netOf(base) + BigInt(buying) * unit > 0n;
}

/** An order has its number from when it is open. */
const isOpen = ({ orderId }: MarginOrder): boolean => orderId > 0;

/** What a position is reckoned at: the price of the moment, as the feed shows it, or else the last. */
export function markOf({ external, lastPrice }: MarginMarket): number {
  const shown = external?.mark ?? 0;
  return shown > 0 ? shown : lastPrice;
}

/** Units of the base asset at that price, in units of the quote asset; rounded towards minus infinity. */
function valueOf(units: bigint, market: MarginMarket): bigint {
  const { conversion } = market;
  const value = units * BigInt(markOf(market)) * BigInt(conversion.tickLotUnits);
  const unit = BigInt(conversion.lotUnits);
  return (value - (((value % unit) + unit) % unit)) / unit;
}
