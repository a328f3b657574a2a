import { z } from 'zod';
import { ms, streamConnectionFields } from '../stream-connection-config.ts';

const count = (max: number, fallback: number) => z.number().int().min(1).max(max).default(fallback);

/** Settings of orders and account at Binance. Times are milliseconds; an unknown key is an error. */
export const binanceExecutionConfigSchema = z.strictObject({
  selfTradePrevention: z
    .enum(['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'])
    .default('EXPIRE_MAKER')
    .describe('what the venue ends where two of our orders would trade with each other'),
  outcomeMarginMs: ms(5_000).describe(
    'a request of unknown outcome that the venue does not know this long after its receive window never arrived',
  ),
  outcomeDelayMinMs: ms(250).describe(
    'first wait before the outcome of a request is asked again; it doubles, with jitter',
  ),
  outcomeDelayMaxMs: ms(10_000).describe('longest wait before it is asked again'),
  reportTimeoutMs: ms(5_000).describe(
    'the user stream must report this soon what an answer told; else it is taken for silent and opened anew',
  ),
  tradesGraceMs: ms(1_000).describe(
    'trades that an order is known to have and that have not come by then are asked for',
  ),
  compareIntervalMs: z
    .number()
    .int()
    .min(1)
    .max(120_000)
    .default(60_000)
    .describe(
      'how often open orders, trades and balances are compared with the venue’s: request weight 20, and 6 for each instrument with a stop that waits, while the account stands still; else, and each tenth time, 26 an instrument and 40; a report that was lost has to be found before differences of balances count, which is after 180 s',
    ),
  transferLookupMs: ms(60_000).describe(
    'how long the cause of a movement of money is looked for before it is told as unexplained',
  ),
  startTimeoutMs: ms(60_000).describe('how long the first connection and comparison may take'),
  closeTimeoutMs: ms(15_000).describe('how long requests under way are waited for when trading stops'),
  ordersRememberedMax: count(1_000_000, 10_000).describe('ended orders whose ids are remembered'),
  requestsWaitingMax: count(10_000, 500).describe(
    'orders with a request under way or waiting; one more is refused with venue_busy',
  ),
  ...streamConnectionFields,
});

export type BinanceExecutionConfig = z.infer<typeof binanceExecutionConfigSchema>;
export type BinanceExecutionSettings = z.input<typeof binanceExecutionConfigSchema>;
