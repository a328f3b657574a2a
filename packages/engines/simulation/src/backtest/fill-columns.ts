import { fillId, numberOfId, price, quantity, timestampUs, venueOrderId, type Amount, type Fill } from '@monsta/core';
import { ExactColumns } from './exact-columns.ts';

/** What many fills have in common. */
type Kind = Pick<Fill, 'strategyId' | 'instrument' | 'side' | 'feeAsset' | 'liquidity'>;

/** Of each row: price, quantity, time, the numbers of fill and venue's order, and its kind. */
const WIDTH = 6;
/** How many of the newest kinds are compared before another one is made. */
const KINDS_LOOKED_AT = 16;

/** The fills of a backtest, kept by columns and made into objects for whoever reads them: a million bars may bring tens of thousands, and most trials of an optimisation are asked for none. */
export class FillColumns {
  #numbers = new Float64Array(0);
  readonly #fees = new ExactColumns(1);
  readonly #orderIds: Fill['clientOrderId'][] = [];
  /** Ids that are no plain numbers, by row. */
  readonly #ids = new Map<number, Pick<Fill, 'fillId' | 'venueOrderId'>>();
  readonly #kinds: Kind[] = [];
  /** Those that somebody has read. */
  #read: Fill[] = [];
  length = 0;

  add(fill: Fill): void {
    const row = this.length;
    const at = row * WIDTH;
    if (at === this.#numbers.length) this.#grow(2 * row + 32);
    const ofOrder = numberOfId(fill.venueOrderId);
    const ofFill = numberOfId(fill.fillId);
    const numbers = this.#numbers;
    numbers[at] = fill.price;
    numbers[at + 1] = fill.quantity;
    numbers[at + 2] = fill.tsEventUs;
    numbers[at + 3] = ofFill;
    numbers[at + 4] = ofOrder;
    numbers[at + 5] = this.#kindOf(fill);
    if (ofFill < 0 || ofOrder < 0) this.#ids.set(row, { fillId: fill.fillId, venueOrderId: fill.venueOrderId });
    this.#fees.set(row, 0, fill.fee);
    this.#orderIds.push(fill.clientOrderId);
    this.length = row + 1;
  }

  /** So many of them, in the order in which they came. */
  first(count: number): readonly Fill[] {
    if (this.#read.length < count) {
      const fills = [...this.#read];
      for (let row = fills.length; row < count; row += 1) fills.push(this.#at(row));
      this.#read = fills;
    }
    return this.#read.length === count ? this.#read : this.#read.slice(0, count);
  }

  #at(row: number): Fill {
    const numbers = this.#numbers;
    const at = row * WIDTH;
    const kind = this.#kinds[numbers[at + 5] as number] as Kind;
    const ids = this.#ids.get(row);
    return {
      fillId: ids?.fillId ?? fillId(String(numbers[at + 3])),
      clientOrderId: this.#orderIds[row] as Fill['clientOrderId'],
      venueOrderId: ids?.venueOrderId ?? venueOrderId(String(numbers[at + 4])),
      strategyId: kind.strategyId,
      instrument: kind.instrument,
      side: kind.side,
      price: price(numbers[at] as number),
      quantity: quantity(numbers[at + 1] as number),
      fee: this.#fees.get(row, 0) as Amount,
      feeAsset: kind.feeAsset,
      liquidity: kind.liquidity,
      tsEventUs: timestampUs(numbers[at + 2] as number),
    };
  }

  #grow(rows: number): void {
    const numbers = new Float64Array(rows * WIDTH);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    this.#fees.reserve(rows);
  }

  #kindOf({ strategyId, instrument, side, feeAsset, liquidity }: Fill): number {
    const kinds = this.#kinds;
    const oldest = Math.max(0, kinds.length - KINDS_LOOKED_AT);
    for (let index = kinds.length - 1; index >= oldest; index -= 1) {
      const kind = kinds[index] as Kind;
      if (
        kind.side === side &&
        kind.instrument === instrument &&
        kind.strategyId === strategyId &&
        kind.feeAsset === feeAsset &&
        kind.liquidity === liquidity
      )
        return index;
    }
    kinds.push({ strategyId, instrument, side, feeAsset, liquidity });
    return kinds.length - 1;
  }
}
