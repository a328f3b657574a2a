import { INTERVALS } from '@monsta/core';
import { defineStrategy } from '../strategy.ts';

/** Buys its allocation once and keeps it: what every other strategy has to be compared with. What a person or a stop sold is not bought again. */
export const buyAndHold = defineStrategy({
  name: 'buy-and-hold',
  description:
    'Buys its allocation at the first closed bar and keeps it. What a person or a stop sold is not bought again.',
  parameters: { interval: { kind: 'choice', default: '1m', options: INTERVALS } },
  intervals: ({ interval }) => [interval],
  state: () => ({ bought: false }),
  onBar({ position, state, setTarget }) {
    if (position.quantity > 0) state.bought = true;
    else if (!state.bought) setTarget(1, { reason: 'nothing has been bought yet' });
  },
});
