import { INTERVALS } from '@monsta/core';
import { z } from 'zod';

const bars = (fallback: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(200_000)
    .default(fallback)
    .describe('closed bars of this interval fetched at start, and kept');
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
  barDays: z
    .strictObject({ '1m': barDays, '5m': barDays, '15m': barDays, '1h': barDays, '4h': barDays, '1d': barDays })
    .prefault({}),
  tradeDays: days('trades'),
});
export type Retention = z.infer<typeof retentionSchema>;

/** What is stored of the market, and how. */
const storeConfigSchema = z.strictObject({
  intervals: z
    .array(z.enum(INTERVALS))
    .max(INTERVALS.length)
    .default([...INTERVALS])
    .describe('closed bars of these intervals go into the catalogue; none: []'),
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
  historyBars: z
    .strictObject({
      '1m': bars(1_500),
      '5m': bars(10_000),
      '15m': bars(1_000),
      '1h': bars(8_760),
      '4h': bars(1_000),
      '1d': bars(365),
    })
    .prefault({}),
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
