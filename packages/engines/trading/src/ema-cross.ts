import { INTERVALS } from '@monsta/core';
import { defineStrategy } from './strategy.ts';

/** How many times the slow period is looked back: the seed then weighs less than 10^-4 of the average. */
const LOOK_BACK = 5;

/** Long while the fast average of the closes is above the slow one, flat otherwise. */
export const emaCross = defineStrategy({
  name: 'ema-cross',
  description: 'Long while the fast exponential average of the closes is above the slow one, flat otherwise.',
  parameters: {
    fast: { kind: 'integer', default: 9, min: 2, max: 200 },
    slow: { kind: 'integer', default: 21, min: 3, max: 500 },
    interval: { kind: 'choice', default: '1m', options: INTERVALS },
  },
  interval: ({ interval }) => interval,
  warmUpBars: ({ slow }) => slow * LOOK_BACK,
  validate: ({ fast, slow }) => (fast < slow ? null : `fast (${fast}) must be below slow (${slow})`),
  onBar(context) {
    const fast = context.ema(context.parameters.fast);
    const slow = context.ema(context.parameters.slow);
    const reason = `fast EMA ${fast.toPrecision(9)} ${fast > slow ? 'above' : 'not above'} slow EMA ${slow.toPrecision(9)}`;
    context.setTarget(fast > slow ? 1 : 0, { reason });
  },
});
