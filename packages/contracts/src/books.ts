import { EXIT_CAUSES } from '@monsta/core';
import { z } from 'zod';
import { decimal, instrument, timeMs } from './primitives.ts';

/** What the fills of a strategy cost against the prices that they were decided at, since its first order; see docs/execution.md. */
export const slippageSchema = z.object({
  strategyId: z.string(),
  fills: z.number().int().describe('that were measured'),
  lost: decimal.describe('in quote; below 0: gained'),
  bps: z.number().nullable().describe('of what the fills would have been worth; null before the first'),
});

export const feesSchema = z.object({
  byAsset: z.record(z.string(), decimal).describe('what was paid, by asset'),
  otherValue: decimal.describe('those in a third asset, in quote at the time they were paid, where a price was known'),
  unvalued: z.record(z.string(), decimal).describe('the part of those for which no price was known'),
});

/** Maximum adverse and favourable excursion; docs/performance.md has the definitions. */
export const excursionsSchema = z.object({
  adverse: decimal.describe('MAE: the deepest open loss while it was held, in quote, as a positive number'),
  favourable: decimal.describe('MFE: the highest open profit while it was held, in quote'),
  adverseShare: z.number().min(0).describe('MAE as a share of the entry price'),
  favourableShare: z.number().min(0).describe('MFE as a share of the entry price'),
});

/** A position from flat to flat. */
export const roundTripSchema = z.object({
  id: z.string(),
  strategyId: z.string(),
  instrument,
  openedMs: timeMs,
  closedMs: timeMs,
  holdingMs: z.number().int().min(0),
  entryQuantity: decimal.describe('base asset bought'),
  entryValue: decimal.describe('what was paid for it, fees not included'),
  entryPrice: decimal.nullable().describe('the average; null where nothing was bought within it'),
  exitQuantity: decimal,
  exitValue: decimal,
  exitPrice: decimal.nullable(),
  takenAway: decimal.describe('base asset that somebody took away by hand: neither profit nor loss'),
  realizedProfit: decimal.describe('net of fees in base and quote'),
  profit: decimal.nullable().describe('net of all fees; null while a fee in a third asset has no known price'),
  profitAbsence: z.string().nullable().describe('why the profit is not known'),
  fees: feesSchema,
  excursions: excursionsSchema,
  fills: z.number().int().min(0),
  exitOrderId: z.string().nullable().describe('null where its last coins were taken away by hand'),
  exitTag: z.string().nullable().describe('what the closing order was called'),
  exitCause: z.enum(EXIT_CAUSES).nullable().describe('why it was closed; null where the order was not known any more'),
});
export type RoundTripMessage = z.infer<typeof roundTripSchema>;
