import { specFlags } from '../backtest/spec-flags.ts';
import type { FlagSpec } from '../cli/arguments.ts';
import { dataFlags } from './account-flags.ts';
import { checkFlags } from './check-flags.ts';

type Flags = Readonly<Record<string, FlagSpec>>;

/** The flags of `monsta backtest`. */
const backtestFlags: Flags = {
  ...specFlags,
  out: {
    type: 'string',
    value: 'DIR',
    help: 'also write the report (report.html) there, and trades, orders, fills, equity and months as CSV and as Parquet',
  },
  language: { type: 'string', value: 'CODE', help: 'of the report: en or ko (default en)' },
  ...checkFlags,
  'no-records': {
    type: 'boolean',
    help: 'keep summary, statistics and trades alone: faster, and smaller; no orders, fills and equity curve',
  },
  resume: { type: 'string', value: 'ID', help: 'go on with a run that was ended; it has its own specification' },
  ...dataFlags,
};

/** The flags of those that write a kept report. */
export const reportFlags: Flags = {
  out: { type: 'string', value: 'FILE', help: 'where to write it (default: stdout)' },
  language: { type: 'string', value: 'LANGUAGE', help: 'en or ko (default en)' },
  ...dataFlags,
};

interface BacktestCommandSpec {
  readonly words: readonly string[];
  readonly summary: string;
  readonly argument?: string;
  readonly flags: Flags;
  /** What of `backtest.ts` or `backtests.ts` carries it out. */
  readonly run:
    | 'backtest'
    | 'backtestsList'
    | 'backtestsShow'
    | 'backtestsCompare'
    | 'backtestsReport'
    | 'backtestsDelete';
}

/** `monsta backtest`, and what looks after the results that are kept. */
export const BACKTEST_COMMANDS: readonly BacktestCommandSpec[] = [
  {
    words: ['backtest'],
    summary: 'runs a strategy on past bars or ticks, on the kernel that trades for real, and keeps the result',
    flags: backtestFlags,
    run: 'backtest',
  },
  {
    words: ['backtests', 'list'],
    summary: 'lists the backtests that are kept, newest first',
    flags: dataFlags,
    run: 'backtestsList',
  },
  {
    words: ['backtests', 'show'],
    argument: 'ID',
    summary: 'shows a kept backtest as monsta backtest did',
    flags: dataFlags,
    run: 'backtestsShow',
  },
  {
    words: ['backtests', 'compare'],
    argument: 'ID,ID',
    summary: 'sets kept backtests side by side: where their specifications differ, and their statistics',
    flags: dataFlags,
    run: 'backtestsCompare',
  },
  {
    words: ['backtests', 'report'],
    argument: 'ID',
    summary: 'writes a kept backtest as one HTML file that stands alone; several, with commas between, side by side',
    flags: reportFlags,
    run: 'backtestsReport',
  },
  {
    words: ['backtests', 'delete'],
    argument: 'ID',
    summary: 'removes a kept backtest; that it was tried stays remembered',
    flags: dataFlags,
    run: 'backtestsDelete',
  },
];
