import { z } from 'zod';
import { DESCRIPTION_LAGS, DESCRIPTION_LAGS_MAX } from './description-lags.ts';
import { count, decimal, instrument, interval, known, timeMs } from './primitives.ts';

const p = z.number().min(0).max(1).describe('probability of a value at least as far out if the hypothesis holds');

const tested = z.object({ statistic: z.number(), p });

const distributionSchema = z.object({
  mean: known,
  meanStandardError: known.describe('deviation ÷ √count'),
  deviation: known.describe('divisor count − 1'),
  min: known,
  max: known,
  skewness: known.describe('m₃ ÷ m₂^1.5; 0 for a normal distribution'),
  excessKurtosis: known.describe('m₄ ÷ m₂² − 3; 0 for a normal distribution'),
  jarqueBera: tested.nullable().describe('hypothesis: normal'),
  quantiles: z.array(z.object({ share: z.number(), value: z.number() })),
  histogram: z
    .object({
      low: z.number().describe('where the first bin begins: mean − 5 deviations'),
      width: z.number().describe('of a bin: 0.2 deviations'),
      counts: z.array(count),
      normal: z.array(z.number()).describe('how many a normal distribution of the same mean and deviation has there'),
      below: count.describe('under the first bin'),
      above: count.describe('beyond the last bin'),
    })
    .nullable(),
  normalPlot: z
    .array(
      z.object({
        normal: z.number().describe('quantile of the standard normal distribution'),
        value: z.number().describe('the same quantile of the returns, in deviations from their mean'),
      }),
    )
    .describe('on a straight line where the returns are normal'),
});

const tailSchema = z.object({
  count: count.describe('returns on this side of zero'),
  hill: z.array(
    z.object({
      share: z.number().describe('of the returns on this side that are taken for the tail'),
      order: count.describe('k: how many that is'),
      index: z.number().describe('α: moments of this order and above are infinite'),
      standardError: z.number().describe('α ÷ √k'),
    }),
  ),
  risk: z.array(
    z.object({
      level: z.number(),
      valueAtRisk: z.number().describe('loss, above zero, that is not exceeded with this probability'),
      expectedShortfall: z.number().describe('mean loss where it is'),
      normalValueAtRisk: z.number().describe('what a normal distribution would say'),
    }),
  ),
});

const moveSchema = z.object({
  closeTimeMs: timeMs.describe('of the bar at whose close the move was complete'),
  return: z.number(),
  fromPrice: decimal,
  toPrice: decimal,
});

const criticalSchema = z.array(z.object({ level: z.number(), value: z.number() }));

const adfSchema = z.object({
  statistic: z.number(),
  p,
  lags: count.describe('chosen by AIC'),
  lagsMax: count.describe('that it was chosen from: ⌊12 (n ÷ 100)^¼⌋'),
  observations: count,
  critical: criticalSchema,
});
const kpssSchema = z.object({
  statistic: z.number(),
  p,
  pIs: z.enum(['at_most', 'at_least', 'interpolated']).describe('the published table ends at 0.01 and 0.1'),
  lags: count.describe('of the Bartlett window: ⌈12 (n ÷ 100)^¼⌉'),
  critical: criticalSchema,
});
const stationaritySchema = z.object({
  adf: adfSchema.nullable().describe('augmented Dickey–Fuller with a constant; hypothesis: a unit root'),
  kpss: kpssSchema.nullable().describe('hypothesis: stationary around a level'),
  verdict: z
    .enum(['stationary', 'unit_root', 'both_rejected', 'neither_rejected'])
    .nullable()
    .describe('of both at 5 %'),
});

const column = z.array(z.number());
const correlationSchema = z.object({
  values: column.describe('at lags 1, 2, …'),
  robustErrors: column.describe('standard errors that hold where volatility clusters'),
  ljungBox: z.array(tested).describe('of all lags up to this one; hypothesis: none is correlated'),
  robust: z.array(tested).describe('the same with robust standard errors'),
});

const groupSchema = z.object({
  of: count.describe('hour of the day, UTC, in which the bars open; or day of the week, 1 Monday … 7 Sunday'),
  bars: count,
  returns: count,
  mean: known,
  standardError: known.describe('of the mean'),
  meanAbsolute: known,
  volumeShare: known.describe('of all volume'),
});
const groupsSchema = z.object({
  groups: z.array(groupSchema),
  equalMeans: tested
    .extend({ degrees: count })
    .nullable()
    .describe('hypothesis: the mean return is the same in all of them'),
});

const dailySchema = z.object({
  days: count.describe('of which every return is there'),
  leftOut: count.describe('days that lack one, the first and the last often among them'),
  mean: z.number(),
  median: z.number(),
  lowest: z.object({ dayMs: timeMs, value: z.number() }),
  highest: z.object({ dayMs: timeMs, value: z.number() }),
  dayMs: z.array(timeMs),
  values: column,
});

