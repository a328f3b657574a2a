import { INTERVALS } from '@monsta/core';
import { bollinger } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';

/** Buys a close above the upper band, sells a close below the middle; a stop follows the highest price. */
export const bollingerBreakout = defineStrategy({
  name: 'bollinger-breakout',
  description:
    'In when a bar closes above the upper Bollinger band, out when one closes below the middle, or at a stop that follows the highest price.',
  parameters: {
    period: { kind: 'integer', default: 20, min: 2, max: 500 },
    width: { kind: 'number', default: 2, min: 0.5, max: 5 },
    trailingBps: { kind: 'integer', default: 300, min: 10, max: 2_000 },
    interval: { kind: 'choice', default: '5m', options: INTERVALS },
  },
  intervals: ({ interval }) => [interval],
  indicators: ({ period, width }) => ({ band: bollinger(period, width) }),
  onBar({ bar, indicators: { band }, parameters: { trailingBps }, position, orders, bracket, close }) {
    if (position.quantity > 0) {
      if (bar.close < band.middle)
        close({ reason: `close ${bar.close} is below the middle band ${band.middle.toPrecision(9)}` });
      return;
    }
    if (orders.length > 0 || bar.close <= band.upper) return;
    const reason = `close ${bar.close} is above the upper band ${band.upper.toPrecision(9)}`;
    bracket({ fraction: 1, trailingBps, reason, tag: 'entry' });
  },
});
