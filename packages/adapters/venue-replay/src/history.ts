import { basename } from 'node:path';
import {
  barAt,
  err,
  intervalMs,
  intervalUs,
  isMadeOf,
  ok,
  opensInterval,
  price,
  timestampUs,
  type Bar,
  type BarSeries,
  type Instrument,
  type Interval,
  type Result,
} from '@monsta/core';
import { readBars, type BarFile, type BarTurnover } from '@monsta/data-files';
import { Column, firstIndex } from './columns.ts';

const FILE_NAME = /^([A-Z0-9]{5,20})-\d+[mhdwM]/;

/** Bars of one instrument and interval from a file, and coarser ones that are made of them. */
export class BarHistory {
  readonly #series: BarSeries;
  readonly #turnover: BarTurnover | null;
  readonly #coarse = new Map<Interval, Column>();

  constructor(file: BarFile) {
    this.#series = file.series;
    this.#turnover = file.turnover;
  }

  get instrument(): Instrument['id'] {
    return this.#series.instrument.id;
  }

  get interval(): Interval {
    return this.#series.interval;
  }

  /** When the oldest bar opens. */
  get startMs(): number {
    return this.#openMs(0);
  }

  get length(): number {
    return this.#series.length;
  }

  /** Bars of `interval` that this history can give: its own, or coarser ones all of whose parts are there. */
  count(interval: Interval): number {
    return interval === this.interval ? this.length : this.#starts(interval).length;
  }

  openMs(interval: Interval, index: number): number {
    return this.#openMs(interval === this.interval ? index : this.#starts(interval).at(index));
  }

  /** The index-th bar of `interval`, closed. */
  bar(interval: Interval, index: number): Bar {
    if (interval === this.interval) return this.#merge(interval, index, 1);
    const parts = intervalMs(interval) / intervalMs(this.interval);
    return this.#merge(interval, this.#starts(interval).at(index), parts);
  }

  #openMs(row: number): number {
    return this.#series.openTimeMs[row] ?? Number.NaN;
  }

  /** Row of the first part of each complete coarser bar. */
  #starts(interval: Interval): Column {
    const known = this.#coarse.get(interval);
    if (known !== undefined) return known;
    const starts = new Column();
    const span = intervalMs(interval);
    const own = intervalMs(this.interval);
    if (isMadeOf(interval, this.interval)) {
      const parts = span / own;
      for (let row = 0; row + parts <= this.length; row += 1) {
        const openMs = this.#openMs(row);
        if (opensInterval(openMs, interval) && this.#openMs(row + parts - 1) === openMs + span - own) starts.push(row);
      }
    }
    this.#coarse.set(interval, starts);
    return starts;
  }

  #merge(interval: Interval, row: number, parts: number): Bar {
    const first = barAt(this.#series, row);
    let { high, low, close, volume, takerBuyVolume, trades } = first;
    for (let part = row + 1; part < row + parts; part += 1) {
      const bar = barAt(this.#series, part);
      high = price(Math.max(high, bar.high));
      low = price(Math.min(low, bar.low));
      close = bar.close;
      volume += bar.volume;
      takerBuyVolume =
        takerBuyVolume === null || bar.takerBuyVolume === null ? null : takerBuyVolume + bar.takerBuyVolume;
      trades = trades === null || bar.trades === null ? null : trades + bar.trades;
    }
    const closeTimeUs = timestampUs(first.openTimeUs + intervalUs(interval));
    return {
      ...{ ...first, interval, closeTimeUs, high, low, close, volume, takerBuyVolume, trades },
      ...this.#turnoverOf(row, parts),
      // Bars of a file are those of the venue's own history, which knows of no book.
      bookImbalance: null,
      tsEventUs: closeTimeUs,
      tsInitUs: closeTimeUs,
    };
  }

  /** Null where the file has no such columns. */
  #turnoverOf(row: number, parts: number): Pick<Bar, 'quoteVolume' | 'takerBuyQuoteVolume'> {
    const turnover = this.#turnover;
    if (turnover === null) return { quoteVolume: null, takerBuyQuoteVolume: null };
    const sum = (values: readonly bigint[]): bigint =>
      values.slice(row, row + parts).reduce((all, value) => all + value, 0n);
    return { quoteVolume: sum(turnover.quoteVolume), takerBuyQuoteVolume: sum(turnover.takerBuyQuoteVolume) };
  }

  /** How many bars of `interval` end at or before `us`. */
  endedBy(interval: Interval, us: number): number {
    const span = intervalMs(interval);
    return firstIndex(this.count(interval), (index) => (this.openMs(interval, index) + span) * 1_000 > us);
  }
}

function chooseInstrument(path: string, instruments: readonly Instrument[]): Result<Instrument> {
  const named = FILE_NAME.exec(basename(path))?.[1];
  const [only] = instruments;
  const found = named === undefined && instruments.length === 1 ? only : instruments.find(({ id }) => id === named);
  if (found !== undefined) return ok(found);
  const known = instruments.map(({ id }) => id).join(', ');
  return err(
    'history_mismatch',
    named === undefined
      ? `${path}: the recording holds ${known}; name the file <SYMBOL>-<interval>… so that its instrument is known`
      : `${path} is named as bars of ${named}, but the recording holds ${known}`,
  );
}

/**
 * Reads a file of bars, as `readBarFile` does: CSV or JSON, plain, gzip or zip. The interval is told by the spacing; missing bars stay missing.
 * Faults: `history_mismatch` (another symbol, or none), else those of `readBarFile` with `history` for `bars`.
 */
export async function readHistory(path: string, instruments: readonly Instrument[]): Promise<Result<BarHistory>> {
  const instrument = chooseInstrument(path, instruments);
  if (!instrument.ok) return instrument;
  const { id, tick, lot, quote } = instrument.value;
  const terms = { instrument: { id, tick, lot, quote }, interval: null, fromMs: null, toMs: null };
  const file = await readBars(path, { ...terms, withFlow: true, withTurnover: true }, 'history');
  return file.ok ? ok(new BarHistory(file.value)) : file;
}
