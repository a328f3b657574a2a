'use client';
import type { BacktestSummary } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';
import { ProgressTrack } from '../parts/progress-track.tsx';

const COLOURS = {
  queued: 'text-muted',
  running: 'text-accent',
  done: 'text-good',
  failed: 'text-danger',
  canceled: 'text-muted',
} as const;
const MARKS = { queued: '◌', running: '▶', done: '✓', failed: '✕', canceled: '–' } as const;

/** How a backtest is, in a word with its mark. */
export function StateChip({ state }: Pick<BacktestSummary, 'state'>): ReactNode {
  const t = useTranslate();
  return (
    <span data-state={state} className={`text-xs font-semibold whitespace-nowrap ${COLOURS[state]}`}>
      <span aria-hidden="true" className="mr-1">
        {MARKS[state]}
      </span>
      {t(`backtests.state.${state}`)}
    </span>
  );
}

/** How far a backtest is, of its bars. */
export function ProgressBar({ state, progress }: Pick<BacktestSummary, 'state' | 'progress'>): ReactNode {
  const t = useTranslate();
  const format = useFormat();
  const share = format.share(progress, 0);
  return (
    <div className="flex items-center gap-2">
      <ProgressTrack label={t('backtests.progress')} share={progress} />
      <span className="figures text-xs text-muted">{state === 'queued' ? t('backtests.waits') : share}</span>
    </div>
  );
}
