'use client';
import type { BarMessage } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { percentChange, subtract, trendOf } from '../../lib/decimal-text.ts';
import { TrendValue } from '../parts/trend-value.tsx';

/** The figures of one bar: the one under the pointer, or the newest. */
export function ChartLegend({ bar }: { readonly bar: BarMessage | undefined }): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  if (bar === undefined) return null;
  const difference = subtract(bar.close, bar.open);
  const percent = percentChange(bar.open, bar.close);
  const figures = [
    [t('chart.open'), format.exact(bar.open)],
    [t('chart.high'), format.exact(bar.high)],
    [t('chart.low'), format.exact(bar.low)],
    [t('chart.close'), format.exact(bar.close)],
    [t('chart.volume'), format.compact(bar.volume)],
  ] as const;
  return (
    <div
      data-testid="legend"
      className="figures pointer-events-none absolute top-1.5 left-3 z-10 flex max-w-[80%] flex-wrap gap-x-2.5 text-[0.72rem] leading-snug"
    >
      <span className="text-muted">{format.shortDateTime(bar.openTimeMs)}</span>
      {figures.map(([label, value]) => (
        <span key={label}>
          <span className="text-muted">{label}</span> {value}
        </span>
      ))}
      {difference === null || percent === null ? null : (
        <TrendValue trend={trendOf(difference)}>{format.signed(percent, 2)}%</TrendValue>
      )}
      {bar.closed ? null : <span className="text-muted">{t('chart.forming')}</span>}
    </div>
  );
}
