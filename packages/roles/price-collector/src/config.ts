import { z } from 'zod';

const bars = (fallback: number) => z.number().int().min(0).max(200_000).default(fallback);
const pauseMs = (fallback: number) => z.number().int().min(10).max(600_000).default(fallback);

/** Settings of the price collector. An unknown key is an error. */
export const priceCollectorConfigSchema = z.strictObject({
  /** Symbols in capitals. */
  instruments: z
    .array(z.string().regex(/^[A-Z0-9]{2,20}$/))
    .min(1)
    .max(200)
    .default(['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT']),
  /** Closed bars fetched at start, and kept, for each interval. */
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
  /** Of these the newest come first, for all instruments, so that there is something to look at at once. */
  newestBars: z.number().int().min(1).max(1_000).default(500),
  /** Trades kept in memory for each instrument. */
  tradesKept: z.number().int().min(1).max(100_000).default(2_000),
  /** Levels of each side published. */
  bookDepth: z.number().int().min(1).max(1_000).default(20),
  formingBarIntervalMs: pauseMs(500),
  quoteIntervalMs: pauseMs(100),
  bookIntervalMs: pauseMs(250),
  feedIntervalMs: pauseMs(10_000),
  /** The venue must be there within this time of the start. */
  startTimeoutMs: z.number().int().min(0).max(600_000).default(30_000),
});

export type PriceCollectorConfig = z.infer<typeof priceCollectorConfigSchema>;
export type PriceCollectorSettings = z.input<typeof priceCollectorConfigSchema>;
