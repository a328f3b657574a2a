import { specFlags } from '../backtest/spec-flags.ts';
import type { FlagSpec } from '../cli/arguments.ts';
import { searchFlags } from '../optimize/flags.ts';
import { dataFlags } from './account-flags.ts';
import { reportFlags } from './backtest-flags.ts';

/** The flags of `monsta optimize`: those of a backtest, and how it is searched. */
const optimizeFlags: Readonly<Record<string, FlagSpec>> = {
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

interface OptimizationCommandSpec {
  readonly words: readonly string[];
  readonly summary: string;
  readonly argument?: string;
  readonly flags: Readonly<Record<string, FlagSpec>>;
  /** What of `optimize.ts` or `optimizations.ts` carries it out. */
  readonly run: 'optimize' | 'optimizationsList' | 'optimizationsShow' | 'optimizationsReport' | 'optimizationsDelete';
}

/** `monsta optimize`, and what looks after the results that are kept. */
export const OPTIMIZATION_COMMANDS: readonly OptimizationCommandSpec[] = [
  {
    words: ['optimize'],
    summary: 'searches parameters of a strategy on past data, and tells what they are worth on data not seen before',
    flags: optimizeFlags,
    run: 'optimize',
  },
  {
    words: ['optimizations', 'list'],
    summary: 'lists the optimisations that are kept, newest first',
    flags: dataFlags,
    run: 'optimizationsList',
  },
  {
    words: ['optimizations', 'show'],
    argument: 'ID',
    summary: 'shows a kept optimisation as monsta optimize did',
    flags: dataFlags,
    run: 'optimizationsShow',
  },
  {
    words: ['optimizations', 'report'],
    argument: 'ID',
    summary: 'writes a kept optimisation as one HTML file that stands alone',
    flags: reportFlags,
    run: 'optimizationsReport',
  },
  {
    words: ['optimizations', 'delete'],
    argument: 'ID',
    summary: 'removes a kept optimisation; what it tried stays remembered',
    flags: dataFlags,
    run: 'optimizationsDelete',
  },
];
