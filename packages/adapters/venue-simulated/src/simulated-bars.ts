import type { KlineQuery } from '@monsta/binance-server';
import { intervalMs, price, usFromMs, type Bar, type Interval, type TimestampUs } from '@monsta/core';
import { volumeScales, type VolumeScales } from '@monsta/market-data';
import { HOUR_MS, MINUTE_MS, tradesBy, type MinuteTrades, type PriceProcess } from './price-process.ts';
import { EPOCH_MS } from './profiles.ts';
import { addTrades, SUM, SUM_LENGTH } from './trade-sums.ts';

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

function addSums(into: BarSums | null, part: Float64Array): BarSums {
  const at = (place: number): number => part[place] ?? 0;
  return {
    open: into === null ? at(SUM.open) : into.open,
    high: into === null ? at(SUM.high) : Math.max(into.high, at(SUM.high)),
    low: into === null ? at(SUM.low) : Math.min(into.low, at(SUM.low)),
    close: at(SUM.close),
    lots: (into?.lots ?? 0n) + BigInt(at(SUM.lots)),
    value: (into?.value ?? 0n) + BigInt(at(SUM.value)),
    takerLots: (into?.takerLots ?? 0n) + BigInt(at(SUM.takerLots)),
    takerValue: (into?.takerValue ?? 0n) + BigInt(at(SUM.takerValue)),
    trades: (into?.trades ?? 0) + at(SUM.trades),
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

/** The bars of one instrument: sums of its trades, hour by hour; an hour once made is kept (72 bytes each). */
export class SimulatedBars {
  readonly #process: PriceProcess;
  readonly #scales: VolumeScales;
  #hours = new Float64Array(1_024 * SUM_LENGTH);
  readonly #minute = new Float64Array(SUM_LENGTH);

  constructor(process: PriceProcess) {
    const { tick, lot } = process.profile.symbol.instrument;
    this.#process = process;
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
        sums = addSums(sums, this.#minuteSums(sinceEpoch / MINUTE_MS));
        atMs += MINUTE_MS;
      } else {
        const part = this.#minute.fill(0);
        addPart(this.#process.minute(sinceEpoch / MINUTE_MS), nowMs, part);
        if (part[SUM.trades] !== 0) sums = addSums(sums, part);
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

  /** Whether a trade has happened since `openMs`; every minute has one. */
  #hasBegun(openMs: number, nowMs: number): boolean {
    if (nowMs >= openMs + MINUTE_MS) return true;
    return tradesBy(this.#process.minute((openMs - EPOCH_MS) / MINUTE_MS), nowMs) > 0;
  }

  query(interval: Interval, { fromUs, toUs, limit }: KlineQuery, nowUs: TimestampUs): readonly Bar[] {
    const span = intervalMs(interval);
    const nowMs = Math.floor(nowUs / 1_000);
    if (nowMs < EPOCH_MS) return [];
    const msOf = (us: TimestampUs): number => us / 1_000;
    let newest = Math.floor((nowMs - EPOCH_MS) / span);
    // A bar begins with its first trade: at the start of a minute there is none yet.
    if (!this.#hasBegun(EPOCH_MS + newest * span, nowMs)) newest -= 1;
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
