import { specFlags } from '../backtest/spec-flags.ts';
import type { FlagSpec } from '../cli/arguments.ts';
import { searchFlags } from '../optimize/flags.ts';
import { dataFlags } from './account-flags.ts';

/** The flags of `monsta optimize`: those of a backtest, and how it is searched. */
export const optimizeFlags: Readonly<Record<string, FlagSpec>> = {
  ...specFlags,
  ...searchFlags,
  workers: { type: 'string', value: 'N', help: 'threads that run trials (default: one for each core)' },
  'stuck-after-s': {
    type: 'string',
    value: 'N',
    help: 'a strategy that plays no bar for so many seconds is cut off, and its trial has failed (default 30)',
  },
  resume: { type: 'string', value: 'ID', help: 'go on with one that was ended; it has its own specification' },
  ...dataFlags,
};
