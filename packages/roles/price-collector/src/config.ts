import type { Interval } from '@monsta/core';
import { z } from 'zod';

const DEFAULT_BARS: Readonly<Record<Interval, number>> = {
  '1m': 1_500,
  '5m': 10_000,
  '15m': 1_000,
  '1h': 8_760,
  '4h': 1_000,
  '1d': 365,
};
const bars = (interval: Interval) => z.number().int().min(0).max(100_000).default(DEFAULT_BARS[interval]);

/** How much the collector holds and how often it publishes. */
export const priceCollectorConfigSchema = z.strictObject({
  historyBars: z
    .strictObject({
      '1m': bars('1m'),
      '5m': bars('5m'),
      '15m': bars('15m'),
      '1h': bars('1h'),
      '4h': bars('4h'),
      '1d': bars('1d'),
    })
    .prefault({})
    .describe('bars asked of the venue at the start, for each instrument'),
  tradesKept: z.number().int().min(1).max(100_000).default(1_000).describe('newest trades kept for each instrument'),
  bookDepth: z.number().int().min(1).max(1_000).default(20).describe('levels a side that are published'),
  formingBarIntervalMs: z.number().int().min(50).max(60_000).default(500),
  quoteIntervalMs: z.number().int().min(50).max(60_000).default(100),
  bookIntervalMs: z.number().int().min(50).max(60_000).default(250),
  feedIntervalMs: z
    .number()
    .int()
    .min(1_000)
    .max(60_000)
    .default(10_000)
    .describe('how often an unchanged feed state is said again'),
  repairTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(15_000)
    .describe('a closed bar waits this long for missing ones before it'),
  retryMs: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(2_000)
    .describe('first wait before history is asked for again; it doubles up to a minute'),
});
export type PriceCollectorConfig = z.infer<typeof priceCollectorConfigSchema>;
