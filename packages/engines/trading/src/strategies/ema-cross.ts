import { INTERVALS } from '@monsta/core';
import { ema } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';

/** How many times the slow period both averages look back: what they begin with then weighs less than 4·10⁻⁴ of the slow one. */
const LOOK_BACK = 5;

/** The same at each close, of which few are read. */
const WHY = {
  reason: ({ fast, slow }: { readonly fast: number; readonly slow: number }): string =>
    `fast EMA ${fast.toPrecision(9)} ${fast > slow ? 'above' : 'not above'} slow EMA ${slow.toPrecision(9)}`,
};

/** Long while the fast average of the closes is above the slow one, flat otherwise; with `short` short. */
export const emaCross = defineStrategy({
  name: 'ema-cross',
  description:
    'Long while the fast exponential average of the closes is above the slow one, flat otherwise; with `short` short, where that is allowed.',
  parameters: {
    fast: { kind: 'integer', default: 9, min: 2, max: 200 },
    slow: { kind: 'integer', default: 21, min: 3, max: 500 },
    short: { kind: 'boolean', default: false },
    interval: { kind: 'choice', default: '1m', options: INTERVALS },
  },
  validate: ({ fast, slow }) => (fast < slow ? null : `fast (${fast}) must be below slow (${slow})`),
  intervals: ({ interval }) => [interval],
  indicators: ({ fast, slow }) => ({ fast: ema(fast, slow * LOOK_BACK), slow: ema(slow, slow * LOOK_BACK) }),
  shorts: ({ short }) => short,
  onBar({ indicators: { fast, slow }, parameters: { short }, setTarget }) {
    setTarget(fast > slow ? 1 : short ? -1 : 0, WHY);
  },
});
