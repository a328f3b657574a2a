'use client';
import type { ReactNode } from 'react';
import { useTranslate } from '../../data/display.ts';

interface FallenProps {
  readonly thrown: Error;
  readonly onRetry: () => void;
}

/** What stands where a panel failed. */
export function Fallen({ thrown, onRetry }: FallenProps): ReactNode {
  const t = useTranslate();
  return (
    <div role="alert" className="rounded-md border border-danger bg-panel p-3 text-xs">
      <p className="font-semibold text-danger">{t('app.crashed')}</p>
      <p lang="en" className="break-words">
        {thrown.message}
      </p>
      <button type="button" onClick={onRetry} className="min-h-7 font-medium text-accent underline">
        {t('app.retry')}
      </button>
    </div>
  );
}
