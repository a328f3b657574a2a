import { msFromUs, type InstrumentId, type Interval, type TimestampUs } from '@monsta/core';
import { z } from 'zod';
import { interval } from './primitives.ts';
import { estimateSchema, listOf, modelScoreSchema } from './schemas.ts';
import { encodeScore, type ScoreValue } from './trading-codecs.ts';

const timeMs = z.number().int().describe('milliseconds since the epoch, UTC');
const count = z.number().int().min(0);

const comparisonSchema = z.object({
  rows: count.describe('the newest rows that neither of the two had learnt from'),
  servingLogLoss: z.number(),
  challengerLogLoss: z.number(),
  difference: estimateSchema.describe('of the new model less the one that served; above zero the new one is worse'),
  worse: z.boolean().describe('true when the whole interval lies above zero'),
});

export const modelSchema = z.object({
  id: z.string(),
  instrument: z.string(),
  interval,
  horizonMs: count,
  model: z.string().describe('the executor'),
  parameters: z.record(z.string(), z.unknown()),
  features: z.string().describe('the set of features that it reads'),
  state: z
    .enum(['serving', 'challenger', 'replaced', 'retired'])
    .describe('challenger: it was not good enough to serve; replaced: it served until another took its place'),
  decision: z.object({ code: z.string(), reason: z.string() }).describe('why it serves, or does not'),
  comparison: comparisonSchema.nullable().describe('beside the model that served when it was trained'),
  score: modelScoreSchema,
  hasVote: z.boolean(),
  bars: count,
  rows: count,
  trainedFromMs: timeMs.describe('open of the oldest bar that it learnt from'),
  trainedToMs: timeMs.describe('close of the newest'),
  trainedAtMs: timeMs,
});
export type ModelMessage = z.infer<typeof modelSchema>;

export const modelsReplySchema = listOf(modelSchema).extend({
  training: z
    .object({
      instrument: z.string(),
      interval,
      model: z.string(),
      share: z.number().min(0).max(1).describe('how much of it is done'),
    })
    .nullable()
    .describe('the training under way'),
});
export type ModelsReply = z.infer<typeof modelsReplySchema>;

/** `record` has the form of the model server's `ModelRecord`. */
export function encodeModelRecord(
  record: Omit<
    ModelMessage,
    'score' | 'trainedFromMs' | 'trainedToMs' | 'trainedAtMs' | 'instrument' | 'parameters' | 'comparison'
  > & {
    readonly instrument: InstrumentId;
    readonly interval: Interval;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly comparison: Readonly<NonNullable<ModelMessage['comparison']>> | null;
    readonly score: ScoreValue;
    readonly trainedFromUs: TimestampUs;
    readonly trainedToUs: TimestampUs;
    readonly trainedAtUs: TimestampUs;
  },
): ModelMessage {
  const { trainedFromUs, trainedToUs, trainedAtUs, score, parameters, ...rest } = record;
  return {
    ...rest,
    parameters: { ...parameters },
    score: encodeScore(score),
    trainedFromMs: msFromUs(trainedFromUs),
    trainedToMs: msFromUs(trainedToUs),
    trainedAtMs: msFromUs(trainedAtUs),
  };
}
