import { z } from 'zod';
import { feesSchema, roundTripSchema, slippageSchema } from './books.ts';
import { decimal, timeMs } from './primitives.ts';
import { absenceSchema, LIST_LIMIT_MAX } from './rest.ts';

const spanMs = z.number().int().min(0).max(8_640_000_000_000);

/** Most points of a curve, and most lines of a CSV in one reply. */
export const CURVE_POINTS_MAX = 2_000;
export const EXPORT_LINES_MAX = 50_000;

export const performanceQuerySchema = z.strictObject({
  fromMs: spanMs.optional().describe('without it from the first sample'),
  toMs: spanMs.optional().describe('without it until now'),
  points: z.number().int().min(2).max(CURVE_POINTS_MAX).default(500).describe('most points of the curve'),
  strategy: z.string().min(1).max(100).optional().describe('the id of a strategy; without it the whole account'),
});
export const roundTripsQuerySchema = z.strictObject({
  strategy: z.string().min(1).max(100).optional(),
  instrument: z.string().min(1).max(40).optional().describe('the symbol in capitals, e.g. BTCUSDT'),
  limit: z.number().int().min(1).max(LIST_LIMIT_MAX).default(100),
  cursor: z.string().min(1).max(400).optional().describe('`nextCursor` of the page before'),
});
export const exportQuerySchema = z.strictObject({
  fromMs: spanMs.optional().describe('without it from the first'),
  toMs: spanMs.optional().describe('without it to the newest; both ends are included'),
});

const accountPoint = z.object({
  timeMs,
  equity: decimal,
  cash: decimal,
  exposure: decimal.describe('value of all positions'),
  deposits: decimal.describe('deposits less withdrawals since the first sample'),
  growth: decimal.describe('of one unit of money since the first sample, time-weighted'),
  drawdown: z.number().nullable().describe('share of growth lost from the highest point of the span before it'),
});
const strategyPoint = z.object({
  timeMs,
  realizedProfit: decimal,
  unrealizedProfit: decimal,
  profit: decimal.describe('since ever, in quote'),
});

const tripStatisticsSchema = z.object({
  trips: z.number().int().describe('that closed within the span and whose profit is known'),
  unknownTrips: z.number().int().describe('left out: a fee in a third asset had no known price'),
  won: z.number().int(),
  lost: z.number().int(),
  winRate: z.number().nullable(),
  profit: decimal.describe('net of all fees'),
  grossProfit: decimal,
  grossLoss: decimal,
  profitFactor: z.number().nullable().describe('null where nothing was lost'),
  expectancy: decimal.nullable(),
  averageWin: decimal.nullable(),
  averageLoss: decimal.nullable(),
  averageHoldingMs: z.number().nullable(),
  averageAdverse: decimal.nullable(),
  averageFavourable: decimal.nullable(),
  worstAdverse: decimal.nullable(),
  bestFavourable: decimal.nullable(),
  turnover: decimal.describe('bought and sold, in quote'),
  fees: feesSchema,
});

const summarySchema = z.object({
  fromMs: timeMs.describe('of the first sample of the span'),
  toMs: timeMs.describe('of the last'),
  samples: z.number().int().describe('all of these are in the figures, whatever the number of points'),
  return: z.number().nullable().describe('time-weighted; null for a strategy, which has no equity of its own'),
  profit: decimal.describe('what was made in the span, in quote; deposits and withdrawals are not in it'),
  maxDrawdown: z
    .object({ share: z.number().nullable(), amount: decimal.nullable(), peakMs: timeMs, troughMs: timeMs })
    .nullable()
    .describe('share for the account, amount of profit for a strategy; null while it has never fallen'),
  longestDrawdownMs: z.number().int(),
  currentDrawdown: z.number().nullable(),
  averageExposure: z.number().nullable().describe('share of the equity that was in positions, weighed by time'),
});

/** The equity over time and what follows from it; `curve` and `summary` are null, and `absence` says why, where nothing was sampled. Docs: docs/performance.md. */
export const performanceSchema = z.object({
  strategyId: z.string().nullable(),
  quoteAsset: z.string(),
  curve: z.array(z.union([accountPoint, strategyPoint])).nullable(),
  summary: summarySchema.nullable(),
  absence: absenceSchema.nullable(),
  trips: tripStatisticsSchema,
  slippage: z
    .array(slippageSchema)
    .nullable()
    .describe('of each strategy since its first order, whatever the span; null until the trading role has told'),
});
export type PerformanceReply = z.infer<typeof performanceSchema>;

export const roundTripListSchema = z.object({ items: z.array(roundTripSchema), nextCursor: z.string().nullable() });
