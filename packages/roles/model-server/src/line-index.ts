import { modelScoreSchema } from '@monsta/contracts';
import { err, ok, timestampUs, type Result } from '@monsta/core';
import type { ModelRecord } from '@monsta/ports';
import { z } from 'zod';
import { keptText, readKeptText } from './kept-text.ts';
import type { ModelLineName } from './line-name.ts';
import type { LineLook } from './looks.ts';

const FORM = 'monsta.models 1';

/** The models of a line that are kept, the newest first, without what they learnt. */
export interface LineIndex {
  /** Number of the newest model ever trained. */
  readonly newest: number;
  /** Null before the first, and of a line that was kept before looks were counted. */
  readonly look: LineLook | null;
  readonly records: readonly ModelRecord[];
}

export const EMPTY_INDEX: LineIndex = { newest: 0, look: null, records: [] };

const count = z.number().int().min(0);

const recordSchema = z.strictObject({
  id: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  features: z.string(),
  state: z.enum(['serving', 'challenger', 'replaced', 'retired']),
  decision: z.strictObject({ code: z.string(), reason: z.string() }),
  comparison: z
    .strictObject({
      rows: count,
      servingLogLoss: z.number(),
      challengerLogLoss: z.number(),
      difference: modelScoreSchema.shape.skill,
      worse: z.boolean(),
    })
    .nullable(),
  score: modelScoreSchema,
  hasVote: z.boolean(),
  bars: count,
  rows: count,
  trainedFromUs: count,
  trainedToUs: count,
  trainedAtUs: count,
  horizonMs: count,
});
const indexSchema = z.strictObject({
  newest: count,
  look: z
    .strictObject({ count: count.min(1), of: z.string(), fromMs: count, toMs: count, bars: count })
    .nullable()
    .default(null),
  records: z.array(recordSchema).max(1_000),
});

export function encodeIndex({ newest, look, records }: LineIndex): string {
  // The line is in the name of the file.
  const kept = records.map((record) => ({ ...record, instrument: undefined, interval: undefined, model: undefined }));
  return keptText(FORM, { newest, look, records: kept });
}

/** The inverse of `encodeIndex`, of a line's. Faults: `model_malformed`, `model_version_unknown`. */
export function decodeIndex(text: string, { instrument, interval, model }: ModelLineName): Result<LineIndex> {
  const read = readKeptText(FORM, text);
  if (!read.ok) return read;
  const parsed = indexSchema.safeParse(read.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return err('model_malformed', `${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'malformed'}`);
  }
  const { newest, look, records } = parsed.data;
  return ok({
    ...{ newest, look },
    records: records.map((record) => ({
      ...record,
      ...{ instrument, interval, model },
      trainedFromUs: timestampUs(record.trainedFromUs),
      trainedToUs: timestampUs(record.trainedToUs),
      trainedAtUs: timestampUs(record.trainedAtUs),
    })),
  });
}
