import {
  affordableQuantity,
  applyRate,
  formatQuantity,
  parseAmount,
  parseQuantity,
  type Amount,
  type Instrument,
  type OrderSide,
  type Price,
  type Quantity,
} from '@monsta/core';
import type { OrderDenied } from '../risk.ts';
import type { WishSize } from './wish.ts';

/** What a size is made exact with. */
export interface SizeBasis {
  readonly side: OrderSide;
  readonly instrument: Instrument;
  /** What it trades at, as far as that is known; null while no price is. */
  readonly at: Price | null;
  /** What a fraction of 1 means; null while the equity is unknown. */
  readonly allocation: Amount | null;
  /** What there is on the other side of the order, free to be closed by it. */
  readonly closable: Quantity;
  /** True: it is no larger than that; false: it opens a position; null: it closes where it is no larger, and is taken whole otherwise. */
  readonly closes: boolean | null;
}

type Lots = { readonly quantity: Quantity } | { readonly denied: OrderDenied };
type Sized = { readonly quantity: Quantity; readonly closes: boolean } | { readonly denied: OrderDenied };

const deny = (rule: string, limit: string, actual: string, message: string): { readonly denied: OrderDenied } => ({
  denied: { rule, limit, actual, message },
});

/** A size as it was asked for, in whole lots, rounded down; one that closes is at most what there is to close. Pure. */
export function exactSize(size: WishSize, basis: SizeBasis): Sized {
  const lots = lotsOf(size, basis);
  if ('denied' in lots) return lots;
  const { side, instrument, closable } = basis;
  const closes = basis.closes ?? (closable > 0 && lots.quantity <= closable);
  const quantity = closes ? (Math.min(lots.quantity, closable) as Quantity) : lots.quantity;
  if (quantity > 0) return { quantity, closes };
  const asked = `${size.by} ${size.value}`;
  if (closes && lots.quantity > 0) {
    const held = formatQuantity(closable, instrument);
    const what = side === 'sell' ? 'held and free to sell' : 'owed and free to be bought back';
    return deny('position_short', held, asked, `only ${held} ${instrument.base} are ${what}`);
  }
  const lot = formatQuantity(1 as Quantity, instrument);
  return deny('order_size', `${lot} ${instrument.base}`, asked, 'what was asked for is less than one lot');
}

function lotsOf({ by, value }: WishSize, { instrument, at, allocation }: SizeBasis): Lots {
  if (by === 'quantity') return quantityOf(value, instrument);
  if (at === null) return deny('price_unknown', 'a price', 'none', `no price of ${instrument.id} has been seen yet`);
  if (by === 'notional') {
    // Eight digits are finer than any quote asset is counted.
    const money = parseAmount(value.toFixed(8));
    if (!money.ok) return deny('order_size', 'an amount of money', String(value), money.fault.message);
    return { quantity: affordableQuantity(money.value, at, instrument) };
  }
  if (allocation === null)
    return deny(
      'equity_unknown',
      'a known equity above 0',
      'unknown',
      'a share of the allocation follows from the equity',
    );
  const money = applyRate(allocation, Math.round(value * 1_000_000), 'floor');
  return { quantity: affordableQuantity(money, at, instrument) };
}

/** A quantity of the base asset, a binary number, in whole lots: four digits beyond the lot are kept, so that 0.1 + 0.2 is 0.3 and no lot less. */
export function quantityOf(value: number, instrument: Instrument): Lots {
  const parsed = parseQuantity(value.toFixed(instrument.lot.scale + 4), instrument, 'down');
  if (parsed.ok) return { quantity: parsed.value };
  return deny('order_size', 'a quantity of the base asset', String(value), parsed.fault.message);
}
