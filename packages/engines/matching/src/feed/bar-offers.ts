import type { ExternalLiquidity, ExternalOffer } from '../exchange/external-liquidity.ts';
import type { BarRules } from './fill-rules.ts';
import { movedPrice, moveOf, type Move } from './slippage.ts';

export interface BarOffersState {
  readonly price: number;
  readonly volume: number;
  readonly left: number;
}

/**
 * What takers find in a bar: the price of one moment, while there is one, and what is left of the bar's volume that may be taken. A limit order takes it only where the price
 * is beyond its limit, or at it where touching counts.
 */
export class BarOffers implements ExternalLiquidity {
  readonly cutsToFunds = true;
  readonly #touch: boolean;
  readonly #slippage: BarRules['slippage'];
  /** How far takers are moved; null where it depends on what they take. */
  readonly #move: Move | null;
  readonly #offer = { price: 0, paid: 0, quantity: 0 };
  #price = 0;
  #volume = 0;
  #left = 0;

  constructor({ limits, slippage }: BarRules) {
    this.#touch = limits === 'touch';
    this.#slippage = slippage;
    this.#move = slippage.kind === 'square-root' ? null : moveOf(slippage, { spread: 0, size: 0, volume: 0 });
  }

  /** The price of the moment. */
  get mark(): number {
    return this.#price;
  }

  /** Lots that may still be taken of the bar. */
  get left(): number {
    return this.#left;
  }

  /** Begins a bar: `volume` is what was traded in it, `left` what of it may be taken. */
  begin(volume: number, left: number): void {
    this.#volume = volume;
    this.#left = left;
  }

  /** From now on takers trade at about this price; 0: at none. */
  standAt(price: number): void {
    this.#price = price;
  }

  /** What a taker would find now, for `goOn`. */
  state(): BarOffersState {
    return { price: this.#price, volume: this.#volume, left: this.#left };
  }

  goOn({ price, volume, left }: BarOffersState): void {
    this.#price = price;
    this.#volume = volume;
    this.#left = left;
  }

  use(quantity: number): void {
    this.#left -= quantity;
  }

  best(isBuy: boolean): number {
    if (this.#price === 0 || this.#left === 0) return 0;
    const apart = this.#touch ? 0 : 1;
    return isBuy ? this.#price + apart : this.#price - apart;
  }

  offer(isBuy: boolean, index: number, limit: number, size: number): ExternalOffer | null {
    const price = this.best(isBuy);
    if (index > 0 || price === 0 || (limit > 0 && (isBuy ? price > limit : price < limit))) return null;
    const move = this.#move ?? moveOf(this.#slippage, { spread: 0, size, volume: this.#volume });
    const moved = movedPrice(this.#price, isBuy, move);
    const offer = this.#offer;
    offer.price = price;
    offer.paid = limit === 0 ? moved : isBuy ? Math.min(moved, limit) : Math.max(moved, limit);
    offer.quantity = this.#left;
    return offer;
  }

  take(_isBuy: boolean, _index: number, quantity: number): void {
    this.use(quantity);
  }
}
