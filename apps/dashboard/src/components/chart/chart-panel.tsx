'use client';
import type { InstrumentMessage } from '@monsta/contracts';
import type { Interval } from '@monsta/core';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { FaultNote } from '../parts/fault-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Segments } from '../parts/segments.tsx';
import { ChartFootnote } from './chart-footnote.tsx';
import { ChartLegend } from './chart-legend.tsx';
import { usePriceChart } from './use-price-chart.ts';

interface ChartPanelProps {
  readonly instrument: InstrumentMessage;
  readonly interval: Interval;
  readonly intervals: readonly Interval[];
  readonly onInterval: (interval: Interval) => void;
}

/** The live chart of one instrument and interval; remount it for another. */
export function ChartPanel({ instrument, interval, intervals, onInterval }: ChartPanelProps): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const { container, feed, hovered, following, toNewest, retry } = usePriceChart(instrument, interval);
  const bars = feed?.window.bars ?? [];
  const newest = bars.at(-1);
  const waiting = feed === null || feed.phase === 'loading';
  return (
    <Panel
      title={t('chart.title')}
      aside={
        <Segments
          label={t('market.interval')}
          segments={intervals.map((value) => ({ value, label: value }))}
          value={interval}
          onChange={onInterval}
        />
      }
    >
      <div className="relative" id="chart">
        <ChartLegend bar={hovered ?? newest} />
        <figure
          ref={container}
          data-testid="chart"
          aria-label={t('chart.label', {
            instrument: instrument.id,
            interval,
            close: newest === undefined ? '—' : format.exact(newest.close),
          })}
          className="h-80 w-full lg:h-[27rem]"
        />
        {waiting || bars.length === 0 ? (
          <output className="absolute inset-0 grid place-items-center text-xs text-muted">
            {waiting ? t('chart.loading') : t('chart.empty')}
          </output>
        ) : null}
        {feed?.loadingOlder === true ? (
          <output className="absolute top-8 left-3 text-xs text-muted">{t('chart.loadingOlder')}</output>
        ) : null}
        {following || bars.length === 0 ? null : (
          <button
            type="button"
            onClick={toNewest}
            className="absolute right-24 bottom-9 z-10 min-h-7 rounded border border-line bg-panel px-2 text-xs font-medium shadow-sm"
          >
            {t('chart.toNow')} <span aria-hidden="true">→</span>
          </button>
        )}
      </div>
      {feed === null || feed.fault === null ? null : <FaultNote fault={feed.fault} onRetry={retry} />}
      <ChartFootnote bars={bars} interval={interval} />
    </Panel>
  );
}
