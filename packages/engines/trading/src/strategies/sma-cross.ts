import { INTERVALS } from '@monsta/core';
import { sma } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';

/** The same at each close, of which few are read. */
const WHY = {
  reason: ({ fast, slow }: { readonly fast: number; readonly slow: number }): string =>
    `fast SMA ${fast.toPrecision(9)} ${fast > slow ? 'above' : 'not above'} slow SMA ${slow.toPrecision(9)}`,
};

/** Long while the plain average of the last `fast` closes is above that of the last `slow`, flat otherwise; with `short` short. */
export const smaCross = defineStrategy({
  name: 'sma-cross',
  description:
    'Long while the fast plain average of the closes is above the slow one, flat otherwise; with `short` short, where that is allowed.',
  parameters: {
    fast: { kind: 'integer', default: 10, min: 1, max: 500 },
    slow: { kind: 'integer', default: 50, min: 2, max: 2_000 },
    short: { kind: 'boolean', default: false },
    interval: { kind: 'choice', default: '1m', options: INTERVALS },
  },
  validate: ({ fast, slow }) => (fast < slow ? null : `fast (${fast}) must be below slow (${slow})`),
  intervals: ({ interval }) => [interval],
  indicators: ({ fast, slow }) => ({ fast: sma(fast), slow: sma(slow) }),
  shorts: ({ short }) => short,
  onBar({ indicators: { fast, slow }, parameters: { short }, setTarget }) {
    setTarget(fast > slow ? 1 : short ? -1 : 0, WHY);
  },
});
