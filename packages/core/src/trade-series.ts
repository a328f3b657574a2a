import { price, quantity, type Instrument } from './instrument.ts';
import type { TradeTick } from './market-data.ts';
import { timestampUs } from './time.ts';

/** Trades of one instrument in columns, by rising id: millions of them cost no objects, and threads can share them. */
export interface TradeSeries {
  readonly instrument: Instrument;
  readonly length: number;
  /** The venue's ids, strictly rising. */
  readonly tradeId: Float64Array;
  /** When the trade happened, µs; never falling. */
  readonly timeUs: Float64Array;
  /** In whole ticks. */
  readonly price: Float64Array;
  /** In whole lots. */
  readonly quantity: Float64Array;
  /** 1 where the buyer was resting in the book (the seller took), else 0. */
  readonly buyerIsMaker: Uint8Array;
}

/** Room for `length` trades, all zero. `shared`: in memory that worker threads can see without copying it. */
export function emptyTradeSeries(instrument: Instrument, length: number, shared = false): TradeSeries {
  const bytes = length * Float64Array.BYTES_PER_ELEMENT;
  const column = (): Float64Array =>
    shared ? new Float64Array(new SharedArrayBuffer(bytes)) : new Float64Array(new ArrayBuffer(bytes));
  return {
    instrument,
    length,
    tradeId: column(),
    timeUs: column(),
    price: column(),
    quantity: column(),
    buyerIsMaker: new Uint8Array(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length)),
  };
}

/** The trade at an index, known the moment it happened. Throws a RangeError where there is none. */
export function tradeAt(series: TradeSeries, index: number): TradeTick {
  const { instrument, tradeId, timeUs, price: prices, quantity: quantities, buyerIsMaker } = series;
  const [id, at, ticks, lots] = [tradeId[index], timeUs[index], prices[index], quantities[index]];
  if (id === undefined || at === undefined || ticks === undefined || lots === undefined)
    throw new RangeError(`there is no trade ${index} in ${series.length} trades`);
  const tsUs = timestampUs(at);
  return {
    kind: 'trade',
    instrument: instrument.id,
    tradeId: id,
    price: price(ticks),
    quantity: quantity(lots),
    buyerIsMaker: buyerIsMaker[index] === 1,
    tsEventUs: tsUs,
    tsInitUs: tsUs,
  };
}
