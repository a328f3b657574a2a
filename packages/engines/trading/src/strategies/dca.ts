import { MS_PER_SECOND } from '@monsta/core';
import { defineStrategy } from '../strategy.ts';

const HOUR_MS = 3_600 * MS_PER_SECOND;
/** So that prices are there. */
const FIRST_AFTER_MS = 10 * MS_PER_SECOND;

/** Buys for the same amount again and again, whatever the price (dollar-cost averaging), until its allocation is used up. */
export const dca = defineStrategy({
  name: 'dca',
  description:
    'Buys for the same amount of the quote asset every so many hours, whatever the price, until its allocation is used up. Never sells.',
  parameters: {
    amount: { kind: 'number', default: 25, min: 1, max: 1_000_000 },
    everyHours: { kind: 'number', default: 24, min: 0.05, max: 8_760 },
  },
  intervals: () => [],
  // A restart goes on in the same rhythm: timers survive it.
  state: () => ({ begun: false }),
  onStart({ parameters: { everyHours }, state, setTimer }) {
    if (state.begun) return;
    state.begun = true;
    setTimer('first', { afterMs: FIRST_AFTER_MS });
    setTimer('buy', { everyMs: everyHours * HOUR_MS });
  },
  onTimer({ parameters: { amount }, position, order, log }) {
    if (position.fraction === null) log('nothing is bought this time: a price is missing');
    else if (position.fraction >= 1) log('nothing is bought: the allocation is used up');
    else order({ side: 'buy', type: 'market', notional: amount, reason: 'it is time', tag: 'dca' });
  },
});
