import {
  assetId,
  emptyBarSeries,
  instrumentId,
  MS_PER_MINUTE,
  quantity,
  seededRandom,
  timestampUs,
  type BarSeries,
} from '@monsta/core';

/** Bars of a minute of a random walk around 30,000, in cents, in memory that threads share. */
export function minuteBars(count: number, seed: number): BarSeries {
  const instrument = {
    id: instrumentId('BTCUSDT'),
    base: assetId('BTC'),
    quote: assetId('USDT'),
    tick: { units: 1, scale: 2 },
    lot: { units: 1, scale: 8 },
    quantityMin: quantity(1),
    quantityMax: quantity(Number.MAX_SAFE_INTEGER),
    marketQuantityMax: null,
    notionalMin: null,
    notionalMax: null,
    status: 'trading',
    version: 1,
    validFromUs: timestampUs(0),
  } as const;
  const series = emptyBarSeries(instrument, '1m', count, true);
  const random = seededRandom(seed);
  let close = 3_000_000;
  for (let index = 0; index < count; index += 1) {
    const open = close;
    close = Math.max(1_000, Math.round(open * (1 + 0.0008 * random.gaussian())));
    series.openTimeMs[index] = 1_704_067_200_000 + index * MS_PER_MINUTE;
    series.open[index] = open;
    series.high[index] = Math.max(open, close) + random.integer(800);
    series.low[index] = Math.min(open, close) - random.integer(800);
    series.close[index] = close;
    series.volume[index] = 100_000_000 + random.integer(900_000_000);
  }
  return series;
}
