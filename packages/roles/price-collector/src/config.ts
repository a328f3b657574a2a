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
