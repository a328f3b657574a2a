'use client';
import type { BacktestSummary } from '@monsta/contracts';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

/** Why a run came to nothing, in the server's words; nothing where it did not fail. */
export function RunFault({ fault }: Pick<BacktestSummary, 'fault'>): ReactNode {
  const t = useTranslate();
  if (fault === null) return null;
  return (
    <div role="alert" className="rounded border border-danger p-2">
      <p className="font-semibold text-danger">
        {t('backtests.failed.text')} <code className="font-normal">{fault.code}</code>
      </p>
      <p lang="en" className="mt-0.5 break-words whitespace-pre-wrap">
        {fault.message}
      </p>
    </div>
  );
}
