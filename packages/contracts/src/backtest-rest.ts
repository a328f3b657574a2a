import { z } from 'zod';
import { backtestSpecSchema, backtestSummarySchema } from './backtests.ts';
import { backtestResultSchema } from './backtest-result.ts';
import { instrument, interval, timeMs } from './primitives.ts';
import { parameterSpecSchema } from './schemas.ts';

/** Most points of a curve of a backtest in one reply. */
export const BACKTEST_POINTS_MAX = 2_000;

export const backtestPointsQuerySchema = z.strictObject({
  points: z
    .number()
    .int()
    .min(10)
    .max(BACKTEST_POINTS_MAX)
    .default(600)
    .describe('most points; of a longer curve the extremes of each stretch, so that no peak and no trough is lost'),
});
export const backtestPricesQuerySchema = backtestPointsQuerySchema.extend({
  instrument: z.string().min(1).max(40).optional().describe('without it the first of the backtest'),
});

export const backtestLanguageQuerySchema = z.strictObject({ language: z.enum(['en', 'ko']).default('en') });

/** What each statistic is called and means. */
export const backtestStatisticListSchema = z.object({
  groups: z.array(z.object({ group: z.string(), label: z.string() })),
  items: z.array(
    z.object({
      name: z.string().describe('under which it stands among the statistics of a backtest'),
      group: z.string(),
      unit: z.enum(['share', 'ratio', 'money', 'count', 'ms']),
      better: z.enum(['higher', 'lower']).nullable().describe('null: neither'),
      label: z.string(),
      meaning: z.string(),
    }),
  ),
});
export type BacktestStatisticList = z.infer<typeof backtestStatisticListSchema>;

/** A backtest and, once it is done, what came of it without its long lists. Paths are those below the folders that the configuration names. */
export const backtestDetailSchema = backtestSummarySchema.extend({
  spec: backtestSpecSchema,
  result: backtestResultSchema.omit({ id: true, createdMs: true, spec: true }).nullable(),
});
export type BacktestDetail = z.infer<typeof backtestDetailSchema>;

/** A curve for looking at, oldest first, in columns of equal length; binary numbers. */
export const backtestCurveSchema = z.object({
  total: z.number().int().describe('points of the whole curve'),
  timeMs: z.array(timeMs),
  equity: z.array(z.number()),
  drawdown: z.array(z.number()).describe('share lost from the highest point before'),
  exposure: z.array(z.number()).describe('value of all positions, a short one below 0'),
  buyAndHold: z.array(z.number()).describe('what buying everything at the beginning and holding it is worth'),
});
export type BacktestCurve = z.infer<typeof backtestCurveSchema>;

/** The prices that a backtest ran on, oldest first, in columns; each bar has the extremes of its stretch. */
export const backtestPricesSchema = z.object({
  instrument,
  total: z.number().int().describe('bars of the whole backtest'),
  openTimeMs: z.array(timeMs),
  open: z.array(z.number()),
  high: z.array(z.number()),
  low: z.array(z.number()),
  close: z.array(z.number()),
});
export type BacktestPrices = z.infer<typeof backtestPricesSchema>;

/** Where the bars of a backtest over REST may come from. */
export const backtestSourceSchema = z.object({
  kind: z.enum(['collected', 'catalogue', 'file']),
  market: z.string().nullable().describe('whose catalogue, as `monsta data list` names it; null of all else'),
  instrument: instrument.nullable().describe('null: a file does not say'),
  interval: interval.nullable(),
  path: z.string().nullable(),
  bars: z.number().int().nullable().describe('that are there now'),
  startMs: timeMs.nullable(),
  endMs: timeMs.nullable(),
});
export type BacktestSource = z.infer<typeof backtestSourceSchema>;

export const backtestStrategySchema = z.object({
  strategy: z.string().describe('what `strategy` of a specification is'),
  from: z.enum(['shipped', 'configured', 'file']),
  description: z.string().nullable(),
  parameterSpecs: z
    .record(z.string(), parameterSpecSchema)
    .nullable()
    .describe('null where it could not be loaded; fault says why'),
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type BacktestStrategy = z.infer<typeof backtestStrategySchema>;

/** What a backtest over REST may be of. */
export const backtestChoicesSchema = z.object({
  strategies: z.array(backtestStrategySchema),
  sources: z.array(backtestSourceSchema),
  truncated: z.boolean().describe('there are more files than are listed'),
});
export type BacktestChoices = z.infer<typeof backtestChoicesSchema>;

export const backtestRemovedSchema = z.object({ removed: z.string() });
