'use client';
import type { QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Asking } from '../../data/admin-change.ts';
import { useTranslate } from '../../data/display.ts';
import { SmallButton } from '../parts/small-button.tsx';
import { ConfirmDialog } from '../trading/confirm-dialog.tsx';

interface Change {
  readonly label: string;
  readonly title: string;
  readonly text: string;
  readonly ask: Asking;
  /** What the change may have touched. */
  readonly touched: readonly QueryKey[];
  readonly onDone?: () => void;
}

interface RunActionsProps {
  /** Of the form that begins with what this one was asked. */
  readonly again: string;
  /** Null: there is none. */
  readonly report: string | null;
  /** What can be done to it now: it is canceled while it is under way, and removed after. */
  readonly change: Change;
}

const LINK =
  'grid min-h-7 place-items-center rounded border border-line px-2 text-xs font-medium hover:bg-raised pointer-coarse:min-h-10';

/** What can be done with a backtest or an optimisation. */
export function RunActions({ again, report, change }: RunActionsProps): ReactNode {
  const t = useTranslate();
  const { label, title, text, ask, touched, onDone } = change;
  return (
    <div className="flex flex-wrap items-center gap-2">
      <a href={again} className={LINK}>
        {t('backtests.again')}
      </a>
      {report === null ? null : (
        <a href={report} target="_blank" rel="noreferrer" className={LINK}>
          {t('backtests.report')}
        </a>
      )}
      <ConfirmDialog
        key={label}
        trigger={<SmallButton>{label}</SmallButton>}
        {...{ title, text, touched }}
        confirm={label}
        danger
        reason={null}
        ask={() => ask}
        {...(onDone === undefined ? {} : { onDone })}
      />
    </div>
  );
}
