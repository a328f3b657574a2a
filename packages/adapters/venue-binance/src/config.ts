import { z } from 'zod';
import { ms, streamConnectionFields } from './stream-connection-config.ts';

const whole = (min: number, max: number, fallback: number) => z.number().int().min(min).max(max).default(fallback);

/** Settings of what a process shares for one Binance host: REST, request budget, breaker, clock. Times are milliseconds; an unknown key is an error. */
export const binanceRestConfigSchema = z.strictObject({
  addressName: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dots, lines')
    .default('here')
    .describe(
      'names the internet address that requests come from: processes of the same name and cache share its limits',
    ),
  requestTimeoutMs: ms(10_000).describe('one attempt of a REST call, from sending to the last byte'),
  requestAttemptsMax: whole(1, 20, 4).describe(
    'attempts of a call that only reads, the first included; others are sent once',
  ),
  requestsAtOnceMax: whole(1, 64, 8).describe(
    'REST calls under way at once; data and backfill have their percentage of it',
  ),
  requestQueueMax: whole(1, 10_000, 500).describe(
    'calls waiting for their turn, for each of orders, trading, data and backfill; one more fails with venue_limited',
  ),
  tradingWaitMaxMs: ms(5_000).describe(
    'how long an order or another call of trading waits for the budget before it fails with venue_limited',
  ),
  dataWaitMaxMs: ms(90_000).describe('the same for market data'),
  backfillWaitMaxMs: ms(90_000).describe('the same for history'),
  weightPerMinuteMax: whole(50, 10_000_000, 6_000).describe(
    'request weight a minute that the venue allows an address; here and below what the venue lists counts where that is less',
  ),
  rawRequestsPerFiveMinutesMax: whole(10, 100_000_000, 300_000).describe(
    'requests in five minutes that the venue allows an address',
  ),
  ordersPerTenSecondsMax: whole(2, 1_000_000, 100).describe('orders in ten seconds that the venue allows an account'),
  ordersPerDayMax: whole(2, 100_000_000, 200_000).describe('orders a day that the venue allows an account'),
  usePercent: whole(1, 100, 90).describe('the part of each of these limits that is used, in percent'),
  dataPercent: whole(1, 100, 80).describe('the part of the used that market data leaves off at, in percent'),
  backfillPercent: whole(1, 100, 50).describe('the part of the used that history leaves off at, in percent'),
  windowGuardMs: whole(0, 4_000, 1_000).describe(
    'this close to the end of a limit’s window a call counts for the next one too: clocks and ways differ',
  ),
  breakerFailuresMax: whole(1, 1_000, 10).describe(
    'failures in a row (no answer, or status 5xx) after which no call is sent',
  ),
  breakerOpenMs: ms(60_000).describe('how long none is sent then'),
  breakerProbes: whole(1, 100, 5).describe('reads that must succeed after that before all calls are sent again'),
  recvWindowMs: whole(1, 60_000, 5_000).describe(
    'a signed request that reaches the venue later than this after it was signed is refused by it',
  ),
  clockSyncIntervalMs: ms(60_000).describe('how often the venue’s clock is measured'),
  clockSamples: whole(1, 20, 3).describe('times it is asked for one measurement; the fastest answer counts'),
});

export type BinanceRestConfig = z.infer<typeof binanceRestConfigSchema>;
export type BinanceRestSettings = z.input<typeof binanceRestConfigSchema>;

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
  streamLagMaxMs: ms(5_000).describe(
    'a stream that is behind what the others of its instrument show for this long has fallen silent: what is missing is fetched, the connection replaced',
  ),
  ...streamConnectionFields,
  streamsPerConnectionMax: z
    .number()
    .int()
    .min(9)
    .max(1_024)
    .default(270)
    .describe('streams asked of one connection; the venue allows 1024, the length of the URL is what counts'),
  repairTradesMax: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(50_000)
    .describe('trades fetched to repair one gap; a longer one is reported as a gap'),
  repairTimeoutMs: ms(180_000).describe('a gap not repaired within this time is reported as a gap'),
  repairBufferMax: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(50_000)
    .describe('live trades held while a gap is repaired; with one more the gap is reported and the feed goes on'),
  instrumentsRefreshMs: ms(3_600_000).describe(
    'how often the list of instruments with their terms is read again, request weight 20; with jitter',
  ),
  instrumentsDoubtedMs: ms(30_000).describe(
    'least time between two readings of that list when something says that the terms known are old',
  ),
});

export type BinanceMarketDataConfig = z.infer<typeof binanceMarketDataConfigSchema>;
export type BinanceMarketDataSettings = z.input<typeof binanceMarketDataConfigSchema>;

/** Settings of the client of the bulk archive. Times are milliseconds; an unknown key is an error. */
export const binanceArchiveConfigSchema = z.strictObject({
  attemptsMax: whole(1, 20, 4).describe(
    'times that a file is fetched until it is whole and its checksum holds, the first included',
  ),
  fileTimeoutMs: ms(3_600_000).describe('one attempt of a file, from sending to the last byte'),
  stallTimeoutMs: ms(30_000).describe('an attempt of a file in which nothing comes for so long is given up'),
  zipBytesMax: whole(1_000, 1_000_000_000_000, 4_000_000_000).describe('a larger file is not fetched'),
  limitedWaitMaxMs: ms(600_000).describe(
    'how long all together one file, or one question over REST, waits where the exchange says to come back later',
  ),
});

export type BinanceArchiveConfig = z.infer<typeof binanceArchiveConfigSchema>;
