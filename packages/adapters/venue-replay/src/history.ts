import { basename } from 'node:path';
import {
  err,
  INTERVALS,
  intervalMs,
  intervalUs,
  ok,
  price,
  timestampUs,
  usFromMs,
  type Bar,
  type Instrument,
  type InstrumentId,
  type Interval,
  type Result,
} from '@monsta/core';
import { Column, firstIndex } from './columns.ts';
import { eachLine, readDataFile } from './data-files.ts';
import { PayloadError, UNIT_SCALE, unitsOf } from './recorded-payloads.ts';

/** Times above this are microseconds: Binance's archive has them since 2025. In milliseconds it would be the year 5138. */
const MICROSECONDS_FROM = 1e14;
const SIMPLE_COLUMNS = 6;
const ARCHIVE_COLUMNS = 12;
const ROW = /^\d/;
const FILE_NAME = /^([A-Z0-9]{5,20})-\d+[mhdwM]/;

/** Volumes in bar files go up to 8 digits; they are held in units of 10^-8, which is also how bars carry them. */
const volumeOf = (units: number): bigint => BigInt(units);

/** Bars of one instrument and interval from a file, in columns; `quote…` and `taker…` are −1 where the file doesn't say. */
export class BarHistory {
  readonly instrument: InstrumentId;
  readonly openTimeMs = new Column();
  readonly prices: readonly [Column, Column, Column, Column] = [new Column(), new Column(), new Column(), new Column()];
  readonly volume = new Column();
  readonly quoteVolume: bigint[] = [];
  readonly takerVolume: bigint[] = [];
  readonly takerQuoteVolume: bigint[] = [];
  readonly trades: number[] = [];
  #interval: Interval = '1m';
  readonly #coarse = new Map<Interval, Column>();

  constructor(instrument: InstrumentId) {
    this.instrument = instrument;
  }

  get interval(): Interval {
    return this.#interval;
  }

  get length(): number {
    return this.openTimeMs.length;
  }

  setInterval(interval: Interval): void {
    this.#interval = interval;
  }

  /** Bars of `interval` that this history can give: its own, or coarser ones all of whose parts are there. */
  count(interval: Interval): number {
    return interval === this.#interval ? this.length : this.#starts(interval).length;
  }

