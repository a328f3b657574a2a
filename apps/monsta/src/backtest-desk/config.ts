import { z } from 'zod';

const folders = z.array(z.string().min(1)).max(20).default([]);

/** Backtests and optimisations that the running program does, over REST and on the page. The command line has no such bounds. */
export const backtestsConfigSchema = z.strictObject({
  strategyFolders: folders.describe(
    'folders below which strategy files may be backtested, beside the shipped strategies and those that are configured; whoever may write there runs code in MONSTA',
  ),
  dataFolders: folders.describe('folders below which files of bars may be read'),
  memoryMbMax: z
    .number()
    .int()
    .min(64)
    .max(65_536)
    .default(2_048)
    .describe(
      'memory of a backtest’s objects, and of each thread of an optimisation; one that wants more fails alone. Its bars are not counted',
    ),
  optimizationThreads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .describe('threads that run the trials of an optimisation; null: one less than there are cores, at least one'),
  attemptsMax: z
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('starts of a backtest or an optimisation that the program did not survive, before it is given up'),
});
