'use client';
import type { Interval } from '@monsta/core';
import type { BarMessage } from '@monsta/contracts';
import { useMemo, type ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { BARS_HELD_MAX, gapsOf } from '../../lib/bar-window.ts';

interface ChartFootnoteProps {
  readonly bars: readonly BarMessage[];
  readonly interval: Interval;
}

/** How to read the chart, and what it lacks. */
export function ChartFootnote({ bars, interval }: ChartFootnoteProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const gaps = useMemo(() => gapsOf(bars, interval), [bars, interval]);
  const [widest] = gaps.toSorted((a, b) => b.missingBars - a.missingBars);
  return (
    <p className="figures flex flex-wrap gap-x-4 border-t border-line px-3 py-1.5 text-[0.7rem] text-muted">
      <span>{t('chart.legendFills')}</span>
      <span>{t('footer.times', { zone: format.zone })}</span>
      {widest === undefined ? null : (
        <span className="text-warn">
          <span aria-hidden="true">▲ </span>
          {t('chart.gaps', {
            gaps: format.exact(String(gaps.length)),
            bars: format.exact(String(widest.missingBars)),
            time: format.dateTime(widest.beforeMs),
          })}
        </span>
      )}
      {bars.length < BARS_HELD_MAX ? null : (
        <span>{t('chart.limited', { held: format.exact(String(bars.length)) })}</span>
      )}
    </p>
  );
}
