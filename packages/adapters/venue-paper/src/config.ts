import { DEFAULT_FILL_MODEL } from '@monsta/matching';
import { z } from 'zod';

const ppm = (most: number) => z.number().int().min(0).max(most);

/** How the paper venue fills, and what a new account begins with. Rates are parts per million: 1000 = 0.1 %. */
export const paperVenueConfigSchema = z.strictObject({
  startingBalances: z
    .record(
      z.string().regex(/^[A-Z0-9]{1,20}$/, 'an asset in capitals, e.g. USDT'),
      z
        .string()
        .regex(/^\d{1,18}(\.\d{1,8})?$/, 'a plain decimal amount with at most 8 fractional digits, e.g. "10000"'),
    )
    .default({ USDT: '10000' })
    .describe('what a new paper account holds; one that exists already keeps what it has'),
  takerFeePpm: ppm(100_000).default(DEFAULT_FILL_MODEL.takerFeePpm).describe('fee of what fills on arrival'),
  makerFeePpm: ppm(100_000).default(DEFAULT_FILL_MODEL.makerFeePpm).describe('fee of what fills at rest'),
  slippagePpm: ppm(100_000).default(DEFAULT_FILL_MODEL.slippagePpm).describe('how far from the touch a taker fills'),
  beyondTouchSlippagePpm: ppm(500_000)
    .nullable()
    .default(DEFAULT_FILL_MODEL.beyondTouchSlippagePpm)
    .describe('how much further for what the quote does not show; null: that part expires'),
  quoteAgeMsMax: z
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(DEFAULT_FILL_MODEL.quoteAgeMsMax)
    .describe('an order that meets a quote older than this is rejected'),
  feeAsset: z
    .enum(['received', 'quote'])
    .default(DEFAULT_FILL_MODEL.feeAsset)
    .describe('received: fees are taken from what a fill brings; quote: always from the quote asset'),
});
export type PaperVenueConfig = z.infer<typeof paperVenueConfigSchema>;
