import { z } from 'zod';
import { backtestSpecSchema, backtestStatisticsSchema, backtestTradeSchema } from './backtests.ts';
import { noteSchema } from './notes/note-schema.ts';
import { instrument, interval, timeMs } from './primitives.ts';
import { fillSchema, orderSchema } from './schemas.ts';

const count = z.number().int().min(0);
const money = z.number().describe('of the quote asset, a binary number');
const share = z.number().nullable().describe('1 is the whole; null: it can’t be known');

export const backtestDataFactsSchema = z.object({
  instrument,
  source: z.string().describe('the file, or catalogue'),
  interval: interval.nullable().describe('null: ticks'),
  bars: count.describe('or recorded events'),
  startMs: timeMs.describe('the first bar opens'),
  endMs: timeMs.describe('the last bar closes'),
  gaps: count.describe('places where bars are missing'),
  missingBars: count,
  emptyBars: count.describe('bars in which nothing was traded'),
});
export type BacktestDataFacts = z.infer<typeof backtestDataFactsSchema>;

export const backtestResultSummarySchema = z.object({
  strategy: z.string().describe('its own name'),
  parameters: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
    .describe('in force, defaults included'),
  instruments: z.array(instrument),
  interval: interval.nullable().describe('of the data; null: ticks'),
  quoteAsset: z.string(),
  startMs: timeMs.describe('trading begins'),
  endMs: timeMs.describe('the last close'),
  bars: count.describe('closes from the start on'),
  warmUpBars: count.describe('that the strategy needs before it is asked'),
  initialCash: money,
  finalEquity: money,
  orders: count,
  fills: count,
  trades: count.describe('closed'),
  tradesOpen: count.describe('at the end'),
  denials: z.record(z.string(), count).describe('orders refused before they were sent, by rule'),
  failures: z
    .array(
      z.object({
        strategyId: z.string(),
        message: z.string(),
        file: z.string().nullable(),
        line: z.number().int().nullable(),
      }),
    )
    .describe('strategies that threw, and were stopped'),
});

const figures = z.object({
  totalReturn: share,
  cagr: share,
  volatilityAnnual: share,
  sharpe: z.number().nullable(),
  maxDrawdown: share,
});

/** A UTC month or year in which there is a point of the curve. */
export const backtestPeriodSchema = z.object({
  fromMs: timeMs,
  return: share,
  profit: money,
  equity: money.describe('at its end'),
  maxDrawdown: share,
  buyAndHoldReturn: share,
  trades: count.describe('closed within it'),
  wins: count,
});

const resampled = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number().nullable().describe('null: without bound'),
});

/** How much of a result luck may have brought about; docs/statistics.md defines each. */
export const backtestHonestySchema = z.object({
  verdict: z.enum(['too-little', 'none', 'not-above-holding', 'some']),
  trials: count.describe('different things tried of this strategy on this data, this one included'),
  days: count,
  sharpeDaily: z.number().nullable(),
  luckySharpe: z.number().nullable(),
  probabilisticSharpe: share,
  deflatedSharpe: share,
  minimumTrackRecordDays: z.number().nullable(),
  resamples: count,
  level: z.number(),
  intervals: z
    .object({
      blockDays: z.number(),
      totalReturn: resampled.nullable(),
      sharpeDaily: resampled.nullable(),
      maxDrawdown: resampled.nullable(),
    })
    .nullable(),
  profitFactor: resampled.nullable(),
  tradeOrder: z
    .object({
      measured: z.number(),
      median: z.number(),
      worst95: z.number(),
      worst99: z.number(),
      worse: z.number(),
      orders: count,
    })
    .nullable(),
  againstHolding: z.object({ excessGrowth: resampled, pValue: z.number() }).nullable(),
});

/** Everything of a result but the long lists; docs/backtesting.md says each field. */
export const backtestResultSchema = z.object({
  id: z.string(),
  createdMs: timeMs,
  version: z.string().describe('the MONSTA that ran it'),
  spec: backtestSpecSchema,
  assumptions: z.array(noteSchema),
  data: z.array(backtestDataFactsSchema),
  summary: backtestResultSummarySchema,
  statistics: backtestStatisticsSchema,
  versusBuyAndHold: z.object({
    strategy: figures,
    buyAndHold: figures,
    excessReturn: share,
    alpha: share,
    beta: z.number().nullable(),
    correlation: z.number().nullable(),
    informationRatio: z.number().nullable(),
  }),
  periods: z.object({ month: z.array(backtestPeriodSchema), year: z.array(backtestPeriodSchema) }),
  honesty: backtestHonestySchema,
  warnings: z.array(noteSchema),
});
export type BacktestResult = z.infer<typeof backtestResultSchema>;

/** A point of the curve a place, all columns of equal length; the first is the beginning with the cash alone. */
export const backtestEquitySchema = z.object({
  timeMs: z.array(timeMs),
  equity: z.array(money),
  exposure: z.array(money),
  buyAndHold: z.array(money),
});

/** What `monsta backtest --json` prints: the result and the long lists, which are null where they were not kept (`--no-records`). */
export const backtestDocumentSchema = backtestResultSchema.extend({
  trades: z.array(backtestTradeSchema),
  orders: z.array(orderSchema).nullable(),
  fills: z.array(fillSchema).nullable(),
  equity: backtestEquitySchema.nullable(),
});
export type BacktestDocument = z.infer<typeof backtestDocumentSchema>;
