'use client';
import type { BacktestStatisticList } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useDisplay, useFormat, useTranslate } from '../../data/display.ts';
import { Unknown } from '../parts/unknown.tsx';

interface FigureProps {
  readonly unit: BacktestStatisticList['items'][number]['unit'];
  readonly value: number | null | undefined;
}

/** A statistic in its unit; what can't be known is a dash. */
export function Figure({ unit, value }: FigureProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { locale } = useDisplay();
  if (value === null || value === undefined) return <Unknown why={t('backtests.unknown')} />;
  switch (unit) {
    case 'share':
      return format.share(value, 2);
    case 'ratio':
    case 'money':
      return format.number(value, 2);
    case 'count':
      return new Intl.NumberFormat(locale).format(value);
    case 'ms':
      return format.about(value);
  }
}
