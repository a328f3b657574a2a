import { z } from 'zod';

const ms = (fallback: number) => z.number().int().min(1).max(86_400_000).default(fallback);

/** Settings of the Binance market-data client. Times are milliseconds; an unknown key is an error. */
export const binanceMarketDataConfigSchema = z.strictObject({
  depthLimit: z
    .union([z.literal(100), z.literal(500), z.literal(1000), z.literal(5000)])
    .default(1000)
    .describe(
      'levels asked of the REST snapshot of the book; its request weight is 5 for 100, 25 for 500, 50 for 1000, 250 for 5000',
    ),
  depthBufferMax: z
    .number()
    .int()
    .min(10)
    .max(100_000)
    .default(2_000)
    .describe(
      'changes of the book held while a snapshot is fetched; when full the oldest is dropped and a newer snapshot is needed',
    ),
  staleAfterMs: ms(15_000).describe(
    'an instrument without a dated event for this long, on the venue’s clock, is stale',
  ),
  silenceMaxMs: ms(30_000).describe(
    'a connection without any frame or ping for this long is dead; the venue pings every 20 s',
  ),
  openTimeoutMs: ms(10_000).describe('how long opening a connection may take'),
  connectionAgeMaxMs: ms(23 * 3_600_000).describe(
    'a connection this old is taken over by a new one; the venue cuts it at 24 h',
  ),
  handoverMs: ms(3_000).describe('both connections deliver for this long when one takes over from the other'),
  reconnectDelayMinMs: ms(500).describe('first wait before connecting again; it doubles, with jitter'),
  reconnectDelayMaxMs: ms(30_000).describe('longest wait before connecting again'),
  connectionStableMs: ms(60_000).describe(
    'a connection that lived this long starts the next series of waits from the shortest',
  ),
  streamsPerConnectionMax: z
    .number()
    .int()
    .min(9)
    .max(1_024)
    .default(270)
    .describe('streams asked of one connection; the venue allows 1024, the length of the URL is what counts'),
  requestTimeoutMs: ms(10_000).describe('one REST call, from sending to the last byte'),
  requestAttemptsMax: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(4)
    .describe('attempts of one REST call, the first included'),
  requestsAtOnceMax: z.number().int().min(1).max(50).default(4).describe('REST calls under way at once'),
  requestQueueMax: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe('REST calls waiting for a place; one more fails with venue_limited'),
  weightPerMinuteMax: z
    .number()
    .int()
    .min(50)
    .default(6_000)
    .describe('request weight a minute that the venue allows an address'),
  weightUsePercent: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(80)
    .describe('the part of it that is used, in percent; the history’s background work stops at two thirds of that'),
  repairTradesMax: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(50_000)
    .describe('trades fetched to repair one gap; a longer one is reported as a gap'),
  repairTimeoutMs: ms(60_000).describe('a gap not repaired within this time is reported as a gap'),
  repairBufferMax: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(50_000)
    .describe('live trades held while a gap is repaired; with one more the gap is reported and the feed goes on'),
  clockSyncIntervalMs: ms(60_000).describe('how often the venue’s clock is asked'),
});

export type BinanceMarketDataConfig = z.infer<typeof binanceMarketDataConfigSchema>;
export type BinanceMarketDataSettings = z.input<typeof binanceMarketDataConfigSchema>;
