'use client';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { TrendValue } from '../parts/trend-value.tsx';
import { Unknown } from '../parts/unknown.tsx';

/** A share that rose or fell, as percent; a dash where it can't be known. */
export function ShareValue({ value }: { readonly value: number | null | undefined }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (value === null || value === undefined) return <Unknown why={t('backtests.unknown')} />;
  const trend = value > 0 ? 'up' : value < 0 ? 'down' : 'flat';
  return (
    <TrendValue trend={trend}>
      {value > 0 ? '+' : ''}
      {format.share(value, 2)}
    </TrendValue>
  );
}
