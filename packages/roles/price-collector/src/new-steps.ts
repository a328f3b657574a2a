import { price, quantity, restep, sameSteps, type Bar, type Instrument, type TradeTick } from '@monsta/core';

type Steps = Pick<Instrument, 'tick' | 'lot'>;

/** Counts what was counted in an instrument's old steps in its new ones. What lies between two of those can't be held: null. */
export class NewSteps {
  readonly #from: Steps;
  readonly #to: Steps;

  constructor(from: Steps, to: Steps) {
    this.#from = from;
    this.#to = to;
  }

  bar(bar: Bar): Bar | null {
    const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((at) => this.#price(at));
    if (open === undefined || high === undefined || low === undefined || close === undefined) return null;
    if (open === null || high === null || low === null || close === null) return null;
    return { ...bar, open: price(open), high: price(high), low: price(low), close: price(close) };
  }

  trade(trade: TradeTick): TradeTick | null {
    const at = this.#price(trade.price);
    const size = restep(trade.quantity, this.#from.lot, this.#to.lot);
    return at === null || !size.ok ? null : { ...trade, price: price(at), quantity: quantity(size.value) };
  }

  #price(at: number): number | null {
    const ticks = restep(at, this.#from.tick, this.#to.tick);
    return ticks.ok ? ticks.value : null;
  }
}

/** Null where both count the same. */
export const newSteps = (from: Instrument, to: Instrument): NewSteps | null =>
  sameSteps(from, to) ? null : new NewSteps(from, to);
