'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';
import { isSimulatedMarket } from '../../lib/market-name.ts';

/** Says of a market that MONSTA generates that it does. */
export function SimulatedChip({ market }: { readonly market: string }): ReactNode {
  const t = useTranslate();
  if (!isSimulatedMarket(market)) return null;
  return (
    <span
      title={t('data.simulated.text')}
      className="rounded border border-current px-1 text-[0.65rem] font-semibold text-warn"
    >
      {t('data.simulated')}
    </span>
  );
}
