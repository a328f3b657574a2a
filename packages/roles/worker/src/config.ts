import { z } from 'zod';

/** The settings of long jobs. */
export const workerConfigSchema = z.strictObject({
  jobsAtOnce: z
    .number()
    .int()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .describe('jobs that run at once, each on a thread of its own; null: one less than there are cores, at least one'),
  queuedMax: z.number().int().min(1).max(10_000).default(100).describe('jobs that may wait; one more is refused'),
  finishedMax: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe('finished jobs that are remembered; the oldest go first'),
  leaseMs: z
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(30_000)
    .describe('a job whose worker is silent for this long is given to another'),
  drainMs: z
    .number()
    .int()
    .min(0)
    .max(5_000)
    .default(3_000)
    .describe('how long a running job may take to end at a stop; the next start takes it up again'),
});
export type WorkerConfig = z.output<typeof workerConfigSchema>;
