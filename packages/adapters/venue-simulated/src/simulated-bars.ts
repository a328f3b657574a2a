import type { KlineQuery } from '@monsta/binance-server';
import {
  barNumber,
  barOpenMs,
  intervalMs,
  price,
  usFromMs,
  type Bar,
  type Interval,
  type TimestampUs,
} from '@monsta/core';
import { volumeScales, type VolumeScales } from '@monsta/market-data';
import { addSums, type BarSums } from './bar-sums.ts';
import type { LiveMinutes } from './live-minutes.ts';
import { HOUR_MS, MINUTE_MS, tradesBy, type MinuteTrades, type PriceProcess } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';
import { addTrades, SUM, SUM_LENGTH } from './trade-sums.ts';

function sumsOf(part: Float64Array, firstTradeId: number): BarSums {
  const at = (place: number): number => part[place] ?? 0;
  return {
    open: at(SUM.open),
    high: at(SUM.high),
    low: at(SUM.low),
    close: at(SUM.close),
    lots: BigInt(at(SUM.lots)),
    value: BigInt(at(SUM.value)),
    takerLots: BigInt(at(SUM.takerLots)),
    takerValue: BigInt(at(SUM.takerValue)),
    trades: at(SUM.trades),
    firstTradeId,
  };
}

/** Adds the trades of a minute that had happened at `nowMs`. */
function addPart(minute: MinuteTrades, nowMs: number, sums: Float64Array): void {
  const count = tradesBy(minute, nowMs);
  for (let trade = 0; trade < count; trade += 1) {
    const takerBuys = 1 - (minute.buyerIsMaker[trade] ?? 0);
    const at = (minute.bids[trade] ?? 0) + takerBuys;
    const lots = minute.lots[trade] ?? 0;
    const value = at * lots;
    addTrades(sums, {
      open: at,
      high: at,
      low: at,
      close: at,
      lots,
      value,
      takerLots: takerBuys * lots,
      takerValue: takerBuys * value,
      trades: 1,
    });
  }
}

/**
 * The bars of one instrument: sums of its trades, of the process' until the session's start and of the session's from then on; the bar that holds the start has both. An
 * hour of history once made is kept (72 bytes each).
 */
export class SimulatedBars {
  readonly #process: PriceProcess;
  readonly #live: LiveMinutes;
  readonly #startMs: number;
  readonly #scales: VolumeScales;
  #hours = new Float64Array(1_024 * SUM_LENGTH);
  readonly #minute = new Float64Array(SUM_LENGTH);

  constructor(process: PriceProcess, live: LiveMinutes, startMs: number) {
    const { tick, lot } = process.profile.symbol.instrument;
    this.#process = process;
    this.#live = live;
    this.#startMs = startMs;
    this.#scales = volumeScales(tick, lot);
  }

  #hourSums(hour: number): Float64Array {
    const at = hour * SUM_LENGTH;
    if (at + SUM_LENGTH > this.#hours.length) {
      const larger = new Float64Array(Math.max(this.#hours.length * 2, at + SUM_LENGTH));
      larger.set(this.#hours);
      this.#hours = larger;
    }
    const sums = this.#hours.subarray(at, at + SUM_LENGTH);
    if (sums[SUM.trades] === 0) this.#process.addHour(hour, sums);
    return sums;
  }

  #minuteSums(minuteIndex: number): Float64Array {
    this.#process.addMinute(minuteIndex, this.#minute.fill(0));
    return this.#minute;
  }

  /** What the process traded from `openMs` on and before `endMs`, up to the session's start. */
  #history(openMs: number, endMs: number): BarSums | null {
    const startMs = this.#startMs;
    const untilMs = Math.min(endMs, startMs);
    const firstMinute = (openMs - EPOCH_MS) / MINUTE_MS;
    let firstTradeId = (firstMinute === 0 ? 0 : this.#process.lastTradeIdOf(firstMinute - 1)) + 1;
    let sums: BarSums | null = null;
    const add = (part: Float64Array): void => {
      if (part[SUM.trades] === 0) return;
      sums = addSums(sums, sumsOf(part, firstTradeId));
      firstTradeId += part[SUM.trades] ?? 0;
    };
    let atMs = openMs;
    // The trades of the very millisecond of the start are the process'.
    while (atMs < untilMs || (atMs === startMs && startMs < endMs)) {
      const sinceEpoch = atMs - EPOCH_MS;
      if (sinceEpoch % HOUR_MS === 0 && atMs + HOUR_MS <= untilMs) {
        add(this.#hourSums(sinceEpoch / HOUR_MS));
        atMs += HOUR_MS;
      } else if (atMs + MINUTE_MS <= untilMs) {
        add(this.#minuteSums(sinceEpoch / MINUTE_MS));
        atMs += MINUTE_MS;
      } else {
        const part = this.#minute.fill(0);
        addPart(this.#process.minute(sinceEpoch / MINUTE_MS), startMs, part);
        add(part);
        break;
      }
    }
    return sums;
  }

  /** The bar that opens at `openMs`, of trades up to `nowMs`; null when it has none yet. */
  #bar(interval: Interval, openMs: number, nowMs: number): Bar | null {
    const endMs = openMs + intervalMs(interval);
    const closed = endMs <= nowMs;
    const history = openMs <= this.#startMs ? this.#history(Math.max(openMs, EPOCH_MS), endMs) : null;
    const sums = endMs > this.#startMs ? this.#live.sum(openMs, endMs, history) : history;
    if (sums === null) return null;
    const { instrument } = this.#process.profile.symbol;
    const closeTimeUs = usFromMs(endMs);
    const tsEventUs = closed ? closeTimeUs : usFromMs(nowMs);
    return {
      kind: 'bar',
      instrument: instrument.id,
      interval,
      openTimeUs: usFromMs(openMs),
      closeTimeUs,
      open: price(sums.open),
      high: price(sums.high),
      low: price(sums.low),
      close: price(sums.close),
      volume: this.#scales.base(sums.lots),
      quoteVolume: this.#scales.quote(sums.value),
      takerBuyVolume: this.#scales.base(sums.takerLots),
      takerBuyQuoteVolume: this.#scales.quote(sums.takerValue),
      trades: sums.trades,
      firstTradeId: sums.firstTradeId,
      lastTradeId: sums.firstTradeId + sums.trades - 1,
      bookImbalance: null,
      closed,
      tsEventUs,
      tsInitUs: tsEventUs,
    };
  }

  query(interval: Interval, { fromUs, toUs, limit }: KlineQuery, nowUs: TimestampUs): readonly Bar[] {
    const span = intervalMs(interval);
    const nowMs = Math.floor(nowUs / 1_000);
    if (nowMs < EPOCH_MS) return [];
    // The first may have begun before the market did.
    const oldest = barNumber(EPOCH_MS, span);
    const newest = barNumber(nowMs, span);
    const to = toUs === null ? newest : Math.min(newest, barNumber(Math.floor(toUs / 1_000), span));
    const bars: Bar[] = [];
    const add = (number: number): void => {
      // A bar begins with its first trade: one without any is not told.
      const bar = this.#bar(interval, barOpenMs(number, span), nowMs);
      if (bar !== null) bars.push(bar);
    };
    if (fromUs === null) {
      for (let number = to; number >= oldest && bars.length < limit; number -= 1) add(number);
      return bars.reverse();
    }
    const from = Math.max(oldest, barNumber(Math.ceil(fromUs / 1_000) - 1, span) + 1);
    for (let number = from; number <= to && bars.length < limit; number += 1) add(number);
    return bars;
  }
}
