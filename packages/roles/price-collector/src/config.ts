import { INTERVALS, intervalIssue, type Interval } from '@monsta/core';
import { z } from 'zod';

const bars = (fallback: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(200_000)
    .default(fallback)
    .describe('closed bars of this interval fetched at start, and kept, where it is collected');
const intervals = z.array(z.enum(INTERVALS, { error: intervalIssue })).max(INTERVALS.length);

/** A setting of each interval. */
const ofEach = <S extends z.ZodType>(of: (interval: Interval) => S) =>
  z.strictObject(Object.fromEntries(INTERVALS.map((interval) => [interval, of(interval)])) as Record<Interval, S>);

const HISTORY_BARS: Readonly<Record<Interval, number>> = {
  ...{ '1m': 1_500, '3m': 1_000, '5m': 10_000, '15m': 1_000, '30m': 1_000 },
  ...{ '1h': 8_760, '2h': 1_000, '4h': 1_000, '6h': 1_000, '8h': 1_000, '12h': 1_000 },
  ...{ '1d': 365, '3d': 365, '1w': 200 },
};

/** What is built of the market where nothing else is said: each interval costs its share at every trade, and a stream of the venue for each instrument. */
const INTERVALS_COLLECTED: readonly Interval[] = ['1m', '5m', '15m', '1h', '4h', '1d'];

const pauseMs = (fallback: number) => z.number().int().min(10).max(600_000).default(fallback);

const days = (what: string) =>
  z
    .number()
    .int()
    .min(1)
    .max(36_500)
    .nullable()
    .default(null)
    .describe(`${what} that are older by so many days are removed; null: never`);
const barDays = days('bars of this interval');

/** How long the catalogue keeps what is in it. An unknown key is an error. */
export const retentionSchema = z.strictObject({
  barDays: ofEach(() => barDays).prefault({}),
  tradeDays: days('trades'),
});
export type Retention = z.infer<typeof retentionSchema>;

/** What is stored of the market, and how. */
const storeConfigSchema = z.strictObject({
  intervals: intervals
    .nullable()
    .default(null)
    .describe('closed bars of these intervals go into the catalogue; null: of all that are collected; none: []'),
  trades: z.boolean().default(false).describe('every trade goes there too'),
  flushIntervalMs: z
    .number()
    .int()
    .min(100)
    .max(86_400_000)
    .default(300_000)
    .describe('what has closed is stored at least so often; what a crash takes is asked of the venue again'),
  flushRows: z.number().int().min(1).max(1_000_000).default(10_000).describe('and as soon as so many rows wait'),
  bufferRowsMax: z
    .number()
    .int()
    .min(1_000)
    .max(10_000_000)
    .default(200_000)
    .describe(
      'rows that wait while nothing can be stored; with more, the oldest go, and are asked for at the next start',
    ),
  refillDays: z
    .number()
    .int()
    .min(0)
    .max(3_650)
    .default(30)
    .describe('bars missing in the catalogue that are younger are asked of the venue at start'),
  tidyIntervalMs: z
    .number()
    .int()
    .min(1_000)
    .max(604_800_000)
    .default(21_600_000)
    .describe('how often what is too old is removed, and past months are made one file each'),
});
export type StoreConfig = z.infer<typeof storeConfigSchema>;

/** Settings of the price collector. An unknown key is an error. */
export const priceCollectorConfigSchema = z.strictObject({
  instruments: z
    .array(z.string().regex(/^[A-Z0-9]{2,20}$/))
    .min(1)
    .max(200)
    .default(['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT'])
    .describe('symbols in capitals'),
  intervals: intervals
    .min(1)
    .default([...INTERVALS_COLLECTED])
    .describe(
      'bars of these intervals are collected: built, kept and told; a strategy or a model that wants another needs it here',
    ),
  historyBars: ofEach((interval) => bars(HISTORY_BARS[interval])).prefault({}),
  newestBars: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(500)
    .describe('of the history the newest so many come first, for all instruments, so that there is something to see'),
  tradesKept: z.number().int().min(1).max(100_000).default(2_000).describe('trades kept in memory for each instrument'),
  bookDepth: z.number().int().min(1).max(1_000).default(20).describe('levels of each side published'),
  formingBarIntervalMs: pauseMs(500).describe('forming bars are published at most this often'),
  quoteIntervalMs: pauseMs(100).describe('the best bid and ask are published at most this often'),
  bookIntervalMs: pauseMs(250).describe('the book is published at most this often'),
  feedIntervalMs: pauseMs(10_000).describe('the feeds’ states are published at least this often, and on change'),
  store: storeConfigSchema.prefault({}).describe('what goes into the catalogue'),
  startTimeoutMs: z
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(30_000)
    .describe('the venue must answer within this time of the start'),
});

export type PriceCollectorConfig = z.infer<typeof priceCollectorConfigSchema>;
export type PriceCollectorSettings = z.input<typeof priceCollectorConfigSchema>;

/** Intervals that are to be stored though nobody collects them. */
export const storedUncollected = ({ intervals, store }: Pick<PriceCollectorConfig, 'intervals' | 'store'>) =>
  (store.intervals ?? []).filter((interval) => !intervals.includes(interval));
