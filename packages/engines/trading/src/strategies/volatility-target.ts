import { INTERVALS } from '@monsta/core';
import { realizedVolatility } from '@monsta/features/indicators';
import { defineStrategy } from '../strategy.ts';

/** Holds as much that its volatility is the wanted one (A. Moreira and T. Muir, Volatility-Managed Portfolios, 2017), at most its allocation. */
export const volatilityTarget = defineStrategy({
  name: 'volatility-target',
  description:
    'Holds the share of its allocation at which the position swings as much a year as is wanted: less in wild markets, all of it in calm ones.',
  parameters: {
    target: { kind: 'number', default: 0.3, min: 0.01, max: 2 },
    period: { kind: 'integer', default: 48, min: 5, max: 1_000 },
    interval: { kind: 'choice', default: '1h', options: INTERVALS },
  },
  intervals: ({ interval }) => [interval],
  indicators: ({ period }) => ({ volatility: realizedVolatility(period) }),
  onBar({ indicators: { volatility }, parameters: { target }, setTarget }) {
    const fraction = volatility > target ? target / volatility : 1;
    const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
    setTarget(fraction, { reason: `realised volatility ${percent(volatility)} a year, wanted ${percent(target)}` });
  },
});