const missingSchema = z.object({
  expected: count.describe('bars from the first to the last, both included'),
  missing: count,
  gaps: count,
  longest: z.array(z.object({ beforeMs: timeMs, afterMs: timeMs, missing: count })).describe('open times around it'),
  zeroVolume: z.object({
    bars: count,
    runs: count,
    longest: z.array(z.object({ fromMs: timeMs, bars: count })),
  }),
  years: z.array(
    z.object({ year: z.number().int(), expected: count, missing: count, gapsBegun: count, zeroVolume: count }),
  ),
});

export const UNKNOWN_REASONS = ['too_few', 'constant', 'no_volume', 'interval_too_long', 'not_solvable'] as const;

/** Why a figure, or a part of the description, is null or empty. */
const unknownSchema = z.object({
  figure: z.string().describe('where it stands in the description, e.g. tails.lower.hill'),
  reason: z.enum(UNKNOWN_REASONS),
  needed: count.nullable().describe('of too_few: how many there must be'),
  given: count.nullable(),
});
export type UnknownFigure = z.infer<typeof unknownSchema>;

/** What bars of one instrument are like. Definitions, formulas and sources: docs/describe.md. Returns are logarithmic, of closes that are one interval apart; a share of 0.01 is 1 %. */
export const dataDescriptionSchema = z.object({
  instrument,
  interval,
  tick: decimal,
  source: z.object({
    kind: z.enum(['catalogue', 'file']),
    market: z.string().nullable().describe('whose catalogue, as `monsta data list` names it; null of a file'),
    file: z.string().nullable(),
  }),
  simulated: z.boolean().nullable().describe('null: a file does not say where its bars come from'),
  fromMs: timeMs.describe('open of the first bar'),
  toMs: timeMs.describe('close of the last bar'),
  bars: count,
  price: z.object({ first: decimal, last: decimal, low: decimal, high: decimal }),
  closes: z.object({ timeMs: z.array(timeMs), close: column }).describe('for drawing: extremes are kept'),
  returns: z.object({
    count,
    overGaps: count.describe('left out, since bars are missing between the two closes'),
    zero: count,
  }),
  distribution: distributionSchema,
  tails: z.object({ lower: tailSchema, upper: tailSchema, largest: z.array(moveSchema) }),
  stationarity: z.object({ logPrice: stationaritySchema, returns: stationaritySchema }),
  autocorrelation: z.object({
    band: known.describe('1.96 ÷ √count: 95 % of white noise lies within'),
    returns: correlationSchema.nullable(),
    absolute: correlationSchema.nullable(),
    squared: correlationSchema.nullable(),
  }),
  varianceRatios: z
    .array(z.object({ bars: count, ratio: z.number(), z: z.number(), p }))
    .describe('hypothesis: returns are uncorrelated; 1 where they are'),
  volatility: z.object({
    annualised: known.describe('deviation × √(bars in 365 days)'),
    daily: dailySchema.nullable().describe('realised volatility of days, annualised: √(365 Σ r²)'),
  }),
  seasonality: z.object({ hours: groupsSchema.nullable(), weekdays: groupsSchema.nullable() }),
  missing: missingSchema,
  unknown: z.array(unknownSchema),
});
export type DataDescription = z.infer<typeof dataDescriptionSchema>;

/** What the catalogue holds of one instrument. */
export const catalogueEntrySchema = z.object({
  market: z.string().describe('whose: binance, or another market that has a catalogue of its own'),
  kind: z.enum(['bars', 'trades']),
  instrument,
  interval: interval.nullable().describe('null for trades'),
  rows: count,
  first: z.number().int().describe('open time of the first bar, ms; of trades the first id'),
  last: z.number().int().describe('open time of the last bar, ms; of trades the last id'),
  files: count,
  bytes: count,
});
export type CatalogueEntryMessage = z.infer<typeof catalogueEntrySchema>;

const timeUpTo = z.number().int().min(0).max(8_640_000_000_000).optional();
export const dataDescriptionQuerySchema = z.strictObject({
  market: z.string().min(1).max(100).optional().describe('as GET /api/v1/data tells it; without it binance'),
  instrument: z.string().min(1).max(40).describe('the symbol in capitals, e.g. BTCUSDT'),
  interval,
  fromMs: timeUpTo.describe('bars that open at or after it; without it the first'),
  toMs: timeUpTo.describe('bars that open before it; without it the last'),
  lags: z.number().int().min(1).max(DESCRIPTION_LAGS_MAX).default(DESCRIPTION_LAGS).describe('of autocorrelations'),
});
export const dataReportQuerySchema = dataDescriptionQuerySchema.extend({
  language: z.enum(['en', 'ko']).default('en'),
});
