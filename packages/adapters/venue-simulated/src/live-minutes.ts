import type { ExchangeTrade } from '@monsta/matching';
import { addSums, type BarSums } from './bar-sums.ts';
import { MINUTE_MS } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';

/** Places of a minute's numbers. The values are split: `high` × 2^40 + `low`, so that they are exact whatever is traded. */
const AT = {
  open: 0,
  high: 1,
  low: 2,
  close: 3,
  lots: 4,
  takerLots: 5,
  trades: 6,
  firstId: 7,
  valueHigh: 8,
  valueLow: 9,
  takerValueHigh: 10,
  takerValueLow: 11,
} as const;
const ROW = 12;
const LIMB_BITS = 40n;
const LIMB = 2 ** 40;

/** A session's trades summed by minute, for its whole length: 96 bytes a minute. */
export class LiveMinutes {
  readonly #firstMinute: number;
  #rows = new Float64Array(64 * ROW);
  /** The minute of the newest trade. */
  #lastMinute: number;

  constructor(startMs: number) {
    this.#firstMinute = Math.floor((startMs - EPOCH_MS) / MINUTE_MS);
    this.#lastMinute = this.#firstMinute;
  }

  add(trade: ExchangeTrade): void {
    // Time never runs backwards here: a clock that was set back counts in the newest minute.
    const minute = Math.max(this.#lastMinute, Math.floor((trade.timeUs / 1_000 - EPOCH_MS) / MINUTE_MS));
    this.#lastMinute = minute;
    const row = (minute - this.#firstMinute) * ROW;
    if (row + ROW > this.#rows.length) {
      const larger = new Float64Array(Math.max(row + ROW, this.#rows.length * 2));
      larger.set(this.#rows);
      this.#rows = larger;
    }
    const rows = this.#rows;
    const { price, quantity } = trade;
    const isFirst = rows[row + AT.trades] === 0;
    if (isFirst) {
      rows[row + AT.open] = price;
      rows[row + AT.firstId] = trade.tradeId;
    }
    rows[row + AT.high] = isFirst ? price : Math.max(rows[row + AT.high] ?? 0, price);
    rows[row + AT.low] = isFirst ? price : Math.min(rows[row + AT.low] ?? 0, price);
    rows[row + AT.close] = price;
    this.#count(row + AT.lots, quantity);
    this.#count(row + AT.trades, 1);
    this.#value(row + AT.valueHigh, price, quantity);
    if (trade.buyerIsMaker) return;
    this.#count(row + AT.takerLots, quantity);
    this.#value(row + AT.takerValueHigh, price, quantity);
  }

  #count(at: number, by: number): void {
    this.#rows[at] = (this.#rows[at] ?? 0) + by;
  }

  #value(at: number, price: number, quantity: number): void {
    const value = BigInt(price) * BigInt(quantity);
    const high = value >> LIMB_BITS;
    const low = (this.#rows[at + 1] ?? 0) + Number(value - (high << LIMB_BITS));
    const carried = low >= LIMB ? 1 : 0;
    this.#count(at, Number(high) + carried);
    this.#rows[at + 1] = low - carried * LIMB;
  }

  /** Adds the minutes from `fromMs` until before `untilMs` to `sums`; null stays null where nothing was traded. */
  sum(fromMs: number, untilMs: number, sums: BarSums | null): BarSums | null {
    const from = Math.max(this.#firstMinute, Math.floor((fromMs - EPOCH_MS) / MINUTE_MS));
    const until = Math.min(this.#lastMinute + 1, Math.ceil((untilMs - EPOCH_MS) / MINUTE_MS));
    let total = sums;
    for (let minute = from; minute < until; minute += 1) {
      const row = this.#rows.subarray((minute - this.#firstMinute) * ROW, (minute - this.#firstMinute + 1) * ROW);
      const at = (place: number): number => row[place] ?? 0;
      if (at(AT.trades) === 0) continue;
      const wide = (place: number): bigint => (BigInt(at(place)) << LIMB_BITS) + BigInt(at(place + 1));
      total = addSums(total, {
        open: at(AT.open),
        high: at(AT.high),
        low: at(AT.low),
        close: at(AT.close),
        lots: BigInt(at(AT.lots)),
        value: wide(AT.valueHigh),
        takerLots: BigInt(at(AT.takerLots)),
        takerValue: wide(AT.takerValueHigh),
        trades: at(AT.trades),
        firstTradeId: at(AT.firstId),
      });
    }
    return total;
  }
}
