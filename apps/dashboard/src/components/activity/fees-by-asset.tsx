'use client';
import type { PositionMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { Unknown } from '../parts/unknown.tsx';

const DIGITS_MAX = 8;

/** What was paid, in each asset; and of which of it nobody knew the price. */
export function FeesByAsset({ fees }: Pick<PositionMessage, 'fees'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const assets = Object.entries(fees.byAsset);
  if (assets.length === 0) return <Unknown why={t('fees.none')} />;
  return assets.map(([asset, fee]) => {
    const unvalued = fees.unvalued[asset];
    return (
      <span key={asset} className="block" title={unvalued === undefined ? undefined : t('fees.unvalued')}>
        {format.short(fee, DIGITS_MAX)} <span className="text-muted">{asset}</span>
        {unvalued === undefined ? null : <span className="text-warn"> ?</span>}
      </span>
    );
  });
}