  openMs(interval: Interval, index: number): number {
    return this.openTimeMs.at(interval === this.#interval ? index : this.#starts(interval).at(index));
  }

  /** The index-th bar of `interval`, closed. */
  bar(interval: Interval, index: number): Bar {
    if (interval === this.#interval) return this.#merge(interval, index, 1);
    const parts = intervalMs(interval) / intervalMs(this.#interval);
    return this.#merge(interval, this.#starts(interval).at(index), parts);
  }

  /** Row of the first part of each complete coarser bar. */
  #starts(interval: Interval): Column {
    const known = this.#coarse.get(interval);
    if (known !== undefined) return known;
    const starts = new Column();
    const span = intervalMs(interval);
    const own = intervalMs(this.#interval);
    if (span % own === 0 && span > own) {
      const parts = span / own;
      for (let row = 0; row + parts <= this.length; row += 1) {
        const openMs = this.openTimeMs.at(row);
        if (openMs % span === 0 && this.openTimeMs.at(row + parts - 1) === openMs + span - own) starts.push(row);
      }
    }
    this.#coarse.set(interval, starts);
    return starts;
  }

  #merge(interval: Interval, row: number, parts: number): Bar {
    const [open, high, low, close] = this.prices;
    let highest = high.at(row);
    let lowest = low.at(row);
    let volume = 0n;
    for (let part = row; part < row + parts; part += 1) {
      highest = Math.max(highest, high.at(part));
      lowest = Math.min(lowest, low.at(part));
      volume += volumeOf(this.volume.at(part));
    }
    const openTimeUs = usFromMs(this.openTimeMs.at(row));
    const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
    const trades = this.trades.slice(row, row + parts);
    return {
      kind: 'bar',
      instrument: this.instrument,
      interval,
      openTimeUs,
      closeTimeUs,
      open: price(open.at(row)),
      high: price(highest),
      low: price(lowest),
      close: price(close.at(row + parts - 1)),
      volume,
      quoteVolume: sum(this.quoteVolume, row, parts),
      takerBuyVolume: sum(this.takerVolume, row, parts),
      takerBuyQuoteVolume: sum(this.takerQuoteVolume, row, parts),
      trades: trades.length === parts ? trades.reduce((total, count) => total + count, 0) : null,
      firstTradeId: null,
      lastTradeId: null,
      closed: true,
      tsEventUs: closeTimeUs,
      tsInitUs: closeTimeUs,
    };
  }

  /** How many bars of `interval` end at or before `us`. */
  endedBy(interval: Interval, us: number): number {
    const span = intervalMs(interval);
    return firstIndex(this.count(interval), (index) => (this.openMs(interval, index) + span) * 1_000 > us);
  }
}

/** Null where the file has no such column. */
function sum(values: readonly bigint[], from: number, count: number): bigint | null {
  if (values.length < from + count) return null;
  let total = 0n;
  for (let index = from; index < from + count; index += 1) total += values[index] ?? 0n;
  return total;
}

function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new PayloadError(`${what} is no whole number`);
  return value;
}

function onGrid(text: string, what: string, tick: Instrument['tick']): number {
  const steps = unitsOf(text, what) / (tick.units * 10 ** (UNIT_SCALE - tick.scale));
  if (!Number.isInteger(steps)) {
    throw new PayloadError(`${what} ${text} is no multiple of the tick ${tick.units / 10 ** tick.scale}`);
  }
  return steps;
}

/** Archives write volumes with up to 8 digits; a plain CSV may have been written with a binary tail, which is refused. */
function addRow(history: BarHistory, cells: readonly string[], tick: Instrument['tick']): void {
  if (cells.length !== SIMPLE_COLUMNS && cells.length !== ARCHIVE_COLUMNS) {
    throw new PayloadError(`${cells.length} columns; a bar has 6 or 12`);
  }
  const cell = (index: number): string => cells[index] ?? '';
  const time = wholeNumber(cell(0), 'the open time');
  const openMs = time >= MICROSECONDS_FROM ? time / 1_000 : time;
  if (!Number.isInteger(openMs)) throw new PayloadError('the open time is no whole millisecond');
  const before = history.length === 0 ? -1 : history.openTimeMs.at(history.length - 1);
  if (openMs <= before) throw new PayloadError('the open time is not after that of the line before it');
  const open = onGrid(cell(1), 'open', tick);
  const high = onGrid(cell(2), 'high', tick);
  const low = onGrid(cell(3), 'low', tick);
  const close = onGrid(cell(4), 'close', tick);
  if (low > Math.min(open, close) || high < Math.max(open, close) || low === 0) {
    throw new PayloadError('low and high do not enclose open and close, or a price is zero');
  }
  const volume = unitsOf(cell(5), 'volume');
  const archive =
    cells.length === ARCHIVE_COLUMNS
      ? {
          quote: parseVolume8(cell(7), 'quote volume'),
          trades: wholeNumber(cell(8), 'number of trades'),
          taker: parseVolume8(cell(9), 'taker buy volume'),
          takerQuote: parseVolume8(cell(10), 'taker buy quote volume'),
        }
      : null;
  history.openTimeMs.push(openMs);
  const [opens, highs, lows, closes] = history.prices;
  opens.push(open);
  highs.push(high);
  lows.push(low);
  closes.push(close);
  history.volume.push(volume);
  if (archive === null) return;
  history.quoteVolume.push(archive.quote);
  history.trades.push(archive.trades);
  history.takerVolume.push(archive.taker);
  history.takerQuoteVolume.push(archive.takerQuote);
}

/** Turnover of a day can be above 2^53 units of 10^-8. */
function parseVolume8(text: string, what: string): bigint {
  const match = /^(\d{1,24})(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null) throw new PayloadError(`${what} is no decimal number with at most 8 fractional digits`);
  return BigInt(`${match[1] ?? '0'}${(match[2] ?? '').padEnd(UNIT_SCALE, '0')}`);
}

/** The smallest distance between two bars, if it is an interval that MONSTA knows and all others are multiples of it. */
function detectInterval(history: BarHistory, path: string): Result<Interval> {
  let smallest = Number.POSITIVE_INFINITY;
  for (let row = 1; row < history.length; row += 1) {
    smallest = Math.min(smallest, history.openTimeMs.at(row) - history.openTimeMs.at(row - 1));
  }
  const interval = INTERVALS.find((known) => intervalMs(known) === smallest);
  if (interval === undefined) {
    return err(
      'history_corrupt',
      `${path}: the bars lie ${smallest} ms apart at the closest, which is none of ${INTERVALS.join(', ')}`,
    );
  }
  for (let row = 0; row < history.length; row += 1) {
    const openMs = history.openTimeMs.at(row);
    if (openMs % smallest !== 0) {
      return err('history_corrupt', `${path}: the bar at ${openMs} does not open on a whole ${interval}`);
    }
  }
  return ok(interval);
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
 * Reads a file of bars: `openTimeMs,open,high,low,close,volume` or Binance's 12-column archive layout, ms or µs, with or without a header
 * line, plain or gzip. The interval is told by the spacing; missing bars stay missing.
 * Faults: `history_missing`, `history_unreadable`, `history_truncated`, `history_corrupt` (file, line and what), `history_empty`,
 * `history_mismatch`, `history_too_large`.
 */
export async function readHistory(path: string, instruments: readonly Instrument[]): Promise<Result<BarHistory>> {
  const instrument = chooseInstrument(path, instruments);
  if (!instrument.ok) return instrument;
  const bytes = await readDataFile(path, 'history');
  if (!bytes.ok) return bytes;
  const history = new BarHistory(instrument.value.id);
  const { tick } = instrument.value;
  const lines = eachLine(bytes.value, (start, end, number) => {
    const text = bytes.value.toString('utf8', start, end);
    if (number === 1 && !ROW.test(text)) return ok(null);
    try {
      addRow(history, text.split(','), tick);
      return ok(null);
    } catch (thrown) {
      if (!(thrown instanceof PayloadError)) throw thrown;
      return err('history_corrupt', `${path}, line ${number}: ${thrown.message}`, {
        details: { file: path, line: number },
      });
    }
  });
  if (!lines.ok) return lines;
  if (history.length < 2) return err('history_empty', `${path} holds fewer than two bars`);
  if (history.trades.length !== 0 && history.trades.length !== history.length) {
    return err('history_corrupt', `${path} mixes rows of 6 and of 12 columns`);
  }
  const interval = detectInterval(history, path);
  if (!interval.ok) return interval;
  history.setInterval(interval.value);
  return ok(history);
}
