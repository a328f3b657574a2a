import { z } from 'zod';

/** Descriptions of bars over REST and on the page. The command line has no such bounds. */
export const descriptionConfigSchema = z.strictObject({
  barsMax: z
    .number()
    .int()
    .min(1_000)
    .max(50_000_000)
    .default(3_000_000)
    .describe('bars that are described at most; about 110 bytes each while they are'),
  timeoutMs: z
    .number()
    .int()
    .min(1_000)
    .max(600_000)
    .default(60_000)
    .describe('how long a description may take; then its thread is ended'),
});
export type DescriptionConfig = z.output<typeof descriptionConfigSchema>;
