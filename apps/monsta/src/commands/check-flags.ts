import type { FlagSpec, FlagValues } from '../cli/arguments.ts';

/** At how many moments the future is changed unless somebody says so. */
export const CUTS = 20;

/** Of `monsta backtest`: they look for something in the place of a run. */
export const checkFlags: Readonly<Record<string, FlagSpec>> = {
  'check-lookahead': {
    type: 'boolean',
    help: 'in the place of a run: does anything asked for, or any indicator, depend on what comes later?',
  },
  'check-warmup': {
    type: 'boolean',
    help: 'in the place of a run: does anything depend on how much history came before the beginning?',
  },
  cuts: { type: 'string', value: 'N', help: `at how many moments the future is changed (default ${CUTS})` },
};

export const asksForChecks = (flags: FlagValues): boolean =>
  flags['check-lookahead'] === true || flags['check-warmup'] === true;
