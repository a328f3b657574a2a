import {
  emptyBarSeries,
  emptyTradeSeries,
  msFromUs,
  sameSteps,
  unknownBarFlow,
  type Bar,
  type BarSeries,
  type Instrument,
  type InstrumentId,
  type Interval,
  type TradeSeries,
  type TradeTick,
} from '@monsta/core';

/** Rows of one table, in one instrument's steps, by key: open time of a bar, id of a trade. */
export type Batch =
  | {
      readonly kind: 'bars';
      readonly instrument: Instrument;
      readonly interval: Interval;
      readonly rows: Map<number, Bar>;
    }
  | { readonly kind: 'trades'; readonly instrument: Instrument; readonly rows: Map<number, TradeTick> };

/** Rows of a batch as they are stored, by rising key. */
export type StoredPart =
  | { readonly kind: 'bars'; readonly keys: readonly number[]; readonly series: BarSeries }
  | { readonly kind: 'trades'; readonly keys: readonly number[]; readonly series: TradeSeries };

/** Rows that wait to be stored, at most so many: with more, the oldest of the same table go. */
export class WaitingRows {
  readonly #max: number;
  readonly #tables = new Map<string, Batch[]>();
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#size;
  }

  /** False where a row had to go for it. */
  addBar(instrument: Instrument, bar: Bar): boolean {
    const { id } = instrument;
    const batch = this.#batch(id, bar.interval, instrument);
    return batch.kind !== 'bars' || this.#put(batch.rows, bar.openTimeUs, bar);
  }

  /** False where a row had to go for it. */
  addTrade(instrument: Instrument, trade: TradeTick): boolean {
    const batch = this.#batch(instrument.id, null, instrument);
    return batch.kind !== 'trades' || this.#put(batch.rows, trade.tradeId, trade);
  }

  #batch(id: InstrumentId, interval: Interval | null, instrument: Instrument): Batch {
    const name = `${id} ${interval ?? ''}`;
    const batches = this.#tables.get(name) ?? [];
    this.#tables.set(name, batches);
    const newest = batches.at(-1);
    if (newest !== undefined && sameSteps(newest.instrument, instrument)) return newest;
    const batch: Batch =
      interval === null
        ? { kind: 'trades', instrument, rows: new Map() }
        : { kind: 'bars', instrument, interval, rows: new Map() };
    batches.push(batch);
    return batch;
  }

  #put<T>(rows: Map<number, T>, key: number, row: T): boolean {
    const before = rows.size;
    rows.set(key, row);
    this.#size += rows.size - before;
    if (this.#size <= this.#max) return true;
    for (const oldest of rows.keys()) {
      rows.delete(oldest);
      this.#size -= 1;
      break;
    }
    return false;
  }

  /** What waits, the oldest steps of a table first. */
  batches(): readonly Batch[] {
    for (const [name, batches] of this.#tables) {
      const kept = batches.filter(({ rows }, index) => rows.size > 0 || index === batches.length - 1);
      this.#tables.set(name, kept);
    }
    return [...this.#tables.values()].flat().filter(({ rows }) => rows.size > 0);
  }

  /** Lets go of rows. */
  remove(batch: Batch, keys: Iterable<number>): void {
    const before = batch.rows.size;
    for (const key of keys) batch.rows.delete(key);
    this.#size -= before - batch.rows.size;
  }
}

/** At most `max` rows of a batch, those with the least keys. */
export function partOf(batch: Batch, max: number): StoredPart {
  const keys = [...batch.rows.keys()].toSorted((left, right) => left - right).slice(0, max);
  if (batch.kind === 'bars') {
    const flow = unknownBarFlow(keys.length);
    const series = { ...emptyBarSeries(batch.instrument, batch.interval, keys.length), flow };
    for (const [index, key] of keys.entries()) {
      const bar = batch.rows.get(key);
      if (bar === undefined) continue;
      series.openTimeMs[index] = msFromUs(bar.openTimeUs);
      series.open[index] = bar.open;
      series.high[index] = bar.high;
      series.low[index] = bar.low;
      series.close[index] = bar.close;
      series.volume[index] = Number(bar.volume);
      if (bar.takerBuyVolume !== null) flow.takerBuyVolume[index] = Number(bar.takerBuyVolume);
      if (bar.trades !== null) flow.trades[index] = bar.trades;
      if (bar.bookImbalance !== null) flow.bookImbalance[index] = bar.bookImbalance;
    }
    return { kind: 'bars', keys, series };
  }
  const series = emptyTradeSeries(batch.instrument, keys.length);
  for (const [index, key] of keys.entries()) {
    const trade = batch.rows.get(key);
    if (trade === undefined) continue;
    series.tradeId[index] = trade.tradeId;
    series.timeUs[index] = trade.tsEventUs;
    series.price[index] = trade.price;
    series.quantity[index] = trade.quantity;
    series.buyerIsMaker[index] = trade.buyerIsMaker ? 1 : 0;
  }
  return { kind: 'trades', keys, series };
}
