import { z } from 'zod';

const ppm = (most: number) => z.number().int().min(0).max(most);

/** How the paper venue fills, and what a new account begins with. Rates are parts per million: 1000 = 0.1 %. */
export const paperVenueConfigSchema = z.strictObject({
  startingBalances: z
    .record(
      z.string().regex(/^[A-Z0-9]{1,20}$/, 'an asset in capitals, e.g. USDT'),
      z
        .string()
        .regex(
          /^\d{1,12}(\.\d{1,8})?$/,
          'a plain decimal amount with at most 12 digits and 8 fractional ones, e.g. "10000"',
        ),
    )
    .default({ USDT: '10000' })
    .describe('what a new paper account holds; one that exists already keeps what it has'),
  takerFeePpm: ppm(100_000).default(1_000).describe('fee of what fills on arrival'),
  makerFeePpm: ppm(100_000).default(1_000).describe('fee of what fills at rest'),
  fillsFrom: z
    .enum(['quotes', 'depth'])
    .default('depth')
    .describe(
      'depth: market orders walk the levels of the book, and places in the queue are known at all of them; quotes: the best bid and ask alone',
    ),
  slippage: z
    .enum(['none', 'rate', 'spread', 'square-root'])
    .default('rate')
    .describe('how a taker fills away from the touch; see paper-trading.md'),
  slippagePpm: ppm(1_000_000)
    .default(50)
    .describe(
      'rate: of the price; spread: of the spread; square-root: of the price, for an order as large as the last minute’s volume',
    ),
  beyondTouchSlippagePpm: ppm(500_000)
    .nullable()
    .default(500)
    .describe('how much further for what the quote does not show; null: that part expires'),
  restingFills: z
    .enum(['through', 'queue', 'queue-probable', 'touch'])
    .default('queue')
    .describe('what fills a resting order; see paper-trading.md'),
  orderLatencyMs: z
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe('how long an order or a cancel is on its way, by the time of the feed'),
  quoteAgeMsMax: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe('an order that meets a quote older than this is rejected'),
  feeAsset: z
    .enum(['received', 'quote'])
    .default('received')
    .describe('of a new account; received: fees are taken from what a fill brings; quote: always from the quote asset'),
});
export type PaperVenueConfig = z.infer<typeof paperVenueConfigSchema>;
