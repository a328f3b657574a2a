import { notional, type Instrument, type Price, type Quantity } from './instrument.ts';
import { addAmounts, AMOUNT_SCALE, ZERO_AMOUNT, type Amount } from './money.ts';
import { pow10 } from './decimal.ts';

type Steps = Pick<Instrument, 'tick' | 'lot'>;

/**
 * Adds up price × quantity, exactly: in whole steps of an instrument's tick × lot as long as a binary number holds their sum, and as an amount beyond that and for another instrument. Most sums are added to
 * at each fill and looked at once.
 */
export class NotionalSum {
  #whole: Amount;
  #steps = 0;
  #tick: Instrument['tick'] | null = null;
  #lot: Instrument['lot'] | null = null;

  constructor(from: Amount = ZERO_AMOUNT) {
    this.#whole = from;
  }

  /** `ticks` of the tick, which may be a difference of prices and below zero, for each of `size` lots. */
  add(ticks: number, size: Quantity, { tick, lot }: Steps): void {
    if (tick !== this.#tick || lot !== this.#lot) {
      this.#fold();
      this.#tick = tick;
      this.#lot = lot;
    }
    const steps = ticks * tick.units * size * lot.units;
    if (!Number.isSafeInteger(steps)) {
      const whole = notional(Math.abs(ticks) as Price, size, { tick, lot });
      this.#whole = addAmounts(this.#whole, (ticks < 0 ? -whole : whole) as Amount);
      return;
    }
    const sum = this.#steps + steps;
    if (Number.isSafeInteger(sum)) this.#steps = sum;
    else {
      this.#fold();
      this.#steps = steps;
    }
  }

  get value(): Amount {
    this.#fold();
    return this.#whole;
  }

  #fold(): void {
    const [tick, lot] = [this.#tick, this.#lot];
    if (this.#steps === 0 || tick === null || lot === null) return;
    const unit = pow10(AMOUNT_SCALE - tick.scale - lot.scale);
    this.#whole = addAmounts(this.#whole, (BigInt(this.#steps) * unit) as Amount);
    this.#steps = 0;
  }
}
