import type { KlineQuery } from '@monsta/binance-server';
import { intervalMs, price, usFromMs, type Bar, type Interval, type TimestampUs } from '@monsta/core';
import { volumeScales, type VolumeScales } from '@monsta/market-data';
import {
  HOUR_MS,
  MINUTE_MS,
  MINUTES_PER_HOUR,
  tradesBy,
  type MinuteTrades,
  type PriceProcess,
  type TradeSums,
} from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';

/** Fields of `TradeSums` in the order in which an hour's are stored. */
const FIELDS = ['open', 'high', 'low', 'close', 'lots', 'value', 'takerLots', 'takerValue', 'trades'] as const;

/** Sums of one bar; the volumes of a day can be more than a plain number holds exactly. */
interface BarSums {
  open: number;
  high: number;
  low: number;
  close: number;
  lots: bigint;
  value: bigint;
  takerLots: bigint;
  takerValue: bigint;
  trades: number;
}

function addSums(into: BarSums | null, part: TradeSums): BarSums {
  if (into === null) {
    return {
      ...part,
      lots: BigInt(part.lots),
      value: BigInt(part.value),
      takerLots: BigInt(part.takerLots),
      takerValue: BigInt(part.takerValue),
    };
  }
  into.high = Math.max(into.high, part.high);
  into.low = Math.min(into.low, part.low);
  into.close = part.close;
  into.lots += BigInt(part.lots);
  into.value += BigInt(part.value);
  into.takerLots += BigInt(part.takerLots);
  into.takerValue += BigInt(part.takerValue);
  into.trades += part.trades;
  return into;
}

/** Adds within plain numbers: an hour's sums stay below 2^53. */
function mergeMinute(hour: TradeSums | null, minute: TradeSums): TradeSums {
  if (hour === null) return { ...minute };
  hour.high = Math.max(hour.high, minute.high);
  hour.low = Math.min(hour.low, minute.low);
  hour.close = minute.close;
  hour.lots += minute.lots;
  hour.value += minute.value;
  hour.takerLots += minute.takerLots;
  hour.takerValue += minute.takerValue;
  hour.trades += minute.trades;
  return hour;
}

/** The sums of the trades of a minute that had happened at `nowMs`; null when none had. */
function partialSums(minute: MinuteTrades, nowMs: number): TradeSums | null {
  const count = tradesBy(minute, nowMs);
  let sums: TradeSums | null = null;
  for (let trade = 0; trade < count; trade += 1) {
    const takerBuys = 1 - (minute.buyerIsMaker[trade] ?? 0);
    const at = (minute.bids[trade] ?? 0) + takerBuys;
    const size = minute.lots[trade] ?? 0;
    const value = at * size;
    sums = mergeMinute(sums, {
      open: at,
      high: at,
      low: at,
      close: at,
      lots: size,
      value,
      takerLots: takerBuys * size,
      takerValue: takerBuys * value,
      trades: 1,
    });
  }
  return sums;
}

/** The bars of one instrument: sums of its trades, hour by hour; an hour once made is kept (72 bytes each). */
export class SimulatedBars {
  readonly #process: PriceProcess;
  readonly #scales: VolumeScales;
  #hours = new Float64Array(1_024 * FIELDS.length);

  constructor(process: PriceProcess) {
    const { tick, lot } = process.profile.symbol.instrument;
    this.#process = process;
    this.#scales = volumeScales(tick, lot);
  }

  #hourSums(hour: number): TradeSums {
    const at = hour * FIELDS.length;
    if (at + FIELDS.length > this.#hours.length) {
      const larger = new Float64Array(Math.max(this.#hours.length * 2, at + FIELDS.length));
      larger.set(this.#hours);
      this.#hours = larger;
    }
    const read = (field: number): number => this.#hours[at + field] ?? 0;
    if (read(FIELDS.indexOf('trades')) === 0) {
      const sums = this.#makeHour(hour);
      FIELDS.forEach((field, index) => (this.#hours[at + index] = sums[field]));
      return sums;
    }
    return {
      open: read(0),
      high: read(1),
      low: read(2),
      close: read(3),
      lots: read(4),
      value: read(5),
      takerLots: read(6),
      takerValue: read(7),
      trades: read(8),
    };
  }

  #makeHour(hour: number): TradeSums {
    let sums = this.#process.minuteSums(hour * MINUTES_PER_HOUR);
    for (let minute = 1; minute < MINUTES_PER_HOUR; minute += 1) {
      sums = mergeMinute(sums, this.#process.minuteSums(hour * MINUTES_PER_HOUR + minute));
    }
    return sums;
  }

  /** The bar that opens at `openMs`, of trades up to `nowMs`; null when it has none yet. */
  #bar(interval: Interval, openMs: number, nowMs: number): Bar | null {
    const endMs = openMs + intervalMs(interval);
    const closed = endMs <= nowMs;
    const untilMs = Math.min(endMs, nowMs);
    let sums: BarSums | null = null;
    let atMs = openMs;
    while (atMs < untilMs || (atMs === untilMs && !closed)) {
      const sinceEpoch = atMs - EPOCH_MS;
      if (sinceEpoch % HOUR_MS === 0 && atMs + HOUR_MS <= untilMs) {
        sums = addSums(sums, this.#hourSums(sinceEpoch / HOUR_MS));
        atMs += HOUR_MS;
      } else if (atMs + MINUTE_MS <= untilMs) {
        sums = addSums(sums, this.#process.minuteSums(sinceEpoch / MINUTE_MS));
        atMs += MINUTE_MS;
      } else {
        const part = partialSums(this.#process.minute(sinceEpoch / MINUTE_MS), nowMs);
        if (part !== null) sums = addSums(sums, part);
        break;
      }
    }
    if (sums === null) return null;
    const { instrument } = this.#process.profile.symbol;
    const closeTimeUs = usFromMs(endMs);
    const firstMinute = (openMs - EPOCH_MS) / MINUTE_MS;
    const firstTradeId = (firstMinute === 0 ? 0 : this.#process.lastTradeIdOf(firstMinute - 1)) + 1;
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
      firstTradeId,
      lastTradeId: firstTradeId + sums.trades - 1,
      closed,
      tsEventUs,
      tsInitUs: tsEventUs,
    };
  }

  query(interval: Interval, { fromUs, toUs, limit }: KlineQuery, nowUs: TimestampUs): readonly Bar[] {
    const span = intervalMs(interval);
    const nowMs = Math.floor(nowUs / 1_000);
    if (nowMs < EPOCH_MS) return [];
    const msOf = (us: TimestampUs): number => us / 1_000;
    let newest = Math.floor((nowMs - EPOCH_MS) / span);
    // A bar begins with its first trade: at the start of a minute there is none yet.
    if (this.#bar(interval, EPOCH_MS + newest * span, nowMs) === null) newest -= 1;
    const to = toUs === null ? newest : Math.min(newest, Math.floor((msOf(toUs) - EPOCH_MS) / span));
    const from = fromUs === null ? 0 : Math.max(0, Math.ceil((msOf(fromUs) - EPOCH_MS) / span));
    const first = fromUs === null ? Math.max(0, to - limit + 1) : from;
    const last = Math.min(to, first + limit - 1);
    const bars: Bar[] = [];
    for (let index = first; index <= last; index += 1) {
      const bar = this.#bar(interval, EPOCH_MS + index * span, nowMs);
      if (bar !== null) bars.push(bar);
    }
    return bars;
  }
}
