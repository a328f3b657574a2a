import { INTERVALS } from '@monsta/core';
import { lag, rsi } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';

/** Buys when the relative strength index comes back up through `oversold`, sells when it has reached `exit`; a stop rests below. */
export const rsiReversal = defineStrategy({
  name: 'rsi-reversal',
  description:
    'In when the RSI rises back through the oversold level, out when it reaches the exit level or the stop below the entry.',
  parameters: {
    period: { kind: 'integer', default: 14, min: 2, max: 200 },
    oversold: { kind: 'number', default: 30, min: 1, max: 50 },
    exit: { kind: 'number', default: 55, min: 10, max: 99 },
    stop: { kind: 'number', default: 0.03, min: 0.001, max: 0.5 },
    interval: { kind: 'choice', default: '5m', options: INTERVALS },
  },
  validate: ({ oversold, exit }) => (oversold < exit ? null : `oversold (${oversold}) must be below exit (${exit})`),
  intervals: ({ interval }) => [interval],
  indicators: ({ period }) => ({ now: rsi(period), before: lag(1, rsi(period)) }),
  onBar({ indicators: { now, before }, parameters: { oversold, exit, stop }, position, orders, bracket, close }) {
    if (position.quantity > 0) {
      if (now >= exit) close({ reason: `RSI ${now.toFixed(1)} has reached ${exit}` });
      return;
    }
    if (orders.length > 0 || !(before < oversold && now >= oversold)) return;
    const reason = `RSI ${before.toFixed(1)} → ${now.toFixed(1)}, back above ${oversold}`;
    bracket({ fraction: 1, stopDistance: stop, reason, tag: 'entry' });
  },
});
