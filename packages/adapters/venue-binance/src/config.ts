import { z } from 'zod';

const ms = (fallback: number) => z.number().int().min(1).max(86_400_000).default(fallback);

/** Settings of the Binance market-data client. Times are milliseconds; an unknown key is an error. */
export const binanceMarketDataConfigSchema = z.strictObject({
  /** Levels asked of the REST snapshot. Weight 5 up to 100, 25 up to 500, 50 up to 1000, 250 up to 5000. */
  depthLimit: z.union([z.literal(100), z.literal(500), z.literal(1000), z.literal(5000)]).default(1000),
  /** Changes of the book held while a snapshot is fetched; when full the oldest is dropped and a newer snapshot is needed. */
  depthBufferMax: z.number().int().min(10).max(100_000).default(2_000),
  /** An instrument without a dated event for this long, on the venue's clock, is stale. */
  staleAfterMs: ms(15_000),
  /** A connection without any frame or ping for this long is dead. The venue pings every 20 s. */
  silenceMaxMs: ms(30_000),
  openTimeoutMs: ms(10_000),
  /** The venue cuts a connection at 24 h; a new one takes over before. */
  connectionAgeMaxMs: ms(23 * 3_600_000),
  /** Both connections deliver for this long when one takes over from the other. */
  handoverMs: ms(3_000),
  reconnectDelayMinMs: ms(500),
  reconnectDelayMaxMs: ms(30_000),
  /** A connection that lived this long starts the next series of reconnects from the shortest delay. */
  connectionStableMs: ms(60_000),
  /** Streams asked of one connection; the venue allows 1024, the length of the URL is what counts. */
  streamsPerConnectionMax: z.number().int().min(9).max(1_024).default(270),
  /** One REST call, from sending to the last byte. */
  requestTimeoutMs: ms(10_000),
  /** Attempts of one REST call, the first included. */
  requestAttemptsMax: z.number().int().min(1).max(20).default(4),
  /** Calls under way at once, and calls waiting for a place; one more fails with `venue_limited`. */
  requestsAtOnceMax: z.number().int().min(1).max(50).default(4),
  requestQueueMax: z.number().int().min(1).max(10_000).default(500),
  /** Weight a minute the venue allows an address. */
  weightPerMinuteMax: z.number().int().min(50).default(6_000),
  /** The part of it that is used, in percent; background work (history) stops at two thirds of that. */
  weightUsePercent: z.number().int().min(1).max(100).default(80),
  /** Trades fetched to repair one gap; a longer one is reported as a gap. */
  repairTradesMax: z.number().int().min(1).max(1_000_000).default(50_000),
  /** A gap not repaired within this time is reported as a gap. */
  repairTimeoutMs: ms(60_000),
  /** Live trades held while a gap is repaired; with one more the gap is reported and trading goes on. */
  repairBufferMax: z.number().int().min(10).max(1_000_000).default(50_000),
  /** How often the venue's clock is asked. */
  clockSyncIntervalMs: ms(60_000),
});

export type BinanceMarketDataConfig = z.infer<typeof binanceMarketDataConfigSchema>;
export type BinanceMarketDataSettings = z.input<typeof binanceMarketDataConfigSchema>;
