import { intervalMs, seededRandom, type Interval } from '@monsta/core';
import { emptyBarColumns, writeBar, type BarColumns, type BarValues } from './bar-columns.ts';

export const START_MS = Date.UTC(2024, 0, 1);

/** A seeded random walk of contiguous bars, with `gapsAt` naming the bars before which `gapBars` are missing. */
export function walkColumns(
  seed: number,
  length: number,
  {
    interval = '1h',
    gapsAt = [],
    gapBars = 3,
  }: { interval?: Interval; gapsAt?: readonly number[]; gapBars?: number } = {},
): BarColumns {
  const random = seededRandom(seed);
  const columns = emptyBarColumns(interval, length);
  let close = 100;
  let openTimeMs = START_MS;
  for (let index = 0; index < length; index += 1) {
    if (gapsAt.includes(index)) openTimeMs += gapBars * intervalMs(interval);
    const open = close;
    close *= Math.exp(0.01 * random.gaussian());
    const high = Math.max(open, close) * (1 + 0.002 * random.next());
    const low = Math.min(open, close) * (1 - 0.002 * random.next());
    writeBar(columns, index, { openTimeMs, open, high, low, close, volume: 1 + 10 * random.next() });
    openTimeMs += intervalMs(interval);
  }
  return columns;
}

export function barAt(columns: BarColumns, index: number): BarValues {
  const read = (column: Float64Array): number => {
    const value = column[index];
    if (value === undefined) throw new RangeError(`no bar ${index}`);
    return value;
  };
  return {
    openTimeMs: read(columns.openTimeMs),
    open: read(columns.open),
    high: read(columns.high),
    low: read(columns.low),
    close: read(columns.close),
    volume: read(columns.volume),
    ...(columns.takerBuyVolume === undefined ? {} : { takerBuyVolume: read(columns.takerBuyVolume) }),
    ...(columns.trades === undefined ? {} : { trades: read(columns.trades) }),
    ...(columns.bookImbalance === undefined ? {} : { bookImbalance: read(columns.bookImbalance) }),
  };
}

/** The bars `from … to − 1` as columns of their own. */
export function sliceColumns(columns: BarColumns, from: number, to: number): BarColumns {
  const part = emptyBarColumns(columns.interval, to - from, columns.takerBuyVolume !== undefined);
  for (let index = from; index < to; index += 1) writeBar(part, index - from, barAt(columns, index));
  return part;
}

/** The same bars with taker buys, numbers of trades and book imbalances of a seed, some of them unknown. */
export function withFlow(columns: BarColumns, seed: number): BarColumns {
  const random = seededRandom(seed);
  const known = (value: number): number => (random.next() < 0.01 ? Number.NaN : value);
  return {
    ...columns,
    takerBuyVolume: columns.volume.map((volume) => known(volume * random.next())),
    trades: columns.volume.map(() => known(1 + random.integer(500))),
    bookImbalance: columns.volume.map(() => known(2 * random.next() - 1)),
  };
}
