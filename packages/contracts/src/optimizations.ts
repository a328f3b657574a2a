import { z } from 'zod';
import { backtestSpecSchema, backtestStatisticsSchema } from './backtests.ts';
import { noteSchema } from './notes/note-schema.ts';
import { count, known, timeMs } from './primitives.ts';

const span = z
  .string()
  .regex(/^\d+(\.\d+)?(%|m|h|d|w)$/, 'a length of time such as 180d, 12h or 4w, or a share of the data such as 40%');

/** How time is cut into what parameters are chosen on and what they are judged on. */
export const walkForwardSchema = z.strictObject({
  train: span.default('40%'),
  test: span.default('10%'),
  /** Training always begins where the data does, and grows. */
  anchored: z.boolean().default(false),
  /** Between the two; belongs to neither. */
  embargo: span.default('0m'),
});

export const earlyStoppingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('median'),
    trialsMin: z.number().int().min(2).max(1_000).default(10),
    checks: z.number().int().min(1).max(20).default(4),
  }),
  z.strictObject({
    kind: z.literal('halving'),
    keepOneIn: z.number().int().min(2).max(10).default(3),
    checks: z.number().int().min(1).max(5).default(2),
  }),
]);

/** What an optimisation is to do, all of it: the same specification on the same data gives the same result, however many threads run it. */
export const optimizationSpecSchema = z.strictObject({
  /** What each trial is. Its `params` are those of the parameters that are not searched. */
  backtest: backtestSpecSchema,
  /** What is searched: by parameter `[from, to]`, `{from, to, step, log}`, `{values}` or a list of options. Null: all that is a number or true or false, over all that the strategy allows. */
  space: z.record(z.string(), z.unknown()).nullable().default(null),
  sampler: z.enum(['grid', 'random', 'tpe', 'cma-es']).default('tpe'),
  /** In each window. */
  trials: z.number().int().min(1).max(100_000).default(200),
  /** A statistic of docs/statistics.md, with `:max` or `:min` behind it where the better way is not meant. */
  objective: z.string().min(1).max(80).default('sharpe'),
  /** Null: parameters are chosen on all bars, and nothing says what the choice is worth. */
  walkForward: walkForwardSchema.nullable().prefault({}),
  earlyStopping: earlyStoppingSchema.prefault({ kind: 'none' }),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  /** A sampler is told of all trials but the newest so many before it is asked for the next: at most so many run at once. */
  ahead: z.number().int().min(1).max(256).default(8),
  /** Steps on each side of the best that the map of its neighbourhood shows; 0: no map. */
  mapReach: z.number().int().min(0).max(10).default(3),
  /** Of the report that it leaves in its folder; it changes nothing else. */
  language: z.enum(['en', 'ko'], 'there are en and ko').default('en'),
});
export type OptimizationSpec = z.infer<typeof optimizationSpecSchema>;
/** As it is written down: what is left out has its default. */
export type OptimizationSpecInput = z.input<typeof optimizationSpecSchema>;

const parameterValues = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
const between = z.object({ fromMs: timeMs, toMs: timeMs });

/** What came of the chosen parameters on one span. */
const spanResultSchema = z.object({
  objective: known,
  /** Compounded over a year as the backtest has it. */
  returnAnnual: known,
  statistics: backtestStatisticsSchema.nullable(),
  fault: z.string().nullable(),
});

export const optimizationWindowSchema = z.object({
  train: between,
  test: between.nullable(),
  trials: z.object({ run: count, finished: count, stopped: count, failed: count, refused: count }),
  /** Of the searched parameters; null where no trial has a value. */
  chosen: parameterValues.nullable(),
  inSample: spanResultSchema.nullable(),
  outOfSample: spanResultSchema.nullable(),
  /** What was earned a year out of sample over what was earned a year in sample. */
  efficiency: known,
  /** Of the best trial's Sharpe ratio in sample, against all trials of the window. */
  deflatedSharpe: known,
  probabilityOfOverfitting: known,
  failures: z.array(z.object({ message: z.string(), trials: count })),
});

const axisSchema = z.object({ name: z.string(), values: z.array(z.union([z.number(), z.string(), z.boolean()])) });
export const stabilityMapSchema = z.object({
  rows: axisSchema,
  columns: axisSchema,
  best: z.object({ row: count, column: count }),
  /** Row by row; null where the strategy can't be run, or the objective is not known. */
  objective: z.array(z.array(known)),
  score: known,
});

export const optimizationResultSchema = z.object({
  id: z.string(),
  spec: optimizationSpecSchema,
  assumptions: z.array(noteSchema),
  /** Of the last window: the newest choice. All parameters, those that were not searched too. */
  parameters: parameterValues.nullable(),
  /** How many points the space has; null: without end. */
  spaceSize: z.number().nullable(),
  trials: z.object({ run: count, finished: count, stopped: count, failed: count, refused: count, remembered: count }),
  windows: z.array(optimizationWindowSchema),
  /** All tests, one after another, each with the cash that the one before ended with; null without tests. */
  outOfSample: z
    .object({
      statistics: backtestStatisticsSchema,
      /** Against all trials of all windows, and those of earlier optimisations of the same strategy on the same data. */
      deflatedSharpe: known,
      /** As of a backtest. */
      honesty: z.record(z.string(), z.unknown()),
      efficiency: known,
      equity: z.object({
        timeMs: z.array(timeMs),
        equity: z.array(z.number()),
        benchmark: z.array(z.number()),
      }),
    })
    .nullable(),
  /** Mean over the windows. */
  probabilityOfOverfitting: known,
  map: z.array(stabilityMapSchema),
  /** Mean score of the maps. */
  stability: known,
  warnings: z.array(noteSchema),
  run: z.object({
    workers: count,
    durationMs: z.number(),
    barEvaluations: z.number(),
    memoryPeakBytes: z.number(),
  }),
});
export type OptimizationResult = z.infer<typeof optimizationResultSchema>;
