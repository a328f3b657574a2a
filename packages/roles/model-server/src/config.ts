import { intervalIssue, intervalMs, INTERVALS, MS_PER_DAY, MS_PER_HOUR } from '@monsta/core';
import { z } from 'zod';
import { EXECUTOR_NAMES, readParameters } from './executor-kinds.ts';

const wholeMs = (least: number, most: number) => z.number().int().min(least).max(most);

/** What is forecast, how models are trained and scored, and when the feed counts as stale. Times of the market are the venue's. */
export const modelServerConfigSchema = z
  .strictObject({
    instruments: z
      .array(z.string().regex(/^[A-Z0-9]{1,30}$/, 'a symbol in capitals, e.g. BTCUSDT'))
      .min(1)
      .nullable()
      .default(null)
      .describe('null: every instrument that is collected'),
    intervals: z
      .array(z.enum(INTERVALS, { error: intervalIssue }))
      .min(1)
      .default(['5m', '1h'])
      .describe('one model for each'),
    horizonMs: wholeMs(60_000, 30 * MS_PER_DAY)
      .default(MS_PER_HOUR)
      .describe('how far ahead the direction is forecast'),
    historyBarsMax: z.number().int().min(1_000).max(200_000).default(60_000).describe('newest bars to train on'),
    trainRowsMin: z.number().int().min(100).max(100_000).default(500).describe('rows of the first fold’s training'),
    testRowsMin: z.number().int().min(100).max(100_000).default(500).describe('rows scored out of sample'),
    folds: z.number().int().min(2).max(100).default(10).describe('tests of the walk-forward scoring'),
    executors: z
      .array(
        z.strictObject({
          name: z.enum(EXECUTOR_NAMES).describe('the kind of model'),
          parameters: z
            .record(z.string(), z.unknown())
            .default({})
            .describe('its hyper-parameters; none: those that suit prices, see models.md'),
          featureSet: z
            .string()
            .min(1)
            .max(1_000)
            .nullable()
            .default(null)
            .describe(
              'what it learns from: `core`, `standard`, `flow`, or a JSON file that declares a set; null: core for logistic-regression, standard for trees',
            ),
        }),
      )
      .min(1)
      .max(20)
      .default(() => EXECUTOR_NAMES.map((name) => ({ name, parameters: {}, featureSet: null })))
      .describe('a model of each for each instrument and interval'),
    keptMax: z
      .number()
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('models kept of each line, the one that serves included'),
    trainingMsMax: wholeMs(10_000, MS_PER_DAY)
      .default(MS_PER_HOUR / 2)
      .describe('a training that takes longer is given up and tried again later'),
    trainingMemoryMbMax: z
      .number()
      .int()
      .min(128)
      .max(65_536)
      .default(1_024)
      .describe('of the objects of the thread that trains; columns of numbers are not counted'),
    calibrationHorizonsMin: z
      .number()
      .int()
      .min(100)
      .max(100_000)
      .default(1_000)
      .describe('forecasts out of sample that do not overlap, fewer of which calibrate nothing'),
    resamples: z.number().int().min(200).max(20_000).default(2_000).describe('of the block bootstrap'),
    feeBps: z.number().min(0).max(1_000).default(10).describe('of one side of a trade, where a model’s vote is judged'),
    slippageBps: z.number().min(0).max(1_000).default(2).describe('the same, beyond the fee'),
    retrainMs: wholeMs(MS_PER_HOUR, 365 * MS_PER_DAY)
      .default(MS_PER_DAY)
      .describe('a model is trained anew after this long, of the venue’s time'),
    retryMs: wholeMs(100, 60_000).default(1_000).describe('first wait before training is tried again; it doubles'),
    retryMsMax: wholeMs(1_000, MS_PER_HOUR).default(60_000).describe('longest wait before training is tried again'),
    barOverdueMs: wholeMs(1_000, MS_PER_HOUR)
      .default(30_000)
      .describe('a closed bar later than this, on the venue’s time, makes the feed stale'),
    otherBarWaitMs: wholeMs(0, 30_000)
      .default(5_000)
      .describe(
        'a bar waits so long, on the venue’s time, for those of other instruments that its features read; then nothing is said',
      ),
    watchMs: wholeMs(500, 60_000).default(5_000).describe('how often staleness is judged'),
  })
  .superRefine((config, context) => {
    const repeated = config.instruments?.find((each, index, all) => all.indexOf(each) !== index);
    if (repeated !== undefined)
      context.addIssue({ code: 'custom', path: ['instruments'], message: `${repeated} is named twice` });
    for (const [index, executor] of config.executors.entries()) {
      const read = readParameters(executor);
      if (!read.ok)
        context.addIssue({ code: 'custom', path: ['executors', index, 'parameters'], message: read.fault.message });
      if (config.executors.findIndex(({ name }) => name === executor.name) !== index)
        context.addIssue({ code: 'custom', path: ['executors', index], message: `${executor.name} is named twice` });
    }
    if (config.otherBarWaitMs > config.barOverdueMs)
      context.addIssue({
        code: 'custom',
        path: ['otherBarWaitMs'],
        message: `it is longer than bar_overdue_ms (${config.barOverdueMs}), after which nothing is said anyway`,
      });
    for (const [index, interval] of config.intervals.entries()) {
      if (config.horizonMs % intervalMs(interval) !== 0)
        context.addIssue({
          code: 'custom',
          path: ['intervals', index],
          message: `the horizon of ${config.horizonMs} ms is no whole number of ${interval} bars; drop the interval or lengthen horizonMs`,
        });
      if (config.intervals.indexOf(interval) !== index)
        context.addIssue({ code: 'custom', path: ['intervals', index], message: `${interval} is named twice` });
    }
  });
export type ModelServerConfig = z.infer<typeof modelServerConfigSchema>;
