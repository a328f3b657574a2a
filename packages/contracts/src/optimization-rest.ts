import { z } from 'zod';
import { backtestSummarySchema } from './backtests.ts';
import { optimizationResultSchema, optimizationSpecSchema } from './optimizations.ts';

/** What is listed of an optimisation: beside what a backtest has, what was searched for and how. */
export const optimizationSummarySchema = backtestSummarySchema.extend({
  objective: z.object({
    name: z.string().describe('a statistic of docs/statistics.md'),
    better: z.enum(['max', 'min']).nullable().describe('null: this version does not know the statistic'),
  }),
  sampler: optimizationSpecSchema.shape.sampler,
  trialsMax: z.number().int().describe('in each window'),
  tested: z
    .boolean()
    .describe(
      'true: `statistics` are out of sample; false: no bars were held back, and they are of the bars chosen on',
    ),
});
export type OptimizationSummary = z.infer<typeof optimizationSummarySchema>;

/** An optimisation and, once it is done, what came of it. Paths are those below the folders that the configuration names. */
export const optimizationDetailSchema = optimizationSummarySchema.extend({
  spec: optimizationSpecSchema,
  result: optimizationResultSchema.omit({ id: true, spec: true }).nullable(),
});
export type OptimizationDetail = z.infer<typeof optimizationDetailSchema>;
