'use client';
import type { BacktestSummary } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useFormat, useTranslate } from '../../data/display.ts';

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
      <progress
        aria-label={t('backtests.progress')}
        max={1}
        value={progress}
        className="h-1.5 w-full min-w-16 appearance-none overflow-hidden rounded-full bg-raised [&::-moz-progress-bar]:bg-[var(--accent)] [&::-webkit-progress-bar]:bg-[var(--raised)] [&::-webkit-progress-value]:bg-[var(--accent)]"
      />
      <span className="figures text-xs text-muted">{state === 'queued' ? t('backtests.waits') : share}</span>
    </div>
  );
}
