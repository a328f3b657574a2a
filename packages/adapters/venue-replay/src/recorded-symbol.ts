import { LISTED_SYMBOLS, type ExchangeSymbol } from '@monsta/binance-server';
import { inferInstrument, instrumentId, price, quantity, type Instrument, type InstrumentId } from '@monsta/core';
import { Column } from './columns.ts';
import { UNIT_SCALE, type UnitLevel } from './recorded-payloads.ts';

/** The fewest fractional digits that write a number of 10^-8 units exactly. */
function digitsOf(units: number): number {
  let digits = UNIT_SCALE;
  let rest = units;
  while (digits > 0 && rest % 10 === 0) {
    rest /= 10;
    digits -= 1;
  }
  return digits;
}

/** What a recording holds of one symbol, in columns. `event` columns point into the recording's events. */
export class RecordedSymbol {
  readonly name: string;
  readonly tradeEvent = new Column();
  readonly tradeId = new Column();
  readonly tradePrice = new Column();
  readonly tradeQuantity = new Column();
  readonly tradeTimeUs = new Column();
  readonly tradeBuyerIsMaker = new Column();
  readonly depthEvent = new Column();
  readonly depthFirstId = new Column();
  readonly depthLastId = new Column();
  readonly quoteEvent = new Column();
  readonly snapshotEvent = new Column();
  readonly snapshotLastId = new Column();
  #priceDigits = 0;
  #quantityDigits = 0;
  /** One number stands for all multiples: once a digit is known to be used, others that use it change nothing. */
  #priceUnit = 10 ** UNIT_SCALE;
  #quantityUnit = 10 ** UNIT_SCALE;

  constructor(name: string) {
    this.name = name;
  }

  seePrice(units: number): void {
    if (units % this.#priceUnit === 0) return;
    this.#priceDigits = Math.max(this.#priceDigits, digitsOf(units));
    this.#priceUnit = 10 ** (UNIT_SCALE - this.#priceDigits);
  }

  seeQuantity(units: number): void {
    if (units % this.#quantityUnit === 0) return;
    this.#quantityDigits = Math.max(this.#quantityDigits, digitsOf(units));
    this.#quantityUnit = 10 ** (UNIT_SCALE - this.#quantityDigits);
  }

  /**
   * Only the prices: quantities of a level are sums that may hold orders from when the exchange had a finer lot (BTCUSDT's recordings
   * have a few), so that the lot is told by trades alone.
   */
  seeLevels(levels: readonly UnitLevel[]): void {
    for (const [price] of levels) this.seePrice(price);
  }

  /** The exchange's listed rules where every price and trade fits them, else a grid as fine as the finest of them. */
  symbol(): ExchangeSymbol {
    const listed = LISTED_SYMBOLS.find(({ instrument }) => instrument.id === this.name);
    if (
      listed !== undefined &&
      this.#priceDigits <= listed.instrument.tick.scale &&
      this.#quantityDigits <= listed.instrument.lot.scale
    ) {
      return listed;
    }
    const tick = { units: 1, scale: this.#priceDigits };
    const lot = { units: 1, scale: this.#quantityDigits };
    return { rules: 'inferred', instrument: inferInstrument({ id: instrumentId(this.name), tick, lot, quote: null }) };
  }

  /** The finest digits of prices and of traded quantities: the least step that all of them are multiples of. */
  get digits(): { readonly price: number; readonly quantity: number } {
    return { price: this.#priceDigits, quantity: this.#quantityDigits };
  }

  trim(): void {
    for (const column of Object.values(this)) if (column instanceof Column) column.trim();
  }
}

/** From units of 10^-8 to an instrument's ticks and lots. */
export interface GridConversion {
  readonly instrument: InstrumentId;
  price(units: number): ReturnType<typeof price>;
  /** Rounded down: what is beyond the last whole lot of a level can't be traded. */
  quantity(units: number): ReturnType<typeof quantity>;
  levels(levels: readonly UnitLevel[]): [ReturnType<typeof price>, ReturnType<typeof quantity>][];
}

export function gridConversion(instrument: Instrument): GridConversion {
  const tick = instrument.tick.units * 10 ** (UNIT_SCALE - instrument.tick.scale);
  const lot = instrument.lot.units * 10 ** (UNIT_SCALE - instrument.lot.scale);
  return {
    instrument: instrument.id,
    price: (units) => price(units / tick),
    quantity: (units) => quantity(Math.floor(units / lot)),
    levels: (levels) => levels.map(([at, size]) => [price(at / tick), quantity(Math.floor(size / lot))]),
  };
}
